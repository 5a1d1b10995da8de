"""Plays conversation files through the real dispatcher, a real database and the real outbox, and writes down what came out.

A line `anna: …` is a customer's: a text, `[A button]`, `(photo.jpg)` or several, with a caption after them, an album
`(a.jpg)+(b.jpg)`, or `{sticker 👍}` for what the bot has no use for. `agent: …` is a command of `shouhou case`.
 `wait: 25 hours` lets time pass. Everything else is what came out and is not read.
Case numbers are random: in a file the first one is KS-1, the second KS-2.
"""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Adapter
from bot.app import App
from bot.control import ControlError
from bot.look.workers import Workers
from bot.model.events import Address, Event, MediaRef, Pressed, Text, Unusable, Upload
from bot.settings import DATABASE, Settings
from bot.store.database import BUSY_SECONDS, Database, StoreUnavailableError
from tests.fakes import NOTHING_READ, Clock, FakePhone, Received

LINE = re.compile(r"^([a-z]+): +(.*)$")
FILE = re.compile(r"\(([^()\s]+\.[a-z0-9]+)\)")
NUMBER = re.compile(r"KS(?:-[2-9A-Z]{3}){3}")
ALIAS = re.compile(r"KS-(\d+)(?![-\w])")
MODES = ("straight", "restart", "twice", "typed", "crash")

FILE_SIGN = "⧉ "
"""Before what a message of the bot's brings along."""
MOST_TRIES = 60
NOT_NOW = 503
"""Of one act, crash after crash: then it is no crash that keeps it from being stored."""


class Crash(BaseException):
    """The process ends here."""


class CrashingDatabase(Database):
    """About a third of the transactions crash before their commit, a third right after it: the same ones in every run."""

    luck = random.Random(7)
    armed = True

    @asynccontextmanager
    async def transaction(self, within: float = BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        where = self.luck.randrange(3) if self.armed else 2
        async with super().transaction(within) as connection:
            yield connection
            if where == 0:
                raise Crash
        if where == 1:
            raise Crash


@dataclass
class Script:
    """One file on its way: the lines to come, and the transcript so far."""

    name: str
    head: list[str]
    lines: list[tuple[str, str]]
    transcript: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    seen: int = 0
    sent: int = 0

    def chat(self, who: str) -> str:
        return f"{self.name}.{who}"

    @property
    def people(self) -> Sequence[str]:
        return sorted({who for who, _ in self.lines} - {"agent", "wait"})

    def alias(self, shown: str) -> str:
        def replace(found: re.Match[str]) -> str:
            if found.group() not in self.numbers:
                self.numbers.append(found.group())
            return f"KS-{self.numbers.index(found.group()) + 1}"

        return NUMBER.sub(replace, shown)

    def real(self, written: str) -> str:
        def replace(found: re.Match[str]) -> str:
            index = int(found.group(1)) - 1
            return self.numbers[index] if index < len(self.numbers) else found.group()

        return ALIAS.sub(replace, written)


def read_script(file: Path) -> Script:
    head, lines = [], []
    for line in file.read_text("utf-8").splitlines():
        match = LINE.match(line)
        if not lines and (line.startswith("#") or not line):
            head.append(line)
        elif match and match.group(1) not in ("bot", "case", "staff"):
            lines.append((match.group(1), match.group(2)))
    return Script(file.stem, head, lines)


class Player:
    def __init__(
        self,
        folder: Path,
        mode: str,
        prepare: Callable[[App], None] = lambda app: None,
        workers: Workers | None = None,
    ) -> None:
        """`workers` are somebody else's to stop: they know nothing from one file to the next, and take longer to start
        than a conversation."""
        self._settings = Settings(data=folder, evidence=NOTHING_READ)
        self._mode = mode
        self._prepare = prepare
        self._clock = Clock()
        self._phone = FakePhone()
        self._count = 0
        self._app: App | None = None
        self._workers = workers or Workers(most=1)
        self._are_ours = workers is None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        make = CrashingDatabase if self._mode == "crash" else Database
        database = make(self._settings.data / DATABASE)
        self._app = App(self._settings, clock=self._clock, database=database, workers=self._workers)
        self._app.add([await self._adapter(self._app)])
        self._prepare(self._app)
        await self._app.database.migrate()
        self._task = asyncio.create_task(self._app.dispatcher.run())
        CrashingDatabase.armed = False  # or every third start would meet the same crash for ever
        await self._app.take_over()
        CrashingDatabase.armed = True

    async def _adapter(self, app: App) -> Adapter:
        return self._phone

    async def close(self) -> None:
        assert self._task
        assert self._app
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._app.stop()

    async def play(self, scripts: list[Script]) -> None:
        """All scripts side by side: the next line of each goes into one batch."""
        await self.open()
        for script in scripts:
            script.transcript = list(script.head)
        while any(script.seen < len(script.lines) for script in scripts):
            if self._mode == "restart":
                await self._reopen()
            playing = [script for script in scripts if script.seen < len(script.lines)]
            events: list[Any] = []
            for script in playing:
                who, line = script.lines[script.seen]
                script.seen += 1
                script.transcript.append(f"{who}: {line}")
                if who == "agent":
                    await self._act(script, script.real(line))
                elif who == "wait":
                    await self._wait(line)
                else:
                    events += self._events(script, who, script.real(line))
            await self._surely(lambda now=events: self._accept(now))
            await self._settle()
            for script in playing:
                self._write(script)
        for script in scripts:
            script.transcript += await self._cases(script)
        await self.close()
        if self._are_ours:
            await self._workers.stop()

    def _events(self, script: Script, who: str, line: str) -> Sequence[Any]:
        """What this line is to `_accept`."""
        files = FILE.findall(line)
        caption = FILE.sub("", line).strip("+ ")
        album = f"{script.name}:{script.seen}" if ")+(" in line else ""
        bodies: list[Any]
        if line.startswith("[") and line.endswith("]"):
            bodies = [self._pressed(script.chat(who), line[1:-1])]
        elif files:
            captions = [""] * (len(files) - 1) + [caption]
            bodies = [
                Upload(MediaRef(name, name), text, album=album) for name, text in zip(files, captions, strict=True)
            ]
        elif line.startswith("{") and line.endswith("}"):
            kind, _, note = line[1:-1].partition(" ")
            bodies = [Unusable(kind, note)]
        else:
            bodies = [Text(line)]
        events = []
        for body in bodies:
            self._count += 1
            address = Address("phone", script.chat(who))
            events.append(Event(f"phone:{script.name}:{self._count}", address, self._clock(), body))
        return events

    def _pressed(self, chat: str, label: str) -> Any:
        shown = [one.message.buttons for one in self._phone.received if one.chat == chat and one.message.buttons]
        if self._mode == "typed" and shown:
            for index, button in enumerate(shown[-1], start=1):
                if button.label == label:
                    return Text(str(index))
        for buttons in reversed(shown):
            for button in buttons:
                if button.label == label:
                    return Pressed(button.id)
        return Pressed(label)

    async def _accept(self, events: Sequence[Any]) -> None:
        assert self._app
        times = 2 if self._mode == "twice" else 1
        for _ in range(times):
            answers = [self._app.dispatcher.accept(event) for event in events]
            await asyncio.gather(*answers)

    async def _act(self, script: Script, line: str) -> None:
        command, number, *rest = line.split(" ", 2)
        words = rest[0] if rest else ""
        fields = {
            "approve": lambda: {"amount": round(float(words) * 100)},
            "refunded": dict,
            "reject": lambda: dict(zip(("reason", "next"), words.split(" | "), strict=True)),
        }.get(command, lambda: {"text": words} if words else {})()
        id_ = f"{script.name}:{script.seen}"
        try:
            if command == "show":
                await self._surely(lambda: self._control("case.show", number=number, agent="li"))
                return
            await self._surely(
                lambda: self._control("case.act", request=id_, number=number, agent="li", action=command, fields=fields)
            )
        except ControlError as error:
            script.transcript.append(f"staff: {script.alias(str(error))}")

    async def _control(self, what: str, /, **fields: Any) -> None:
        assert self._app
        await self._app.control.do(what, fields)

    async def _wait(self, line: str) -> None:
        assert self._app
        amount, unit = line.split()
        self._clock.wait(timedelta(**{unit if unit.endswith("s") else unit + "s": float(amount)}))
        while await self._surely(lambda: self._app.reminders.remind()):  # type: ignore[union-attr]
            await self._settle()

    async def _settle(self) -> None:
        """Errands and deliveries until there is nothing left to do."""
        while await self._surely(self._work):
            pass

    async def _work(self) -> int:
        assert self._app
        assert self._task
        done = await self._app.errands.do_all()
        if self._task.done():  # the crash was in what an errand brought
            raise Crash
        for delivery in self._app.deliveries:
            done += await delivery.deliver()
        return done

    async def _surely(self, act: Callable[[], Any]) -> Any:
        """As a platform does it: the same again until it is acknowledged, whatever crashed."""
        for _ in range(MOST_TRIES):
            try:
                return await act()
            except (Crash, StoreUnavailableError, ControlError) as error:
                if isinstance(error, ControlError) and error.status != NOT_NOW:
                    raise
                await self._reopen()
        raise AssertionError("nothing stores this, however often it is tried")

    async def _reopen(self) -> None:
        await self.close()
        await self.open()

    def _write(self, script: Script) -> None:
        last = next((who for who, _ in reversed(script.lines[: script.seen]) if who not in ("agent", "wait")), "")
        mine = self._received(script)
        for one in mine[script.sent :]:
            who = one.chat.removeprefix(f"{script.name}.")
            label = "bot:  " if who == last else f"bot to {who}: "
            lines = script.alias(one.message.text).splitlines()
            script.transcript += [label + lines[0], *(f"      {line}" for line in lines[1:])]
            script.transcript += [f"      {FILE_SIGN}{script.alias(file.name)}" for file in one.message.files]
            if one.message.buttons:
                script.transcript.append("      " + script.alias(" ".join(f"[{b.label}]" for b in one.message.buttons)))
        script.sent = len(mine)

    def _received(self, script: Script) -> Sequence[Received]:
        """What the script's people were sent, in order."""
        return [one for one in self._phone.received if one.chat.startswith(f"{script.name}.")]

    def _addresses(self, script: Script) -> Sequence[str]:
        return [f"phone:{script.chat(who)}" for who in script.people]

    async def _cases(self, script: Script) -> list[str]:
        assert self._app
        query = text(
            "SELECT * FROM cases WHERE address IN (SELECT value FROM json_each(:addresses)) ORDER BY submitted_at, rowid"
        )
        async with self._app.database.reading() as connection:
            addresses = json.dumps(self._addresses(script))
            rows = (await connection.execute(query, {"addresses": addresses})).mappings().all()
        return [
            script.alias(
                f"case: {row['number']}, {row['reason']}, {row['wish']}, order {row['order_number'] or '-'}, "
                f"{row['status']}, {row['photos']} photos"
            )
            for row in rows
        ]


async def play(
    file: Path,
    folder: Path,
    mode: str,
    prepare: Callable[[App], None] = lambda app: None,
    workers: Workers | None = None,
) -> str:
    """The transcript as it came out."""
    script = read_script(file)
    CrashingDatabase.luck.seed(7)
    await Player(folder, mode, prepare, workers).play([script])
    return "\n".join(script.transcript) + "\n"
