"""What the operator has to mend, at the platform or in the settings: messages and photos wait for it, and /readyz says what it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import text

from bot.adapters.wechat import check as wechat
from bot.adapters.wecom import check as wecom
from bot.app import App
from bot.health import Health
from bot.settings import Settings
from bot.store.values import time_text
from bot.tencent.check import running
from tests.fake_wechat import AES_KEY, TOKEN, Crypto, FakeWeChat, settled
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.fakes import Clock
from tests.pictures import jpeg
from tests.waiting import until
from tests.wechat_apps import bot_on_wechat, bot_on_wecom, idle

ANNA = "o-anna"
CODES = (42001, 40014, 48001, 48004, 40013, 95000, 95011, 12345)
DECISION = "您的退款已经办好了"


@pytest.fixture
async def clock() -> Clock:
    return Clock()


Platform = tuple[Any, Callable[[Path], AbstractAsyncContextManager[App]], str]


@pytest.fixture(params=["wechat", "miniprogram", "wecom"])
async def platform(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Platform]:
    """The platform, the bot on it, and the address of its customer."""

    def now() -> float:
        return clock().timestamp()

    if request.param == "wecom":
        fake: Any = FakeWeCom(now)
        await fake.start()
        yield fake, lambda data: bot_on_wecom(data, fake, clock), f"wecom:{ACCOUNT}/{ANNA}"
        await fake.stop()
    else:
        fake = FakeWeChat(now, mini=request.param == "miniprogram")
        yield fake, lambda data: bot_on_wechat(data, fake, clock), f"{request.param}:{ANNA}"


def at(settings: Settings, **more: object) -> Settings:
    """With something changed in its account."""
    name = next(name for name in ("wecom", "wechat") if getattr(settings, name).token.get_secret_value()) if (
        settings.wecom.corp_id or settings.wechat.app_id
    ) else "miniprogram"  # fmt: skip
    return settings.model_copy(update={name: getattr(settings, name).model_copy(update=more)})


def told(fake: Any) -> str:
    return "\n".join(one.text for one in fake.shown.get(ANNA, []))


async def state(app: App) -> str:
    """Return the state of the agent's words."""
    async with app.database.reading() as connection:
        found = await connection.execute(
            text("SELECT state FROM outbox WHERE message LIKE :words"), {"words": f"%{DECISION}%"}
        )
        return str(found.scalar())


async def until_state(app: App, wanted: str) -> None:
    async def is_so() -> bool:
        return await state(app) == wanted

    await until(is_so)


async def until_problem(app: App) -> str:
    """Return what /readyz says of the platform."""
    found: list[dict[str, Any]] = []

    async def is_not_ok() -> bool:
        found.append((await Health(app).checks())["platforms"])
        return not found[-1]["ok"]

    await until(is_not_ok)
    check = found[-1]
    return " ".join(sentence for sentences in check["problems"].values() for sentence in sentences)


async def say(app: App, address: str) -> None:
    fields = {"number": address, "agent": "li", "action": "reply", "fields": {"text": DECISION}}
    await app.control.do("case.act", fields)


async def go_on(app: App, clock: Clock) -> None:
    """Let a minute pass, and whoever naps see it."""
    clock.wait(timedelta(minutes=1))
    for delivery in app.deliveries:
        delivery.wake()
    await idle(app)


async def photos(app: App) -> set[str]:
    async with app.database.reading() as connection:
        return set((await connection.execute(text("SELECT state FROM evidence"))).scalars())


async def until_tried(app: App, clock: Clock) -> None:
    """Let the photo's errand be tried once, ten minutes from now."""
    clock.wait(timedelta(minutes=10))
    app.errands.wake()
    query = text("SELECT count(*) FROM errands WHERE kind = 'intake' AND state = 'due' AND due_at <= :now")

    async def are_done() -> bool:
        async with app.database.reading() as connection:
            return not (await connection.execute(query, {"now": time_text(clock())})).scalar()

    await until(are_done)


@pytest.mark.parametrize("code", CODES)
async def test_decision_waits_for_what_the_operator_mends(
    platform: Platform, clock: Clock, tmp_path: Path, code: int
) -> None:
    fake, bot, address = platform
    async with bot(tmp_path) as app:
        await fake.says(ANNA, "/human")
        await settled(lambda: bool(told(fake)))
        fake.next_errors = [code] * 1000
        await say(app, address)
        assert str(code) in await until_problem(app)
        await until_state(app, "due")

        fake.next_errors = []
        async with asyncio.timeout(30):
            while DECISION not in told(fake):
                await go_on(app, clock)
        await until_state(app, "sent")
        assert (await Health(app).checks())["platforms"]["ok"]


@pytest.mark.parametrize("wrong", ["key", "account"])
async def test_callbacks_that_cannot_be_decrypted_are_told_of(platform: Platform, tmp_path: Path, wrong: str) -> None:
    """A mistyped EncodingAESKey: the platform was told success, and nobody was told anything."""
    fake, bot, address = platform
    name = address.partition(":")[0]
    right = fake.crypto
    async with bot(tmp_path) as app:
        settings = at(app.settings, url=fake.callback)
        check = {"wechat": wechat.check, "wecom": wecom.check}.get(name)
        fake.crypto = (
            Crypto(right.app_id, TOKEN, "B" * 43) if wrong == "key" else Crypto("wxanother0123456789", TOKEN, AES_KEY)
        )
        while (await Health(app).checks())["platforms"]["callbacks"][name]["locked"] < 3:
            assert (await Health(app).checks())["platforms"]["ok"], "one may be an accident"
            assert not await attempt(fake), "what was not stored is not acknowledged"
        told = (await Health(app).checks())["platforms"]
        assert not told["ok"]
        assert ("EncodingAESKey" if wrong == "key" else "app_id") in told["problems"][name][0]
        counted = generate_latest(app.metrics.registry).decode()
        assert f'shouhou_callbacks_total{{outcome="locked",platform="{name}"}} 3.0' in counted
        if check:
            findings = await check(settings, platforms=told)  # type: ignore[operator]
            assert [(one.what, one.ok) for one in findings][-1] == ("running server", False)
            assert "could not be read" in findings[-1].sentence

        fake.crypto = right
        assert await attempt(fake)
        assert (await Health(app).checks())["platforms"]["ok"]
        if check:
            findings = await check(settings, platforms=(await Health(app).checks())["platforms"])  # type: ignore[operator]
            assert findings[-1].ok


async def attempt(fake: Any) -> bool:
    """Return whether the platform was told that we have it."""
    if isinstance(fake, FakeWeCom):
        return await fake.ring()
    fake.shown.setdefault(ANNA, [])
    status, body = await fake.attempt(fake.message(ANNA, "text", Content="在吗"))
    return (status == 200 and body in ("success", "")) or "<Encrypt>" in body


def test_nothing_but_refusals_may_be_another_token() -> None:
    """Whoever scans the web is refused too: that is no fault of the server, and the operator hears of it."""
    counts = {"read": 0, "refused": 3, "locked": 0, "senseless": 0}
    lost = running({"ok": True, "callbacks": {"wechat": counts}}, "wechat")
    scanned = running({"ok": True, "callbacks": {"wechat": counts | {"read": 1}}}, "wechat")

    assert [one.ok for one in lost] == [False]
    assert "its Token is another" in lost[0].sentence
    assert [one.ok for one in scanned] == [True]


async def test_pauses_grow_while_nothing_is_mended(platform: Platform, clock: Clock, tmp_path: Path) -> None:
    fake, bot, address = platform
    async with bot(tmp_path) as app:
        await fake.says(ANNA, "/human")
        await settled(lambda: bool(told(fake)))
        fake.next_errors = [48001] * 100_000
        began, tried = (
            clock(),
            fake.calls.count("send") + fake.calls.count("send_msg") + fake.calls.count("service_state"),
        )
        await say(app, address)
        await until_problem(app)
        while clock() - began < timedelta(hours=2):
            await go_on(app, clock)

        calls = fake.calls.count("send") + fake.calls.count("send_msg") + fake.calls.count("service_state")
        assert calls - tried < 20
        assert await state(app) in ("due", "sending")


async def test_photo_waits_for_what_the_operator_mends(platform: Platform, clock: Clock, tmp_path: Path) -> None:
    fake, bot, _ = platform
    async with bot(tmp_path) as app:
        await fake.says(ANNA, "水壶收到就是裂的，想退款，订单 2100000000001")
        await settled(lambda: bool(told(fake)))
        fake.withholds_files = 48001
        await fake.sends_photo(ANNA, jpeg("one"))
        for _ in range(12):
            await until_tried(app, clock)
        assert await photos(app) == {"fetching"}

        fake.withholds_files = 0
        async with asyncio.timeout(30):
            while await photos(app) != {"kept"}:
                await until_tried(app, clock)
