"""The web chat keeps the adapters' contract: its API over HTTP on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.adapter import Outcome
from bot.app import App
from bot.model.events import Address, MediaRef
from bot.model.messages import Outgoing
from bot.server import Server
from bot.settings import Settings
from bot.store import outbox
from bot.store.outbox import Said
from tests.adapters.contract import AdapterContract, Bench
from tests.customers import Customer, arrive
from tests.fakes import NOTHING_READ


class Browser(Bench):
    """Anna's page."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self.adapter = app.web_chat()
        self._app = app
        self._stored: set[str] = set()
        self.customer: Customer
        self.other: Customer

    async def says(self, text: str, id_: str = "1") -> bool:
        return (await self.customer.post(client_id=id_, text=text)).status == 200

    async def presses(self, button: str, id_: str = "1") -> bool:
        return (await self.customer.post(client_id=id_, button=button)).status == 200

    async def uploads(self, content: bytes, name: str, id_: str = "1") -> bool:
        return (await self.customer.upload(content, name, id_)).status == 200

    async def sees(self) -> str:
        lines = []
        for one in await self.customer.history():
            lines += [one["text"], *(button["label"] for button in one["buttons"])]
        return "\n".join(lines)

    async def loses(self, media: MediaRef) -> None:
        (self._app.settings.data / "evidence" / media.id[:2] / media.id).unlink()

    async def elsewhere(self) -> Address:
        await self.other.post(text="hello")
        return self.events.pop().address

    async def sends(self, outgoing: Outgoing) -> Outcome:
        """Clients collect what is stored; the core stores each message once."""
        if outgoing.id not in self._stored:
            self._stored.add(outgoing.id)
            async with self._app.database.transaction() as connection:
                await outbox.add(connection, [Said("event", outgoing, "sent")])
        return await super().sends(outgoing)


class TestWebChat(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Browser]:
        app = App(Settings(data=tmp_path, evidence=NOTHING_READ))
        await app.database.migrate()
        bench = Browser(app)
        with socket.create_server(("127.0.0.1", 0)) as listening:  # who calls before it is served waits
            routes = Starlette(routes=bench.adapter.routes(bench.accept))
            server = Server(uvicorn.Config(routes, log_config=None, lifespan="off"))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            bench.running = asyncio.create_task(bench.adapter.run(bench.accept))
            async with aiohttp.ClientSession() as http:
                url = f"http://127.0.0.1:{listening.getsockname()[1]}"
                bench.customer, bench.other = await arrive(http, url), await arrive(http, url)
                yield bench
            bench.running.cancel()
            server.should_exit = True
            await asyncio.gather(serving, bench.running, return_exceptions=True)
        await app.database.close()
