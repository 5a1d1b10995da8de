"""微信客服 keeps the adapters' contract, over real HTTP both ways."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapter import Outcome
from bot.app import App
from bot.model.events import Address, MediaRef
from bot.model.messages import Outgoing
from bot.store import bookmarks
from bot.store.database import Database
from tests.adapters.contract import AdapterContract, Bench
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.waiting import until
from tests.wechat_apps import serving, wecom_settings

ANNA, BEN = "wm-anna", "wm-ben"


class Phone(Bench):
    """Anna's WeChat, at the other side of a WeCom account. It names no photos. A message is acknowledged when its place is kept."""

    names_files = False

    def __init__(self, fake: FakeWeCom, database: Database) -> None:
        super().__init__()
        self.fake = fake
        self._database = database
        self._ids: dict[str, str] = {}

    def id(self, id_: str) -> str:
        return self._ids.setdefault(id_, self.fake.number())

    async def says(self, text: str, id_: str = "1") -> bool:
        await self.fake.says(ANNA, text, self.id(id_))
        return await self._acknowledged()

    async def presses(self, button: str, id_: str = "1") -> bool:
        await self.fake.clicks(ANNA, button, "a label", self.id(id_))
        return await self._acknowledged()

    async def uploads(self, content: bytes, name: str, id_: str = "1") -> bool:
        await self.fake.sends_photo(ANNA, content, name, self.id(id_))
        return await self._acknowledged()

    async def _acknowledged(self) -> bool:
        place = str(len(self.fake.log[ACCOUNT]))

        async def is_kept() -> bool:
            async with self._database.reading() as connection:
                return str(await bookmarks.get(connection, f"wecom:cursor:{ACCOUNT}")).endswith(f"n{place}")

        await until(is_kept)
        return True

    async def sees(self) -> str:
        return "\n".join(
            line for one in self.fake.shown.get(ANNA, []) for line in (one.text, *(label for _, label in one.menu))
        )

    async def loses(self, media: MediaRef) -> None:
        del self.fake.media[media.id]

    async def elsewhere(self) -> Address:
        self.fake.add(BEN, "text", {"content": "hello"})
        return Address(self.adapter.name, f"{ACCOUNT}/{BEN}")

    async def sends(self, outgoing: Outgoing) -> Outcome:
        for ledger in self.fake.windows.values():
            ledger.free = 5
        return await super().sends(outgoing)


class TestWeCom(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Phone]:
        fake = FakeWeCom()
        await fake.start()
        database = Database(tmp_path / "wecom.db")
        await database.migrate()
        bench = Phone(fake, database)
        bench.adapter = App(wecom_settings(tmp_path, fake.url), database=database).wecom()
        async with serving(bench.adapter, bench.accept) as (url, bench.running):
            fake.callback = f"{url}/wecom"
            yield bench
        await fake.stop()
        await database.close()
