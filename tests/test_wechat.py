"""The whole way through the official account: WeChat calls, the bot answers, and what WeChat does when it does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.wechat import adapter as wechat_adapter
from bot.app import App
from bot.store.database import BUSY_SECONDS, Database, StoreUnavailableError
from tests.fake_wechat import FakeWeChat, settled
from tests.fakes import Clock
from tests.waiting import until
from tests.wechat_apps import bot_on_wechat, idle

ANNA = "o-anna"
QUESTION = "退款多久能到账"


async def is_all_sent(app: App) -> bool:
    return await rows(app, "SELECT DISTINCT state FROM outbox") == [("sent",)]


async def rows(app: App, query: str) -> list[tuple[object, ...]]:
    async with app.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


def told(fake: FakeWeChat, who: str = ANNA) -> str:
    return "\n".join(one.text for one in fake.shown.get(who, []))


@pytest.fixture
async def fake() -> FakeWeChat:
    return FakeWeChat()


async def test_question_is_answered_in_the_callback(fake: FakeWeChat, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, buttons="list") as app:
        assert await fake.says(ANNA, QUESTION)

        assert fake.faults == []
        assert fake.shown[ANNA][0].passive
        assert "退款" in told(fake)
        assert "[1] " in told(fake)
        await until(lambda: is_all_sent(app))
        await idle(app)
        assert "send" not in fake.calls, "told once, in the callback"


async def test_buttons_are_a_menu_that_can_be_pressed(fake: FakeWeChat, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake):
        await fake.says(ANNA, "我要退款")
        await settled(lambda: bool(told(fake)))
        menu = {label: id_ for id_, label in fake.shown[ANNA][-1].menu}
        assert menu
        label = next(iter(menu))
        await fake.clicks(ANNA, menu[label], label)
        await settled(lambda: len(fake.shown[ANNA]) == 2)

        assert fake.answers == ["success"] * 2
        assert fake.refusals == []


async def test_account_without_menus_gets_numbers(fake: FakeWeChat, tmp_path: Path) -> None:
    fake.has_menus = False
    async with bot_on_wechat(tmp_path, fake):
        await fake.says(ANNA, "我要退款")
        await settled(lambda: bool(told(fake)))
        assert "[1] " in told(fake)
        await fake.says(ANNA, "1")

        assert fake.shown[ANNA][-1].passive, "once known, buttons no longer need a call"
        assert fake.refusals == [40200]


async def test_three_attempts_share_one_turn(fake: FakeWeChat, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, buttons="list") as app:
        fields = fake.message(ANNA, "text", Content=QUESTION)
        fake.shown[ANNA] = []
        answers = await asyncio.gather(*(fake.attempt(fields) for _ in range(3)))
        again = await fake.attempt(fields)

        opened = [
            fake.crypto.decrypt(body.split("<Encrypt><![CDATA[")[1].split("]]")[0]) for _, body in [*answers, again]
        ]
        assert len(set(opened)) == 1
        assert await rows(app, "SELECT count(*) FROM inbox") == [(1,)]


class SlowDatabase(Database):
    """Each transaction ends when it may, and takes this long."""

    seconds = 0.0
    is_down = False
    may_end: Callable[[], bool] = staticmethod(lambda: True)

    @asynccontextmanager
    async def transaction(self, within: float = BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        if self.is_down:
            raise StoreUnavailableError("down")
        async with super().transaction(within) as connection:
            yield connection
            await until(self.may_end)
            await asyncio.sleep(self.seconds)


@pytest.fixture
def short_times(monkeypatch: pytest.MonkeyPatch, fake: FakeWeChat) -> None:
    """A tenth of everything."""
    fake.cut_seconds = 0.5
    monkeypatch.setattr(wechat_adapter, "ANSWER_SECONDS", 0.45)
    monkeypatch.setattr(wechat_adapter, "BEYOND_SECONDS", 0.15)
    monkeypatch.setattr(wechat_adapter, "RETRY_SECONDS", 0.03)


async def test_turn_slower_than_an_attempt_is_answered_in_the_next(
    fake: FakeWeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.cut_seconds = 3.0
    monkeypatch.setattr(wechat_adapter, "ANSWER_SECONDS", 2.7)
    database = SlowDatabase(tmp_path / "shouhou.db")
    async with bot_on_wechat(tmp_path, fake, database=database, buttons="list") as app:
        database.may_end = lambda: len(fake.attempts) != 1  # not while the first attempt is all that there was
        assert await fake.says(ANNA, QUESTION)

        assert len(fake.attempts) == 2
        assert len(fake.shown[ANNA]) == 1
        assert fake.faults == []
        assert await rows(app, "SELECT count(*) FROM inbox") == [(1,)]


@pytest.mark.usefixtures("short_times")
async def test_what_cannot_be_stored_is_said_so_in_the_last_attempt(fake: FakeWeChat, tmp_path: Path) -> None:
    database = SlowDatabase(tmp_path / "shouhou.db")
    async with bot_on_wechat(tmp_path, fake, database=database, buttons="list") as app:
        database.is_down = True
        await fake.says(ANNA, QUESTION)

        assert len(fake.attempts) == 3
        assert told(fake) == "这条消息没能存下来。请过一分钟再发一次。"
        database.is_down = False
        await fake.says(ANNA, QUESTION)
        assert "退款" in told(fake)
        assert await rows(app, "SELECT count(*) FROM inbox") == [(1,)]


@pytest.mark.usefixtures("short_times")
async def test_mini_program_says_so_by_a_call(fake: FakeWeChat, tmp_path: Path) -> None:
    fake.is_mini = True
    database = SlowDatabase(tmp_path / "shouhou.db")
    async with bot_on_wechat(tmp_path, fake, database=database):
        database.is_down = True
        await fake.says(ANNA, QUESTION)
        await settled(lambda: told(fake) == "这条消息没能存下来。请过一分钟再发一次。")


async def test_answer_that_the_process_took_with_it_comes_later(fake: FakeWeChat, tmp_path: Path) -> None:
    """It was stored, and the process ended before it could answer; WeChat does not ask again."""
    clock = Clock()
    fake.clock = lambda: clock().timestamp()
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        app.adapters["wechat"]._settle = lambda *_given, **_more: None  # type: ignore[attr-defined]
        await fake.says(ANNA, QUESTION)
        assert await rows(app, "SELECT DISTINCT state FROM outbox") == [("due",)]
    fake.shown[ANNA].clear()

    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        await idle(app)
        assert told(fake) == "", "WeChat may still ask again"
    clock.wait(timedelta(seconds=16))
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list"):
        await settled(lambda: "退款" in told(fake))


LONG = "".join(f"第{number}条：这里说明怎么处理，请慢慢看。\n" for number in range(1, 260)).strip()


@pytest.mark.parametrize("restarts", [False, True])
async def test_tail_of_a_long_answer_is_told_next_also_after_a_restart(
    fake: FakeWeChat, tmp_path: Path, restarts: bool
) -> None:
    """An account that may only answer tells a long message in parts; what is left stays stored."""
    clock = Clock()
    fake.clock = lambda: clock().timestamp()
    fake.is_verified = False
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(bot_on_wechat(tmp_path, fake, clock, verified=False))
        await fake.says(ANNA, "/human")
        fields = {"number": f"wechat:{ANNA}", "agent": "li", "action": "reply", "fields": {"text": LONG}}
        await app.control.do("case.act", fields)
        parts: list[str] = []
        for _ in range(20):
            clock.wait(timedelta(seconds=20))
            if restarts:
                await stack.aclose()
                app = await stack.enter_async_context(bot_on_wechat(tmp_path, fake, clock, verified=False))
            before = len(fake.shown[ANNA])
            await fake.says(ANNA, "好的")
            assert len(fake.shown[ANNA]) == before + 1
            parts.append(fake.shown[ANNA][-1].text)
            await settled_in(app)
            if MORE not in parts[-1]:
                break

        told_lines = [line for part in parts for line in part.splitlines() if line.startswith("第")]
        assert told_lines == LONG.splitlines(), "all of it, in order, once"
        assert all(len(part.encode()) <= 2048 for part in parts)
        assert "send" not in fake.calls
        assert await rows(app, "SELECT name FROM bookmarks WHERE name LIKE '%:told:%'") == []
        assert fake.faults == []


MORE = "后面还有。回复任意字继续看。"


async def settled_in(app: App) -> None:
    """Nothing is held for an answer any more, and nothing is left to note."""

    async def is_settled() -> bool:
        return ("due",) not in await rows(app, "SELECT DISTINCT state FROM outbox")

    await until(is_settled)
