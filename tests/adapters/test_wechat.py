"""The official account and the mini program keep the adapters' contract, over real HTTP both ways."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapter import Outcome
from bot.adapters.wechat.accounts import mini_program, official_account
from bot.app import App
from bot.model.events import Address, MediaRef
from bot.model.messages import Outgoing
from bot.store.database import Database
from tests.adapters.contract import AdapterContract, Bench
from tests.fake_wechat import FakeWeChat
from tests.wechat_apps import mini_settings, serving, wechat_settings

ANNA, BEN = "o-anna", "o-ben"


class Phone(Bench):
    """Anna's WeChat. It names no files."""

    names_files = False

    def __init__(self, fake: FakeWeChat) -> None:
        super().__init__()
        self.fake = fake
        self._numbers: dict[str, int] = {}
        self._photos: dict[str, str] = {}

    def number(self, id_: str) -> int:
        """A delivery after a restart: attempts of one message in a row join one turn before they get to the core."""
        if id_ in self._numbers:
            self.adapter._under_way.clear()
        return self._numbers.setdefault(id_, self.fake.number())

    async def says(self, text: str, id_: str = "1") -> bool:
        fields = self.fake.message(ANNA, "text", self.number(id_), Content=text)
        return await self.fake.deliver(self.fixed(fields), "message")

    async def presses(self, button: str, id_: str = "1") -> bool:
        fields = self.fake.message(ANNA, "text", self.number(id_), Content="a label", bizmsgmenuid=button)
        return await self.fake.deliver(self.fixed(fields), "message")

    async def uploads(self, content: bytes, name: str, id_: str = "1") -> bool:
        media = self._photos.setdefault(id_, "") or self.fake.keep(content, name)
        self._photos[id_] = media
        fields = self.fake.message(ANNA, "image", self.number(id_), PicUrl="http://qpic.example", MediaId=media)
        return await self.fake.deliver(self.fixed(fields), "message")

    @staticmethod
    def fixed(fields: dict[str, object]) -> dict[str, object]:
        """Attempts of one message have one time."""
        return fields | {"CreateTime": int(datetime.now(UTC).timestamp()) // 300 * 300}

    async def sees(self) -> str:
        return "\n".join(
            line for one in self.fake.shown.get(ANNA, []) for line in (one.text, *(label for _, label in one.menu))
        )

    async def loses(self, media: MediaRef) -> None:
        del self.fake.media[media.id]

    async def elsewhere(self) -> Address:
        self.fake.shown[BEN] = []
        self.fake.open_window(BEN, "message")
        return Address(self.adapter.name, BEN)

    async def sends(self, outgoing: Outgoing) -> Outcome:
        if outgoing.address.chat in self.fake.shown:
            self.fake.open_window(outgoing.address.chat, "message")
        return await super().sends(outgoing)


class TestOfficialAccount(AdapterContract):
    is_mini = False

    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Phone]:
        fake = FakeWeChat(mini=self.is_mini)
        await fake.start()
        bench = Phone(fake)
        database = Database(tmp_path / "wechat.db")
        await database.migrate()
        settings = (mini_settings if self.is_mini else wechat_settings)(tmp_path, fake.url)
        make = mini_program if self.is_mini else official_account
        app = App(settings, database=database)
        bench.adapter = make(
            settings,
            database,
            app.wording,
            app.files,
            lambda *_given, **_more: None,
            app.clock,
            app.metrics.called_back,
        )
        async with serving(bench.adapter, bench.accept) as (url, bench.running):
            fake.callback = url + ("/miniprogram" if self.is_mini else "/wechat")
            yield bench
        await fake.stop()
        await database.close()


class TestMiniProgram(TestOfficialAccount):
    """The same, without answers in callbacks."""

    is_mini = True
