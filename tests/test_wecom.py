"""The whole way through 微信客服: pages, places, people who take over, and messages that never arrive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Accept
from bot.adapters.wecom.adapter import WeComAdapter
from bot.app import App
from bot.model.messages import Author
from bot.settings import DATABASE
from bot.store import bookmarks, messages
from bot.store.database import BUSY_SECONDS, Database, StoreUnavailableError
from bot.supervisor import Supervisor
from tests.fake_wechat import Crypto, settled, xml_of
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.fakes import Clock
from tests.pictures import jpeg
from tests.waiting import until
from tests.wechat_apps import bot_on_wecom, give_receipts, idle, wecom_settings

ANNA = "wm-anna"
ADDRESS = f"wecom:{ACCOUNT}/{ANNA}"


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fake(clock: Clock) -> AsyncIterator[FakeWeCom]:
    fake = FakeWeCom(lambda: clock().timestamp())
    await fake.start()
    yield fake
    await fake.stop()


def told(fake: FakeWeCom, who: str = ANNA) -> str:
    return "\n".join(one.text for one in fake.shown.get(who, []))


async def heard(app: App) -> list[str]:
    """What customers said, in the order in which it was handled."""
    async with app.database.reading() as connection:
        found = await connection.execute(text("SELECT body FROM inbox WHERE position > 0 ORDER BY rowid"))
        return [body.split('"text":"')[1].split('"')[0] for body in found.scalars()]


async def until_heard(app: App, count: int) -> list[str]:
    async def is_heard() -> bool:
        return len(await heard(app)) >= count

    await until(is_heard)
    return await heard(app)


async def until_read(app: App, fake: FakeWeCom) -> None:
    """The place after the last message is kept."""
    place = f"n{len(fake.log[ACCOUNT])}"

    async def is_kept() -> bool:
        async with app.database.reading() as connection:
            return str(await bookmarks.get(connection, f"wecom:cursor:{ACCOUNT}")).endswith(place)

    await until(is_kept)


async def states(app: App) -> list[str]:
    async with app.database.reading() as connection:
        return list((await connection.execute(text("SELECT state FROM outbox ORDER BY position"))).scalars())


async def until_state(app: App, state: str) -> None:
    async def is_there() -> bool:
        return state in await states(app)

    await until(is_there)


async def reply(app: App, words: str) -> None:
    fields = {"number": ADDRESS, "agent": "li", "action": "reply", "fields": {"text": words}}
    await app.control.do("case.act", fields)


async def test_question_is_answered_with_a_menu(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock):
        assert await fake.says(ANNA, "运费谁出？")
        await settled(lambda: "运费" in told(fake))

    assert fake.shown[ANNA][-1].menu
    assert fake.refusals == []


async def test_address_is_verified_with_an_encrypted_echo(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock), aiohttp.ClientSession() as http:
        stamp, echo = str(int(fake.clock())), fake.crypto.encrypt("1234567890")
        query = {"timestamp": stamp, "nonce": "1", "echostr": echo, "msg_signature": fake.crypto.sign(stamp, "1", echo)}
        async with http.get(fake.callback, params=query) as answer:
            assert (answer.status, await answer.text()) == (200, "1234567890")
        stranger = Crypto("wwanother").encrypt("1234567890")
        signed = {"echostr": stranger, "msg_signature": fake.crypto.sign(stamp, "1", stranger)}
        for wrong in ({"msg_signature": "0" * 40}, {"echostr": "1234567890"}, signed):
            async with http.get(fake.callback, params=query | wrong) as answer:
                assert answer.status == 403


async def test_forged_rings_are_not_heard(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app, aiohttp.ClientSession() as http:
        await until_read(app, fake)
        fields = {"Event": "kf_msg_or_event", "Token": "t", "OpenKfId": ACCOUNT, "CreateTime": int(fake.clock())}
        body, query = fake.sealed(fields)
        before = len(fake.calls)
        forged = [
            (query | {"msg_signature": "0" * 40}, body),
            (query | {"timestamp": "1"}, body),
            (query, xml_of(fields)),
            (query, ""),
            (query, body.replace("<Encrypt>", "<!DOCTYPE x><Encrypt>")),
        ]
        for wrong, content in forged:
            async with http.post(fake.callback, params=wrong, data=content.encode()) as answer:
                assert answer.status == 403
        assert len(fake.calls) == before
        await fake.says(ANNA, "after the forged ones")
        assert await until_heard(app, 1) == ["after the forged ones"]
        await until_read(app, fake)
        assert fake.calls.count("sync_msg") == 2, "at the start, and for the one ring that is not forged"


async def test_every_page_is_read_also_after_empty_ones(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    fake.page_size, fake.empty_every = 2, 3
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        for number in range(7):
            fake.add(ANNA, "text", {"content": f"第{number}句"})
        await fake.ring()

        assert await until_heard(app, 7) == [f"第{number}句" for number in range(7)]


async def test_history_from_before_the_first_start_is_left_alone(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    for number in range(1000):
        fake.add(f"wm-{number}", "text", {"content": "旧消息"}, at=fake.clock() - 40 * 3600)
    fake.page_size = 300
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        for number in range(5):
            fake.add(ANNA, "text", {"content": f"新{number}"})
        await fake.ring()

        assert await until_heard(app, 5) == [f"新{number}" for number in range(5)]
        await until_read(app, fake)
        assert len(await heard(app)) == 5


async def test_what_was_written_while_we_were_away_is_answered(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "第一句")
        await until_read(app, fake)
    clock.wait(timedelta(hours=5))
    fake.add(ANNA, "text", {"content": "第二句"})
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        assert await until_heard(app, 2) == ["第一句", "第二句"]


async def test_account_whose_reading_fails_is_read_again_and_named_meanwhile(
    fake: FakeWeCom, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()
    sound = WeComAdapter._read_all

    async def read_all(self: WeComAdapter, account: str, accept: Accept) -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError
        await sound(self, account, accept)

    goes_on = asyncio.Event()
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "第一句")
        await until_read(app, fake)
    monkeypatch.setattr(WeComAdapter, "_read_all", read_all)
    fake.add(ANNA, "text", {"content": "第二句"})
    app = App(wecom_settings(tmp_path, fake.url), clock=clock)
    app.supervisor = Supervisor(sleep=lambda _: goes_on.wait())  # type: ignore[arg-type,return-value]
    app.add([app.wecom()])
    await app.take_over()
    app.start(reminders=False)
    app.start_adapters()
    await until(lambda: app.supervisor.down == ["wecom"])
    goes_on.set()
    await until_heard(app, 2)
    assert await heard(app) == ["第一句", "第二句"]
    await app.stop()


async def test_message_that_comes_twice_is_handled_once(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        for _ in range(3):
            await fake.says(ANNA, "在吗", "the-same")
        await until_read(app, fake)

        assert await heard(app) == ["在吗"]


class NoPlaces(Database):
    """Messages can be stored, their places cannot: what a kill between the two leaves."""

    @asynccontextmanager
    async def transaction(self, within: float = BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        async with super().transaction(within) as connection:
            yield connection
            found = (await connection.execute(text("SELECT 1 FROM bookmarks WHERE name LIKE 'wecom:cursor:%'"))).first()
            if found:
                raise StoreUnavailableError("killed here")


async def test_end_between_the_messages_and_their_place_loses_and_doubles_nothing(
    fake: FakeWeCom, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wecom(tmp_path, fake, clock, NoPlaces(tmp_path / DATABASE)) as app:
        await fake.says(ANNA, "第一句")
        assert await until_heard(app, 1) == ["第一句"]
        async with app.database.reading() as connection:
            assert await bookmarks.get(connection, f"wecom:cursor:{ACCOUNT}") is None
    fake.add(ANNA, "text", {"content": "第二句"})
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await until_read(app, fake)

        assert await heard(app) == ["第一句", "第二句"]


async def test_message_whose_answer_was_lost_is_shown_once(tmp_path: Path) -> None:
    fake = FakeWeCom()
    await fake.start()
    fake.lose_answers = 1
    async with bot_on_wecom(tmp_path, fake) as app:
        await fake.says(ANNA, "运费谁出？")
        await settled(lambda: fake.calls.count("send_msg") == 2)
        await until_state(app, "sent")

        assert len(fake.shown[ANNA]) == 1
        assert fake.refusals == [40058], "the second try had the same msgid"
    await fake.stop()


async def test_bot_is_silent_while_people_have_the_conversation(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "在吗")
        await settled(lambda: bool(fake.shown[ANNA]))
        before = len(fake.shown[ANNA])
        await fake.person_takes(ANNA)
        await until_read(app, fake)
        await fake.says(ANNA, "运费谁出？")
        await until_state(app, "refused")
        assert len(fake.shown[ANNA]) == before
        assert fake.refusals == [], "asked before, not refused after"
        assert await heard(app) == ["在吗", "运费谁出？"], "and what is said is in the conversation"

        await reply(app, "您的退款办好了")
        await until_state(app, "waiting")
        await fake.person_ends(ANNA)
        await until_read(app, fake)
        clock.wait(timedelta(seconds=1))
        await fake.says(ANNA, "谢谢")
        await settled(lambda: len(fake.shown[ANNA]) > before)

        since = told(fake)[len("\n".join(one.text for one in fake.shown[ANNA][:before])) :]
        assert "办好了" in since
        assert "运费" not in since, "what people have answered meanwhile is not answered again"


async def test_who_comes_in_is_greeted_once_with_the_code(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.enters(ANNA)
        await settled(lambda: "售后机器人" in told(fake))
        assert fake.calls.count("send_msg_on_event") == 1
        assert "send_msg" not in fake.calls
        await fake.enters(ANNA)
        await until_read(app, fake)
        await idle(app)
        assert len(fake.shown[ANNA]) == 1
        await fake.says(ANNA, "运费谁出？")
        await settled(lambda: "运费" in told(fake))

    assert fake.refusals == []


@pytest.mark.parametrize(
    ("why", "state"),
    [(4, "waiting"), (5, "waiting"), (6, "waiting"), (10, "waiting"), (12, "refused")]
    + [(why, "due") for why in (0, 1, 2, 8, 11, 99)],
)
async def test_message_that_did_not_arrive_is_known_as_such(
    fake: FakeWeCom, clock: Clock, tmp_path: Path, why: int, state: str
) -> None:
    fake.fails_next = [why]
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "运费谁出？")
        await settled(lambda: "send_msg" in fake.calls)
        await fake.ring()
        await until_state(app, state)
        assert told(fake) == ""

        if state == "due":
            assert fake.calls.count("send_msg") == 1, "not at once: somebody has to do something first"
            clock.wait(timedelta(minutes=11))
        await fake.says(ANNA, "谢谢")
        await settled(lambda: "客气" in told(fake))
        await settled(lambda: ("运费" in told(fake)) == (state != "refused"))


async def test_window_that_wecom_counts_otherwise_is_believed(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "在吗")
        await settled(lambda: bool(fake.shown[ANNA]))
        fake.windows[ANNA].free = 0
        await reply(app, "一")
        await until_state(app, "waiting")
        assert fake.refusals == [95001]
        await fake.says(ANNA, "在")
        await settled(lambda: "一" in told(fake))


async def test_ended_tokens_of_both_kinds_are_replaced(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "一")
        await until_read(app, fake)
        fake.token = ""  # the app's
        fake.tokens.clear()  # those of callbacks
        fake.add(ANNA, "text", {"content": "二"})
        app.adapters["wecom"]._ring(ACCOUNT, app.dispatcher.accept)  # type: ignore[attr-defined]

        assert await until_heard(app, 2) == ["一", "二"]


async def test_nine_photos_at_once_get_few_messages(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "水壶收到就是裂的，想退款，订单 2100000000001")
        await settled(lambda: bool(fake.shown[ANNA]))
        before = len(fake.shown[ANNA])
        await asyncio.gather(*(fake.sends_photo(ANNA, jpeg(f"shot {number}")) for number in range(9)))
        await give_receipts(app, clock, 9)
        await settled(lambda: "提交" in told(fake))
        await until_read(app, fake)

        assert len(fake.shown[ANNA]) - before <= 2, "the receipt, and what was still to come of the first answer"
        assert fake.refusals == []


ITEMS: dict[str, tuple[dict[str, object], str]] = {
    "location": ({"latitude": 23.1, "longitude": 113.3, "name": "家", "address": "天河路"}, "（位置） 家 天河路"),
    "link": (
        {"title": "我的快递", "desc": "d", "url": "https://x.example", "pic_url": "u"},
        "我的快递\nhttps://x.example",
    ),
    "miniprogram": ({"title": "水壶", "appid": "wx1", "pagepath": "p"}, "水壶"),
    "business_card": ({"userid": "u"}, "（名片）"),
    "merged_msg": ({"title": "t", "item": []}, "（其他内容） t"),
    "channels_shop_order": ({"order_id": "1"}, "（其他内容）"),
    "text": ({"content": "【收到不支持的消息类型，暂无法显示】"}, "（其他内容）"),
}


async def test_other_kinds_and_nonsense_are_taken_as_they_come(fake: FakeWeCom, clock: Clock, tmp_path: Path) -> None:
    log = fake.log[ACCOUNT]
    async with bot_on_wecom(tmp_path, fake, clock) as app:
        good = {"msgid": "x", "send_time": int(fake.clock()), "origin": 3, "msgtype": "text", "open_kfid": ACCOUNT}
        log += [
            {}, {"msgid": 1}, {"msgid": "a b", "msgtype": "text"}, good, good | {"external_userid": 7},
            good | {"external_userid": ANNA, "text": "no object"}, good | {"external_userid": "a/b\n"},
            good | {"external_userid": ANNA, "origin": 5, "text": {"content": "a colleague's"}, "msgid": "o5"},
            {"msgid": "e1", "msgtype": "event", "event": "x"}, {"msgid": "e2", "msgtype": "event", "event": {}},
        ]  # fmt: skip
        fake.event("servicer_status_change", servicer_userid="li", status=1)
        fake.event("user_recall_msg", external_userid=ANNA, recall_msgid="x")
        for kind, (inner, _) in ITEMS.items():
            fake.add(ANNA, kind, inner)
        await fake.ring()
        await until_read(app, fake)

        async with app.database.reading() as connection:
            said = await messages.after(connection, f"wecom:{ACCOUNT}/{ANNA}", 0, 100)
        assert [one.text for one in said if one.author is Author.CUSTOMER] == [shown for _, shown in ITEMS.values()]
