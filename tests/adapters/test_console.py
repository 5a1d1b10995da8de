"""The terminal keeps the adapters' contract."""

import asyncio
import queue
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.console import ConsoleAdapter
from bot.model.events import Address, MediaRef
from tests.adapters.contract import AdapterContract, Bench


class Terminal(Bench):
    """Anna's keyboard and screen. A line is acknowledged when the next one is asked for."""

    redelivers = False

    def __init__(self, files: Path) -> None:
        super().__init__()
        self.adapter = ConsoleAdapter("anna", "zh-CN", self._read_line, self._show)
        self._files = files
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._asked = asyncio.Event()
        self._shown: list[str] = []
        self.running = asyncio.create_task(self.adapter.run(self.accept))

    def _read_line(self) -> str | None:
        self._loop.call_soon_threadsafe(self._asked.set)
        return self._lines.get()

    def _show(self, text: str) -> None:
        self._shown.append(text)

    async def _enters(self, line: str) -> bool:
        await self._until_asked()
        before = len(self.events)
        self._asked.clear()
        self._lines.put(line)
        await self._until_asked()
        return len(self.events) > before

    async def _until_asked(self) -> None:
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait({asked, self.running}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()

    async def says(self, text: str, id_: str = "1") -> bool:
        return await self._enters(text)

    async def presses(self, button: str, id_: str = "1") -> bool:
        return await self._enters(f"[{button}]")

    async def uploads(self, content: bytes, name: str, id_: str = "1") -> bool:
        file = self._files / name
        file.write_bytes(content)
        return await self._enters(f"({file})")

    async def sees(self) -> str:
        return "\n".join(self._shown)

    async def loses(self, media: MediaRef) -> None:
        Path(media.id).unlink()

    async def elsewhere(self) -> Address:
        return Address(self.adapter.name, "ben")

    def hang_up(self) -> None:
        self._lines.put(None)


class TestConsole(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Terminal]:
        bench = Terminal(tmp_path)
        yield bench
        bench.hang_up()
        await asyncio.gather(bench.running, return_exceptions=True)
