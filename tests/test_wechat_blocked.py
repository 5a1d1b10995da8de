"""What the operator has to mend, at the platform or in the settings: messages and photos wait for it, and /readyz says what it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App
from bot.health import Health
from bot.store.values import time_text
from tests.fake_wechat import FakeWeChat, settled
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.fakes import Clock
from tests.pictures import jpeg
from tests.wechat_apps import bot_on_wechat, bot_on_wecom

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
    async with asyncio.timeout(30):
        while await state(app) != wanted:
            await asyncio.sleep(0.01)


async def until_problem(app: App) -> str:
    """Return what /readyz says of the platform."""
    async with asyncio.timeout(30):
        while (check := (await Health(app).checks())["platforms"])["ok"]:
            await asyncio.sleep(0.01)
    return " ".join(sentence for sentences in check["problems"].values() for sentence in sentences)


async def say(app: App, address: str) -> None:
    fields = {"number": address, "agent": "li", "action": "reply", "fields": {"text": DECISION}}
    await app.control.do("case.act", fields)


async def go_on(app: App, clock: Clock) -> None:
    """Let a minute pass, and whoever naps see it."""
    clock.wait(timedelta(minutes=1))
    for delivery in app.deliveries:
        delivery.wake()
    await asyncio.sleep(0.01)


async def photos(app: App) -> set[str]:
    async with app.database.reading() as connection:
        return set((await connection.execute(text("SELECT state FROM evidence"))).scalars())


async def until_tried(app: App, clock: Clock) -> None:
    """Let the photo's errand be tried once, ten minutes from now."""
    clock.wait(timedelta(minutes=10))
    app.errands.wake()
    async with asyncio.timeout(30):
        while True:
            async with app.database.reading() as connection:
                query = text("SELECT count(*) FROM errands WHERE kind = 'intake' AND state = 'due' AND due_at <= :now")
                if not (await connection.execute(query, {"now": time_text(clock())})).scalar():
                    return
            await asyncio.sleep(0.01)


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
