"""Telegram keeps the adapters' contract, polling and by webhook, against a Bot API of our own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.app import App
from bot.model.events import Address, MediaRef
from bot.model.messages import Outgoing
from bot.server import Server
from bot.settings import Settings
from bot.store import outbox
from tests.adapters.contract import AdapterContract, Bench, message
from tests.botapi.people import Person, words_of
from tests.botapi.server import TOKEN, BotApi, bot_api
from tests.fakes import NOTHING_READ

ACKNOWLEDGED_SECONDS = 10.0


class Phone(Bench):
    """Anna's, and the server that her messages go through."""

    def __init__(self, app: App, api: BotApi) -> None:
        super().__init__()
        self.adapter = app.telegram()
        self.api = api
        self.person, self.other = Person(api, "Anna"), Person(api, "Ben")
        self._app = app
        self._told: dict[str, Any] = {}
        self._buttons = 0

    async def says(self, text: str, id_: str = "1") -> bool:
        return await self._tells(id_, lambda: self.person.says(text))

    async def presses(self, button: str, id_: str = "1") -> bool:
        self._buttons += 1
        shown = message(Address("telegram", str(self.person.id)), "Choose", 1, [button.partition(":")[0]])
        shown = Outgoing(f"{self._buttons:032x}", shown.address, shown.message)
        object.__setattr__(shown.message.buttons[0], "id", button)
        async with self._app.database.transaction() as connection:
            await outbox.add(connection, [outbox.Said("event", shown, "sent")])
        await self.adapter.send(shown)
        return await self._tells(id_, lambda: self.person.presses(button.partition(":")[0]))

    async def uploads(self, content: bytes, name: str, id_: str = "1") -> bool:
        return await self._tells(id_, lambda: self.person.sends_file(content, name))

    async def _tells(self, id_: str, act: Any) -> bool:
        if id_ in self._told:
            await self.api.tell_raw(self._told[id_])
        else:
            await act()
            self._told[id_] = self.api.latest
        try:
            await self.api.until(lambda: self.api.pending == 0, ACKNOWLEDGED_SECONDS)
        except TimeoutError:
            return False
        return True

    async def sees(self) -> str:
        lines = []
        for one in self.person.sees():
            rows = one.get("reply_markup", {}).get("inline_keyboard", [])
            lines += [words_of(one), *(button["text"] for row in rows for button in row)]
        return "\n".join(lines)

    async def loses(self, media: MediaRef) -> None:
        del self.api.files[media.id]

    async def elsewhere(self) -> Address:
        await self.other.says("hello")
        await self.api.until(lambda: self.api.pending == 0)
        return self.events.pop().address


class TestPolling(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Phone]:
        async with bot_api() as api:
            app = App(Settings(data=tmp_path, evidence=NOTHING_READ, telegram={"token": TOKEN, "base_url": api.url}))
            await app.database.migrate()
            bench = Phone(app, api)
            bench.running = asyncio.create_task(bench.adapter.run(bench.accept))
            yield bench
            bench.running.cancel()
            await asyncio.gather(bench.running, return_exceptions=True)
            await app.database.close()


class TestWebhook(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Phone]:
        async with bot_api() as api:
            with socket.create_server(("127.0.0.1", 0)) as listening:
                url = f"http://127.0.0.1:{listening.getsockname()[1]}"
                telegram = {"token": TOKEN, "base_url": api.url, "mode": "webhook", "public_url": url}
                app = App(Settings(data=tmp_path, evidence=NOTHING_READ, telegram=telegram))
                await app.database.migrate()
                bench = Phone(app, api)
                routes = Starlette(routes=bench.adapter.routes(bench.accept))
                server = Server(uvicorn.Config(routes, log_config=None, lifespan="off"))
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                bench.running = asyncio.create_task(bench.adapter.run(bench.accept))
                await api.until(lambda: api.webhook)
                yield bench
                bench.running.cancel()
                server.should_exit = True
                await asyncio.gather(serving, bench.running, return_exceptions=True)
            await app.database.close()
