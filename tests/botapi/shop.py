"""A shop's bot on Telegram, whole and in this process, beside a Bot API of ours."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette

from bot.app import App
from bot.router import Routes
from bot.server import Server
from bot.settings import Settings
from tests.botapi.server import TOKEN, BotApi
from tests.fakes import NOTHING_READ
from tests.waiting import until

MODES = ("polling", "webhook")


@dataclass
class Shop:
    app: App
    api: BotApi
    url: str

    async def rows(self, query: str, **values: Any) -> list[Any]:
        async with self.app.database.reading() as connection:
            return list((await connection.execute(text(query), values)).all())

    async def settled(self) -> None:
        """Until everything was taken and everything was sent."""
        query = "SELECT count(*) FROM outbox WHERE state IN ('due', 'sending')"

        async def is_all_sent() -> bool:
            return not (self.api.pending or (await self.rows(query))[0][0])

        await until(is_all_sent)


@asynccontextmanager
async def open_shop(
    folder: Path, api: BotApi, mode: str = "polling", routes: Routes | None = None, **telegram: Any
) -> AsyncIterator[Shop]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    given = {"token": TOKEN, "base_url": api.url, "mode": mode, "public_url": url, "keeps_pace": False} | telegram
    app = App(Settings(data=folder, evidence=NOTHING_READ, telegram=given), routes=routes)  # type: ignore[arg-type]
    await app.database.migrate()
    app.add(app.platforms())
    await app.take_over()
    app.start()
    accept = app.dispatcher.accept
    server = Server(
        uvicorn.Config(
            Starlette(routes=[route for one in app.adapters.values() for route in one.routes(accept)]),
            log_config=None,
            lifespan="off",
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    app.start_adapters()
    try:
        if mode == "webhook":
            await api.until(lambda: api.webhook)
        yield Shop(app, api, url)
    finally:
        await app.stop_adapters()
        server.should_exit = True
        await serving
        await app.stop()
