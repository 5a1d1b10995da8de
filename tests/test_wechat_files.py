"""What our messages bring along, on the three ways of WeChat: pictures where there is room, documents where there is a way."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App
from bot.model.messages import Author, File
from bot.router import Router, Routes
from bot.turn import Turn
from handlers import ROUTERS
from tests.fake_wechat import FakeWeChat, settled
from tests.fake_wecom import FakeWeCom
from tests.fakes import Clock
from tests.pictures import jpeg
from tests.wechat_apps import bot_on_wechat, bot_on_wecom, idle

ANNA, BEN = "o-anna", "o-ben"
PHOTO = jpeg("an example")
PACK = b"%PDF-1.7 all that there is"


def of(content: bytes, name: str, kind: str) -> File:
    return File(f"object/{hashlib.sha256(content).hexdigest()}", name, kind)


EXAMPLE = of(PHOTO, "label.jpg", "image/jpeg")
DOCUMENT = of(PACK, '售后单 "KS".pdf', "application/pdf")
brings = Router("brings")


@brings.first_contact
def say_nothing(_turn: Turn) -> None:
    pass


@brings.command("example")
def bring_example(turn: Turn) -> None:
    turn.say_text("像这样拍面单。", files=(EXAMPLE,))


@brings.command("pack")
def bring_pack(turn: Turn) -> None:
    turn.say_text("您的售后单整理好了。", author=Author.BOT, files=(DOCUMENT,))


@brings.command("lost")
def bring_what_is_gone(turn: Turn) -> None:
    turn.say_text("像这样拍。", files=(of(b"never kept", "gone.jpg", "image/jpeg"),))


@brings.command("two")
def bring_two(turn: Turn) -> None:
    turn.say_text("像这两张。", files=(EXAMPLE, EXAMPLE))


ROUTES = Routes([brings, *ROUTERS])


async def keep(app: App, folder: Path) -> None:
    for content in (PHOTO, PACK):
        file = folder / "to-keep"
        file.write_bytes(content)
        await app.objects.put_file(file)


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fake(clock: Clock) -> FakeWeChat:
    return FakeWeChat(lambda: clock().timestamp())


@pytest.fixture
async def wecom(clock: Clock) -> AsyncIterator[FakeWeCom]:
    fake = FakeWeCom(lambda: clock().timestamp())
    await fake.start()
    yield fake
    await fake.stop()


def told(fake: FakeWeChat | FakeWeCom, who: str = ANNA) -> list[str]:
    """A file shows as its name."""
    return [one.file.name if one.file else one.text for one in fake.shown.get(who, [])]


async def all_sent(app: App) -> bool:
    async with app.database.reading() as connection:
        return {"sent"} == set((await connection.execute(text("SELECT state FROM outbox"))).scalars())


async def is_postponed(app: App, clock: Clock) -> bool:
    """What could not be sent waits for its time, which is noted: only then may the clock go on."""
    async with app.database.reading() as connection:
        due = await connection.execute(text("SELECT due_at FROM outbox WHERE state = 'due'"))
        return any(datetime.fromisoformat(at) > clock() for at in due.scalars())


async def until_sent(app: App) -> None:
    await settled(lambda: all_sent(app))


async def test_words_are_the_answer_and_the_picture_follows_by_a_call(
    fake: FakeWeChat, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, routes=ROUTES, buttons="list") as app:
        await keep(app, tmp_path)
        await fake.says(ANNA, "/example")
        await settled(lambda: told(fake) == ["像这样拍面单。", "label.jpg"])
        assert fake.shown[ANNA][0].passive
        shown = fake.shown[ANNA][1].file
        assert shown
        assert (shown.content, shown.kind) == (PHOTO, "image/jpeg")
        assert fake.windows[ANNA]["message"].free == 4, "the answer is free, the picture is not"
        async with app.database.reading() as connection:
            assert (await connection.execute(text("SELECT free FROM windows"))).scalar() == 4


async def test_picture_is_uploaded_once_for_all_while_it_lasts(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, routes=ROUTES, buttons="list") as app:
        await keep(app, tmp_path)
        for who in (ANNA, BEN):
            await fake.says(who, "/example")
            await settled(lambda who=who: "label.jpg" in told(fake, who))  # type: ignore[misc]
        assert fake.calls.count("upload") == 1

        clock.wait(timedelta(days=3))
        await fake.says(ANNA, "/example")
        await settled(lambda: told(fake).count("label.jpg") == 2)
        assert fake.calls.count("upload") == 2
        assert fake.refusals == []

        fake.ours.clear()  # WeChat may forget earlier than it says
        clock.wait(timedelta(seconds=1))
        await fake.says(ANNA, "/example")
        await settled(lambda: told(fake).count("label.jpg") == 3)
        assert (fake.calls.count("upload"), fake.refusals) == (3, [40007])


async def test_picture_never_takes_the_place_of_a_decision(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(
        tmp_path, fake, clock, routes=ROUTES, buttons="list", message_quota=2, touch_quota=0
    ) as app:
        await keep(app, tmp_path)
        await fake.says(ANNA, "/two")
        await settled(lambda: "label.jpg" in told(fake))
        await until_sent(app)
        await idle(app)

        assert told(fake) == ["像这两张。", "label.jpg"], "of two messages one is kept"
        assert fake.refusals == []


@pytest.mark.parametrize("verified", [True, False])
async def test_without_room_or_right_only_the_words_go(
    fake: FakeWeChat, clock: Clock, tmp_path: Path, verified: bool
) -> None:
    fake.is_verified = verified
    more = {"message_quota": 1, "touch_quota": 0} if verified else {"verified": False}
    async with bot_on_wechat(tmp_path, fake, clock, routes=ROUTES, buttons="list", **more) as app:
        await keep(app, tmp_path)
        await fake.says(ANNA, "/example")
        await until_sent(app)
        await idle(app)

        assert told(fake) == ["像这样拍面单。"]
        assert not {"upload", "send"} & set(fake.calls)


async def test_picture_that_cannot_go_takes_nothing_with_it(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    fake.is_mini = True
    async with bot_on_wechat(tmp_path, fake, clock, routes=ROUTES) as app:
        await fake.says(ANNA, "/lost")
        await settled(lambda: told(fake) == ["像这样拍。"])
        await until_sent(app)
        await keep(app, tmp_path)
        fake.next_errors = [0, 45009]  # the words go, the upload does not
        await fake.says(ANNA, "/example")
        await settled(lambda: len(told(fake)) == 2)
        await until_sent(app)
        clock.wait(timedelta(minutes=20))
        await fake.says(ANNA, "/example")
        await settled(lambda: told(fake) == ["像这样拍。", "像这样拍面单。", "像这样拍面单。", "label.jpg"])


@pytest.mark.parametrize("mini", [False, True])
async def test_document_waits_on_the_page_where_there_is_no_way(
    fake: FakeWeChat, clock: Clock, tmp_path: Path, mini: bool
) -> None:
    fake.is_mini = mini
    more = {} if mini else {"buttons": "list"}
    async with bot_on_wechat(tmp_path, fake, clock, routes=ROUTES, **more) as app:
        await keep(app, tmp_path)
        await fake.says(ANNA, "/pack")
        await until_sent(app)

        assert len(told(fake)) == 1
        assert told(fake)[0].startswith("您的售后单整理好了。\n\n这里发不了文件")
        assert "/link" in told(fake)[0]
        assert "upload" not in fake.calls


async def test_wecom_brings_documents_and_pictures(wecom: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, wecom, clock, routes=ROUTES) as app:
        await keep(app, tmp_path)
        await wecom.says(ANNA, "/pack")
        await settled(lambda: len(told(wecom)) == 2)
        assert told(wecom) == ["您的售后单整理好了。", "售后单 KS.pdf"]
        assert wecom.shown[ANNA][1].file == wecom.ours[next(iter(wecom.ours))]
        assert wecom.shown[ANNA][1].file.content == PACK  # type: ignore[union-attr]
        await wecom.says(ANNA, "/example")
        await settled(lambda: told(wecom)[2:] == ["像这样拍面单。", "label.jpg"])
        assert wecom.windows[ANNA].free == 3
        wecom.ours.clear()
        await wecom.says(ANNA, "/pack")
        await settled(lambda: told(wecom)[4:] == ["您的售后单整理好了。", "售后单 KS.pdf"])
        assert wecom.refusals == [40007]


async def test_wecom_says_where_a_document_is_that_it_does_not_take(
    wecom: FakeWeCom, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wecom(tmp_path, wecom, clock, routes=ROUTES) as app:
        await wecom.says(ANNA, "/pack")
        await until_sent(app)

        assert len(told(wecom)) == 1
        assert "这里发不了文件" in told(wecom)[0]


async def test_document_whose_upload_was_not_answered_is_brought_later(
    wecom: FakeWeCom, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wecom(tmp_path, wecom, clock, routes=ROUTES) as app:
        await keep(app, tmp_path)
        await wecom.says(ANNA, "/example")
        await settled(lambda: len(told(wecom)) == 2)
        wecom.next_errors = [0] * 1 + [-1]
        await wecom.says(ANNA, "/pack")
        await settled(lambda: is_postponed(app, clock))
        clock.wait(timedelta(seconds=3))
        await settled(lambda: told(wecom)[2:] == ["您的售后单整理好了。", "售后单 KS.pdf"])
        await until_sent(app)
