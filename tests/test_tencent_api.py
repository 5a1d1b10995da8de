"""Tokens, errors and files, against a WeChat that behaves as documented."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Blocked, Closed, Later, Refused, TakenOver
from bot.adapters.wechat.adapter import is_wechats
from bot.adapters.wechat.api import WeChatApi
from bot.settings import DATABASE
from bot.store.database import Database, StoreUnavailableError
from bot.store.tokens import KeptToken
from bot.tencent.api import ApiError, Calls, NoAnswerError, Token
from bot.tencent.codes import CODES, Follows
from bot.tencent.outcomes import outcome_of
from tests.fake_wechat import APP_ID, SECRET, FakeWeChat
from tests.fakes import Clock

ANNA = "o-anna"
TEXT = {"touser": ANNA, "msgtype": "text", "text": {"content": "你好 😀"}}


@pytest.fixture
async def fake() -> AsyncIterator[FakeWeChat]:
    fake = FakeWeChat()
    await fake.start()
    fake.shown[ANNA] = []
    fake.windows[ANNA] = {}
    yield fake
    await fake.stop()


@pytest.fixture
async def api(fake: FakeWeChat) -> AsyncIterator[WeChatApi]:
    api = WeChatApi(APP_ID, SECRET, fake.url)
    yield api
    await api.close()


def opens(fake: FakeWeChat, count: int) -> None:
    fake.open_window(ANNA, "message")
    fake.windows[ANNA]["message"].free = count


async def test_many_at_once_ask_for_one_token(fake: FakeWeChat, api: WeChatApi) -> None:
    opens(fake, 50)

    await asyncio.gather(*(api.send(TEXT) for _ in range(50)))

    assert fake.calls.count("stable_token") == 1
    assert fake.calls.count("send") == 50
    assert fake.shown[ANNA][0].text == "你好 😀"


async def test_token_that_somebody_else_ended_is_fetched_once_by_all(fake: FakeWeChat, api: WeChatApi) -> None:
    opens(fake, 30)
    await api.send(TEXT)
    fake.token = ""

    await asyncio.gather(*(api.send(TEXT) for _ in range(20)))

    assert fake.calls.count("stable_token") == 2
    assert len(fake.shown[ANNA]) == 21


@asynccontextmanager
async def replica(fake: FakeWeChat, folder: Path, clock: Clock, secret: str = SECRET) -> AsyncIterator[WeChatApi]:
    """What another process has: a connection of its own to the one database, and nothing in memory."""
    database = Database(folder / DATABASE)
    await database.migrate()
    kept = KeptToken(database, "wechat", APP_ID, secret)
    api = WeChatApi(APP_ID, SECRET, fake.url, kept, lambda: clock().timestamp())
    try:
        yield api
    finally:
        await api.close()
        await database.close()


async def test_replicas_share_one_token_through_the_store(fake: FakeWeChat, tmp_path: Path) -> None:
    opens(fake, 50)
    clock = Clock()
    async with replica(fake, tmp_path, clock) as one, replica(fake, tmp_path, clock) as other:
        await one.send(TEXT)
        await asyncio.gather(*(api.send(TEXT) for api in (one, other) for _ in range(5)))
        assert fake.calls.count("stable_token") == 1

        fake.token = ""  # ended by the platform
        await one.send(TEXT)
        await asyncio.gather(*(other.send(TEXT) for _ in range(5)))
        assert fake.calls.count("stable_token") == 2, "the other takes what the first has stored"
        assert len(fake.shown[ANNA]) == 17
    async with replica(fake, tmp_path, clock) as later:
        await later.send(TEXT)
        assert fake.calls.count("stable_token") == 2, "nor is it asked for after a restart"

        clock.wait(timedelta(seconds=7000))
        fake.token = ""
        await later.send(TEXT)
        assert fake.calls.count("stable_token") == 3, "what is about to end is not taken"
        assert fake.calls.count("send") == len(fake.shown[ANNA]) + 6, "one refused call of the first, five of the other"


async def test_token_that_all_have_and_the_platform_refuses_is_tried_twice(fake: FakeWeChat, tmp_path: Path) -> None:
    opens(fake, 5)
    async with replica(fake, tmp_path, Clock()) as api:
        await api.token()
        before = len(fake.calls)
        fake.next_errors = [40001] * 1000
        for _ in range(2):
            with pytest.raises(ApiError):
                await api.send(TEXT)

        assert fake.calls[before:] == ["send", "stable_token"] * 1 + ["stable_token", "send", "stable_token"]


async def test_stored_token_is_sealed(fake: FakeWeChat, tmp_path: Path) -> None:
    opens(fake, 5)
    clock = Clock()
    async with replica(fake, tmp_path, clock) as api:
        await api.send(TEXT)
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"wechat:token:" in stored
        for part in (fake.token, fake.token[:20], SECRET):
            assert part.encode() not in stored
    async with replica(fake, tmp_path, clock, "another secret") as api:
        await api.send(TEXT)
        assert fake.calls.count("stable_token") == 2, "sealed under another secret it is none"


class NoStore(Database):
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        raise StoreUnavailableError("gone")
        yield

    transaction = reading


async def test_store_that_is_gone_does_not_silence_us(fake: FakeWeChat, tmp_path: Path) -> None:
    opens(fake, 5)
    api = WeChatApi(APP_ID, SECRET, fake.url, KeptToken(NoStore(tmp_path / DATABASE), "wechat", APP_ID, SECRET))
    await api.send(TEXT)
    await api.close()
    assert len(fake.shown[ANNA]) == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_refused_token_is_tried_once_more_and_never_for_ever(fake: FakeWeChat, api: WeChatApi, code: int) -> None:
    opens(fake, 5)
    await api.token()
    fake.token, fake.next_errors = "", [code]
    await api.send(TEXT)
    assert len(fake.shown[ANNA]) == 1

    fake.next_errors = [code] * 1000
    before = len(fake.calls)
    with pytest.raises(ApiError) as error:
        await api.send(TEXT)

    assert error.value.code == code
    assert fake.calls[before:] == ["send", "stable_token"], "the same token again: not tried again"


async def test_late_refusal_of_an_old_token_leaves_the_new_one() -> None:
    count = itertools.count()

    async def fetch_token(_calls: Calls) -> Token:
        return Token(str(next(count)), float("inf"))

    calls = Calls("http://127.0.0.1:9", fetch_token)
    old = await calls.token()
    calls._expire(old)
    new = await calls.token()
    calls._expire(old)

    assert await calls.token() is new


async def test_no_error_tells_a_token_or_a_secret(fake: FakeWeChat, api: WeChatApi) -> None:
    opens(fake, 5)
    await api.send(TEXT)
    told = []
    for code in (-1, 40164, 45015, 99999):
        fake.next_errors = [code]
        with pytest.raises(ApiError) as error:
            await api.send(TEXT)
        told.append(repr(error.value) + repr(error.value.__cause__))
    await fake.stop()
    with pytest.raises(NoAnswerError) as gone:
        await api.send(TEXT)
    told.append(repr(gone.value) + repr(gone.value.__cause__) + repr(gone.value.__suppress_context__))

    assert not [one for one in told if fake.token in one or SECRET in one or "http" in one]


async def test_wrong_secret_and_unlisted_address_say_what_to_do(fake: FakeWeChat, api: WeChatApi) -> None:
    fake.allowed = False
    with pytest.raises(ApiError, match=r"40164: .*IP whitelist: add it there \(203.0.113.9\)"):
        await api.send(TEXT)
    wrong = WeChatApi(APP_ID, "wrong", fake.url)
    with pytest.raises(ApiError, match="40125: the secret is wrong"):
        await wrong.send(TEXT)
    await wrong.close()


MENDED_BY_THE_OPERATOR = (
    40001, 40013, 40014, 40125, 40164, 41001, 42001, 45009, 47003, 48001, 48004, 50002, 60020, 95000, 95004, 95011, 95012, 95017,
    12345, 301002, 99999,
)  # fmt: skip


@pytest.mark.parametrize("platform", ["wechat", "miniprogram", "wecom"])
@pytest.mark.parametrize("code", MENDED_BY_THE_OPERATOR)
def test_what_an_operator_can_mend_and_what_nobody_knows_waits(code: int, platform: str) -> None:
    assert isinstance(outcome_of(ApiError(code), platform), Blocked)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (45015, Closed), (45047, Closed), (95001, Closed), (95002, Closed), (95013, Closed), (95016, Closed), (-1, Later),
        (45011, Later), (40003, Closed), (43004, Closed), (45002, Refused), (44004, Refused), (95018, TakenOver),
    ],
)  # fmt: skip
def test_error_means(code: int, outcome: type) -> None:
    for platform in ("wechat", "miniprogram", "wecom"):
        assert isinstance(outcome_of(ApiError(code), platform), outcome)


def test_number_that_means_another_thing_in_wecom() -> None:
    assert isinstance(outcome_of(ApiError(48002), "wechat"), Closed), "the customer refuses messages"
    assert isinstance(outcome_of(ApiError(48002), "wecom"), Blocked), "the app may not call"


def test_only_what_is_about_the_message_itself_is_refused() -> None:
    refused = {number for number, code in CODES.items() if code.follows is Follows.NEVER}

    assert refused == {
        40004, 40007, 40008, 40009, 40033, 40058, 40063, 40200, 44004, 45002, 45081, 47001, 87014,
    }  # fmt: skip


async def read(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_files_and_errors_are_told_apart_by_what_they_are(fake: FakeWeChat, api: WeChatApi) -> None:
    photo = fake.keep(b"\xff\xd8 photo", "a.jpg")
    looks_like_an_error = fake.keep(b'{"errcode":40007,"errmsg":"x"}', "order.json", kind="application/json")
    video = fake.keep(b"moving", "v.mp4", is_video=True)

    assert await read(api.media(photo)) == b"\xff\xd8 photo"
    assert await read(api.media(looks_like_an_error)) == b'{"errcode":40007,"errmsg":"x"}'
    assert await read(api.media(video)) == b"moving"
    with pytest.raises(ApiError) as error:
        await read(api.media("never-was"))
    assert error.value.code == 40007


async def test_file_is_asked_for_again_with_a_new_token(fake: FakeWeChat, api: WeChatApi) -> None:
    photo = fake.keep(b"photo", "a.jpg")
    await api.token()
    fake.next_errors = [42001]

    assert await read(api.media(photo)) == b"photo"


async def test_answer_that_is_none_is_no_answer(fake: FakeWeChat, api: WeChatApi) -> None:
    fake.open_window(ANNA, "message")
    fake.drops_after = 1
    with pytest.raises(NoAnswerError):
        await api.send(TEXT)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a", "http://169.254.169.254/latest", "http://qpic.cn.evil.example/a", "file:///etc/passwd",
        "http://mmbiz.qpic.cn@127.0.0.1/a", "http://mmbiz.qpic.cn:22/a", "http://[::1]/", "gopher://mmbiz.qpic.cn/",
        "http://evilqpic.cn/", "//mmbiz.qpic.cn/", "http://mmbiz.qpic.cn:x/", "http:///a", "",
    ],
)  # fmt: skip
def test_no_other_address_is_ever_opened(address: str) -> None:
    assert not is_wechats(address)


def test_wechats_own_pictures_are() -> None:
    assert is_wechats("http://mmbiz.qpic.cn/mmbiz_jpg/x/0")
    assert is_wechats("https://mmbiz.qpic.cn/x")
