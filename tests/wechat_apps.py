"""The whole bot with WeChat beside it, in this process: real HTTP both ways."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette

from bot.adapter import Accept, Adapter
from bot.app import App
from bot.router import Routes
from bot.server import Server
from bot.settings import MiniProgram, Settings, WeChat, WeCom
from bot.store.database import Database
from tests.fake_wechat import AES_KEY, APP_ID, SECRET, TOKEN, FakeWeChat
from tests.fake_wecom import CORP_ID, FakeWeCom
from tests.fake_wecom import SECRET as WECOM_SECRET
from tests.fakes import NOTHING_READ, Clock
from tests.waiting import until


def utc_now() -> datetime:
    return datetime.now(UTC)


def wechat_settings(data: Path, url: str, **more: Any) -> Settings:
    more = {"aes_key": SecretStr(AES_KEY), **more}
    ours = WeChat(app_id=APP_ID, secret=SecretStr(SECRET), token=SecretStr(TOKEN), api=url, **more)
    return Settings(data=data, evidence=NOTHING_READ, wechat=ours)


def mini_settings(data: Path, url: str, **more: Any) -> Settings:
    ours = MiniProgram(
        app_id=APP_ID, secret=SecretStr(SECRET), token=SecretStr(TOKEN), aes_key=SecretStr(AES_KEY), api=url, **more
    )
    return Settings(data=data, evidence=NOTHING_READ, miniprogram=ours)


def wecom_settings(data: Path, url: str) -> Settings:
    ours = WeCom(
        corp_id=CORP_ID, secret=SecretStr(WECOM_SECRET), token=SecretStr(TOKEN), aes_key=SecretStr(AES_KEY), api=url
    )
    return Settings(data=data, evidence=NOTHING_READ, wecom=ours)


@asynccontextmanager
async def bot_on_wecom(
    data: Path,
    fake: FakeWeCom,
    clock: Callable[[], datetime] = utc_now,
    database: Database | None = None,
    routes: Routes | None = None,
    reminders: bool = False,
) -> AsyncIterator[App]:
    """Everything runs. The fake is started and stopped by who made it."""
    app = App(wecom_settings(data, fake.url), clock=clock, database=database, routes=routes)
    adapter = app.wecom()
    app.add([adapter])
    await app.database.migrate()
    await app.take_over()
    app.start(reminders=reminders)
    try:
        async with serving(adapter, app.dispatcher.accept) as (url, _):
            fake.callback = f"{url}/wecom"
            yield app
    finally:
        await app.stop()


async def idle(app: App) -> None:
    """Wait until delivery has nothing on its way and naps: what it has not sent now it will not send by itself."""

    def is_napping() -> bool:
        return all(one._new._waiters and not (one._new.is_set() or one._sending) for one in app.deliveries)  # type: ignore[attr-defined]

    await until(is_napping)


@asynccontextmanager
async def serving(adapter: Adapter, accept: Accept) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """The adapter's routes on a port of this machine, and its `run`: where the port is, and the task."""
    # With its protocol named, asyncio sends answers at once; else each waits 40 ms for the other side.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(256)
        routes = Starlette(routes=list(adapter.routes(accept)))
        server = Server(uvicorn.Config(routes, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        running = asyncio.create_task(adapter.run(accept))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", running
        finally:
            running.cancel()
            server.should_exit = True
            server.force_exit = True
            await asyncio.gather(serving, running, return_exceptions=True)


@asynccontextmanager
async def bot_on_wechat(
    data: Path,
    fake: FakeWeChat,
    clock: Callable[[], datetime] = utc_now,
    database: Database | None = None,
    routes: Routes | None = None,
    reminders: bool = False,
    **more: Any,
) -> AsyncIterator[App]:
    """Everything runs: turns, errands, delivery."""
    await fake.start()
    settings = mini_settings(data, fake.url, **more) if fake.is_mini else wechat_settings(data, fake.url, **more)
    app = App(settings, clock=clock, database=database, routes=routes)
    adapter = app.mini_program() if fake.is_mini else app.wechat()
    app.add([adapter])
    await app.database.migrate()
    app.start(reminders=reminders)
    try:
        async with serving(adapter, app.dispatcher.accept) as (url, _):
            fake.callback = url + ("/miniprogram" if fake.is_mini else "/wechat")
            yield app
    finally:
        await app.stop()
        with suppress(asyncio.CancelledError):
            await fake.stop()


async def give_receipts(app: App, clock: Clock, files: int) -> None:
    """Let so many files be fetched and looked at, and the time pass that their receipt waits for more."""
    query = text("SELECT count(*) FROM errands WHERE kind = 'intake' AND state = 'done'")

    async def are_looked_at() -> bool:
        async with app.database.reading() as connection:
            return (await connection.execute(query)).scalar() == files

    await until(are_looked_at)
    clock.wait(timedelta(seconds=2))
    await app.reminders.remind()
