"""A shop with a customer who has cases worth packing: photos with a place in them, a video, shots that cannot be sent, edits."""

import asyncio
import atexit
import io
import json
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import av
from sqlalchemy import text

from bot import event_loop
from bot.app import App
from bot.model.events import Address, Body, Event, MediaRef, Pressed, Text, Upload
from bot.model.evidence import Evidence, EvidenceState
from bot.pack.packs import Built
from bot.router import Router, Routes
from bot.settings import Settings
from bot.turn import Turn, new_id
from handlers import ROUTERS
from tests import pictures
from tests.fakes import NOTHING_READ, Clock, FakePhone

SHOP = Router("test")
HOSTILE_NAME = "../../etc/\u202egpj.passwd\u200f<b>.jpg"
HOSTILE_WORDS = "<script>alert('x')</script><img src=x onerror=alert(1)> \u202eon the lid & \"inside\""
EDITED = "zzz kettle zzz"
DATABASE = "shouhou.db"


def film() -> bytes:
    """Five frames that a phone could have taken."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as opened:
        stream = opened.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for count in range(5):
            frame = av.VideoFrame.from_image(pictures.coloured(f"film {count}", (320, 240)))
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode())
    return file.getvalue()


VIDEO = film()


@SHOP.command("waive")
def waive(turn: Turn) -> None:
    """As a customer who cannot send a shot."""
    assert isinstance(turn.body, Pressed)
    why, address = turn.body.argument, turn.conversation.address
    turn.evidence.add(
        Evidence(new_id(), address, None, "", why, EvidenceState.WAIVED, turn.event.at, shot="waybill_label")
    )
    waived = [one for one in turn.evidence.by_id.values() if one.state is EvidenceState.WAIVED]
    if turn.cases.latest():
        turn.evidence.assign(waived, turn.cases.all()[-1].number)
    turn.say("start.safety")


class Phone(FakePhone):
    """Has the files that it was given, besides those of FakePhone."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        if media.id not in self.files:
            async for chunk in super().open_media(media):
                yield chunk
            return
        yield self.files[media.id]


class Tablet(Phone):
    name = "tablet"


class Bench:
    def __init__(self, folder: Path, language: str = "en", **settings: Any) -> None:
        self.clock = Clock()
        given = {"evidence": NOTHING_READ} | settings
        self.settings = Settings(data=folder, language=language, **given)
        self.app = App(self.settings, clock=self.clock, routes=Routes((SHOP, *ROUTERS)))
        self.phone = Phone()
        self.app.add([self.phone, Tablet()])
        self.count = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def database(self) -> Path:
        return self.settings.data / DATABASE

    async def __aenter__(self) -> "Bench":
        await self.app.database.migrate()
        self._task = asyncio.create_task(self.app.dispatcher.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.app.stop()

    async def says(self, who: str, said: str | Body, platform: str = "phone") -> str:
        """The last thing that was answered. A minute passes with each message."""
        self.clock.wait(timedelta(seconds=61))
        self.count += 1
        body = Text(said) if isinstance(said, str) else said
        event = Event(f"phone:{self.count}", Address(platform, who), self.clock(), body)
        await self.app.dispatcher.accept(event)
        await self.settle()
        return (await self.last(who, platform))[0]

    async def sends(self, who: str, name: str, content: bytes, caption: str = "") -> str:
        media = MediaRef(f"media-{self.count}", name)
        self.phone.files[media.id] = content
        return await self.says(who, Upload(media, caption))

    async def edits(self, who: str, words: str, which: int = 0) -> str:
        """The last message that anybody sent, or the one that was number `which`."""
        return await self.says(who, Text(words, instead_of=f"phone:{which or self.count}"))

    async def settle(self) -> None:
        while await self.app.errands.do_all() + await self.app.reminders.remind():
            pass
        for delivery in self.app.deliveries:
            while await delivery.deliver():
                pass

    async def last(self, who: str, platform: str = "phone") -> tuple[str, list[str]]:
        query = "SELECT message FROM outbox WHERE address = :address ORDER BY position DESC LIMIT 1"
        (stored,) = await self.column(query, address=f"{platform}:{who}")
        found = json.loads(stored)
        return found["text"], [id_ for id_, _ in found["buttons"]]

    async def column(self, query: str, **values: Any) -> Any:
        async with self.app.database.reading() as connection:
            return (await connection.execute(text(query), values)).scalars().all()

    async def tamper(self, query: str, **values: Any) -> None:
        """What the program itself has no statement for."""
        async with self.app.database.transaction() as connection:
            await connection.execute(text(query), values)

    async def begins(self, who: str, order: str, words: str = "") -> None:
        await self.says(who, words or f"order {order} I changed my mind and don't want it any more, within seven days")

    async def submits(self, who: str) -> str:
        """Answers whatever is asked, submits, and returns the case's number."""
        for _ in range(14):
            said, buttons = await self.last(who)
            if "refund.do:submit" in buttons:
                await self.says(who, Pressed("refund.do:submit"))
                query = "SELECT number FROM cases WHERE address = :address ORDER BY submitted_at DESC LIMIT 1"
                return str((await self.column(query, address=f"phone:{who}"))[0])
            first = next((one for one in buttons if one.startswith("refund.")), "")
            waived = next((one for one in buttons if one.endswith(":waived")), first)
            words = "the box is still closed and in order"
            await self.says(who, words if first in ("", "refund.do:skip") else Pressed(waived))
        raise AssertionError(said)

    async def act(self, number: str, action: str, **fields: Any) -> None:
        self.clock.wait(timedelta(seconds=61))
        await self.app.control.do("case.show", {"number": number, "agent": "li"})
        await self.app.control.do("case.act", {"number": number, "agent": "li", "action": action, "fields": fields})
        await self.settle()

    async def pack(self, number: str) -> Any:
        return await self.app.control.do("evidence.pack", {"number": number, "agent": "li"})

    async def built(self, number: str) -> Built:
        """Without an entry in the log."""
        return await self.app.errands._kinds["pack"].build(number)  # type: ignore[attr-defined,no-any-return]


async def two_cases(bench: Bench) -> tuple[str, str]:
    """Anna's, in one chat: a damaged kettle with all that may come with it, and a secret lamp in between and after.

    It takes seconds, so a shop where nobody has said anything gets a copy of one that was made before.
    """
    if bench.count:
        return await live_through(bench)
    made = await asyncio.to_thread(shop_with_two_cases, bench.settings.language)
    with closing(sqlite3.connect(made.folder / DATABASE)) as old, closing(sqlite3.connect(bench.database)) as new:
        old.backup(new)
    shutil.copytree(made.folder / "evidence", bench.settings.data / "evidence", dirs_exist_ok=True)
    bench.clock.wait(made.passed)
    bench.count = made.count
    return made.numbers


@dataclass(frozen=True, slots=True)
class Made:
    folder: Path
    numbers: tuple[str, str]
    passed: timedelta
    count: int


@cache
def shop_with_two_cases(language: str) -> Made:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    async def make() -> Made:
        async with Bench(folder, language) as bench:
            began = bench.clock()
            numbers = await live_through(bench)
            return Made(folder, numbers, bench.clock() - began, bench.count)

    return event_loop.run(make())


async def live_through(bench: Bench) -> tuple[str, str]:
    await bench.says("anna", "hello there")
    if bench.settings.language != "en":
        await bench.says("anna", Pressed(f"language.{bench.settings.language}"))
    await bench.begins("anna", "2100000000001")
    await bench.sends("anna", HOSTILE_NAME, pictures.jpeg_of_home("kettle"), "the kettle, see the dent")
    await bench.sends("anna", "IMG_0002.HEIC", pictures.heic("label", (640, 480)))
    await bench.sends("anna", "unboxing.mp4", VIDEO)
    await bench.says("anna", "/waive the box went to the bin <script>alert(2)</script>")
    kettle = await bench.submits("anna")
    await bench.says("anna", "/waive I have no label")
    await bench.says("anna", HOSTILE_WORDS)
    await bench.edits("anna", EDITED)
    await bench.act(kettle, "ask", text="Please send the lid once more")
    await bench.begins("anna", "2100000000777", "order 2100000000777 secret lamp, I don't want it any more")
    await bench.sends("anna", "secret-lamp.jpg", pictures.jpeg("lamp"), "secret lamp from the side")
    lamp = await bench.submits("anna")
    await bench.act(lamp, "ask", text="is the secret lamp still closed?")
    await bench.says("anna", f"what about {lamp}, the secret one?")
    await bench.says("anna", "/status")
    await bench.act(kettle, "approve", amount=5900)
    return kettle, lamp
