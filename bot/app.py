"""Puts the parts together."""

import asyncio
import fcntl
import gc
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import IO

from bot.adapter import Adapter, HasParts, Holds
from bot.adapters.webchat.adapter import WebChatAdapter
from bot.adapters.webchat.sessions import Sessions
from bot.batch import Batch
from bot.control import Control
from bot.counted import CountedDelivery
from bot.delivery import LONGEST_NAP, Delivery
from bot.dispatch import Dispatcher
from bot.durable import make_folder
from bot.erase import Erase
from bot.errands import Do, Errands
from bot.intake import Intake, Reading, clear_left_behind
from bot.knowledge import Knowledge
from bot.look import can_read_text
from bot.look.workers import Workers
from bot.metrics import Metrics
from bot.model.case import new_case_number
from bot.model.checklist import CHECKLIST, read_own
from bot.model.messages import Outgoing
from bot.pack.packs import FOLDER as PACKS
from bot.pack.packs import Packs
from bot.pack.words import CaseWords
from bot.reminders import Reminders
from bot.router import Routes
from bot.secret_file import secret_in
from bot.settings import DATABASE, Settings
from bot.store import errands, outbox
from bot.store.database import Database
from bot.store.files import Files
from bot.store.objects import FOLDER, INCOMING, open_objects
from bot.supervisor import Run, Supervisor, begin
from bot.turn import Shared
from bot.wording import Wording
from handlers import ROUTERS

INTAKE = "intake"
UPLOADS = "uploads"
EXAMPLES = Path(__file__).parent / "examples"
LOCALES = Path(__file__).parent.parent / "locales"
WEBCHAT_BEGUN_ANEW = (
    "customers of the web page begin anew: their requests stay, but they see them again only with the help of an agent"
)
TELEGRAM_BEGUN_ANEW = "Telegram is told the new one at the same time, so nothing is lost"


def now() -> datetime:
    return datetime.now(UTC)


@cache
def words() -> tuple[Wording, Knowledge]:
    """What locales/ holds; it does not change while the process runs."""
    wording = Wording(LOCALES)
    knowledge = Knowledge(LOCALES, wording.languages)
    gc.freeze()  # it lives as long as the process: looking through it for garbage stops every conversation for 0.1 s
    return wording, knowledge


class App:
    """Everything but the outside. Open it, add adapters, start it; `stop` leaves nothing half done."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = now,
        case_number: Callable[[], str] = new_case_number,
        routes: Routes | None = None,
        database: Database | None = None,
        workers: Workers | None = None,
    ) -> None:
        """`workers` are somebody else's to stop."""
        make_folder(settings.data)
        self.settings = settings
        self.clock = clock
        self.wording, self.knowledge = words()
        reads_text = settings.evidence.read_text and can_read_text()
        checklist = read_own(settings.evidence.checklist) if settings.evidence.checklist else CHECKLIST
        self.shared = Shared(
            self.wording, self.knowledge, settings, checklist, new_case_number=case_number, reads_text=reads_text
        )
        self.database = database or Database(settings.data / DATABASE)
        self.objects = open_objects(settings.evidence, settings.data)
        self.files = Files(self.objects, EXAMPLES)
        self.routes = routes or Routes(ROUTERS)
        self.metrics = Metrics()
        self.adapters: Mapping[str, Adapter] = {}
        self._deliveries: dict[str, Delivery | CountedDelivery] = {}
        self._ringing: set[asyncio.Task[None]] = set()
        self.supervisor = Supervisor(self.metrics.part_ended)
        self._adapter_parts: list[str] = []
        self._workers = workers or Workers()
        self._are_ours = workers is None
        self._readers = Workers("texts", most=1)

    def web_chat(self) -> WebChatAdapter:
        secret = secret_in(self.settings.data / "webchat.secret", WEBCHAT_BEGUN_ANEW)
        sessions = Sessions(secret)
        uploads = self.settings.data / UPLOADS
        return WebChatAdapter(sessions, self.database, self.objects, self.files, self.wording, self.settings, uploads)

    def platforms(self) -> list[Adapter]:
        """The web chat, and what the settings name."""
        found: list[Adapter] = [self.web_chat()]
        if self.settings.telegram.token.get_secret_value():
            found.append(self.telegram())
        if self.settings.wechat.app_id:
            found.append(self.wechat())
        if self.settings.miniprogram.app_id:
            found.append(self.mini_program())
        if self.settings.wecom.corp_id:
            found.append(self.wecom())
        return found

    def telegram(self) -> Adapter:
        from bot.adapters.telegram.adapter import TelegramAdapter  # 0.2 s for those who are not on Telegram

        settings = self.settings
        file = settings.data / "telegram.secret"
        secret = settings.telegram.secret.get_secret_value() or secret_in(file, TELEGRAM_BEGUN_ANEW).hex()
        return TelegramAdapter(settings, secret, self.database, self.files, self.wording, self.shared.checklist)

    def wecom(self) -> Adapter:
        from bot.adapters.wecom.adapter import WeComAdapter

        return WeComAdapter(self.settings, self.database, self.wording, self.files, self.clock)

    def wechat(self) -> Adapter:
        from bot.adapters.wechat.accounts import official_account  # wechatpy brings a lot: only where it is used

        return official_account(self.settings, self.database, self.wording, self.files, self.settle, self.clock)

    def mini_program(self) -> Adapter:
        from bot.adapters.wechat.accounts import mini_program

        return mini_program(self.settings, self.database, self.wording, self.files, self.settle, self.clock)

    def add(self, adapters: Sequence[Adapter], *, longest_nap: float = LONGEST_NAP) -> None:
        """The platforms that this process serves. `longest_nap`: see Delivery."""
        self.adapters = {adapter.name: adapter for adapter in adapters}
        self._holders = {adapter.name: adapter for adapter in adapters if isinstance(adapter, Holds)}
        self.dispatcher = Dispatcher(
            self.database,
            self.routes,
            self.shared,
            self.clock,
            stored=self._stored,
            metrics=self.metrics,
            limits={adapter.name: adapter.limits for adapter in adapters},
            room=self._room,
        )
        self._deliveries = {
            adapter.name: self._delivery(adapter, longest_nap) for adapter in adapters if not adapter.limits.collects
        }
        folder, packs = self.settings.data / INTAKE, self._packs()
        kinds: dict[str, Do] = {
            "intake": Intake(self.adapters, self.objects, folder, self._workers),
            "read": Reading(self.objects, folder, self._workers, self._readers),
            "erase": Erase(self.database, self.objects),
            "pack": packs,
        }
        self.errands = Errands(self.database, tuple(self.adapters), kinds, self.dispatcher.accept, self.clock)
        self.reminders = Reminders(self.database, self.dispatcher.accept, self.clock)
        words = CaseWords(self.wording, self.shared.checklist, "en")
        self.control = Control(self.database, self.dispatcher.accept, self.clock, packs, words)

    def _packs(self) -> Packs:
        folder, timestamp_url = self.settings.data / PACKS, self.settings.evidence.timestamp_url
        return Packs(self.database, self.objects, self.wording, self.shared.checklist, folder, timestamp_url)

    def _delivery(self, adapter: Adapter, longest_nap: float) -> Delivery | CountedDelivery:
        if adapter.limits.windows is not None:
            return CountedDelivery(self.database, adapter, self.clock, self.metrics, longest_nap)
        accept = self.dispatcher.accept
        return Delivery(self.database, adapter, accept, self.clock, self.metrics, longest_nap)

    @property
    def deliveries(self) -> Sequence[Delivery | CountedDelivery]:
        return tuple(self._deliveries.values())

    async def take_over(self) -> None:
        """Go on with what the process before us had begun. Only for the one process that serves these platforms."""
        platforms, now = tuple(self.adapters), self.clock()
        async with self.database.transaction() as connection:
            await errands.release(connection, platforms, now)
            await outbox.release(connection, platforms, now)
        leaving = (INTAKE, UPLOADS, PACKS, f"{FOLDER}/{INCOMING}")
        await asyncio.to_thread(clear_left_behind, [self.settings.data / one for one in leaving])

    def start(self, *, reminders: bool = True) -> None:
        """Start everything but the adapters."""
        self.supervisor.start("dispatcher", self.dispatcher.run)
        self.supervisor.start("errands", self.errands.run)
        for platform, delivery in self._deliveries.items():
            self.supervisor.start(f"delivery {platform}", delivery.run)
        if reminders:
            self.supervisor.start("reminders", self.reminders.run)

    def start_adapters(self) -> None:
        accept = self.dispatcher.accept
        parts: dict[str, Run] = {name: partial(adapter.run, accept) for name, adapter in self.adapters.items()}
        for platform, adapter in self.adapters.items():
            if isinstance(adapter, HasParts):
                parts |= {f"{platform} {name}": run for name, run in adapter.parts().items()}
        for name, run in parts.items():
            self.supervisor.start(name, run)
        self._adapter_parts = list(parts)

    async def stop_adapters(self) -> None:
        """Take nothing more from the platforms that we ask ourselves; what is being sent goes on."""
        if self._adapter_parts:
            await self.supervisor.stop(*self._adapter_parts)
        self._adapter_parts = []

    def _room(self, platform: str) -> int:
        delivery = self._deliveries.get(platform)
        return delivery.room if isinstance(delivery, Delivery) else 0

    def settle(self, platform: str, ids: Sequence[str], *, told: bool, pictures: Sequence[Outgoing] = ()) -> None:
        """An adapter that held messages as the answer to a callback: they are told, or left to delivery."""
        delivery = self._deliveries[platform]
        if isinstance(delivery, CountedDelivery):
            delivery.settle(ids, told=told, pictures=pictures)

    async def stop(self) -> None:
        await self.stop_adapters()
        await self.supervisor.stop()
        if self._are_ours:
            await self._workers.stop()
        await self._readers.stop()
        await self.database.close()

    def _stored(self, batch: Batch) -> None:
        """After a commit: ring for what it holds."""
        if any(turn.errands for turn in batch.turns):
            self.errands.wake()
        self.reminders.wake(one for turn in batch.turns for one in turn.reminders)
        for address, several in batch.held.items():
            if holder := self._holders.get(several[0].address.platform):
                holder.hold(address, several)
        to_collect = []
        for outgoing in batch.outgoing:
            if str(outgoing.address) in batch.held:
                continue  # its adapter settles it
            delivery = self._deliveries.get(outgoing.address.platform)
            if isinstance(delivery, Delivery) and outgoing.id in batch.claimed:
                delivery.take(outgoing)
            elif delivery:
                delivery.wake()
            elif outgoing.address.platform in self.adapters:
                to_collect.append(outgoing)
        if to_collect:
            task = begin(self._ring(to_collect), "ring")
            self._ringing.add(task)
            task.add_done_callback(self._ringing.discard)

    async def _ring(self, several: Sequence[Outgoing]) -> None:
        """One task for all: they are stored already, each ring is a moment."""
        for outgoing in several:
            await self.adapters[outgoing.address.platform].send(outgoing)


class DataLock:
    """At most one server a data folder. The lock goes with the process, however that ends."""

    def __init__(self, data: Path) -> None:
        self._file = data / "server.lock"
        self._held: IO[str] | None = None

    def take(self) -> bool:
        make_folder(self._file.parent)
        handle = self._file.open("a")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        self._held = handle
        return True

    def release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None
