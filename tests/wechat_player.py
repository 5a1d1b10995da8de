"""Plays conversation files through the official account: every line over HTTP as WeChat sends it, every answer as its phone shows it.

WeChat shows several messages as one and has the last buttons only, and it has no captions: what is compared is what was said, line by
line, and the buttons at the end of each step.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.adapter import Adapter
from bot.app import App
from bot.settings import DATABASE
from bot.store import bookmarks, outbox
from bot.store.database import Database
from tests.fake_wechat import FakeWeChat
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.fakes import file_named
from tests.player import FILE, Player, Script
from tests.waiting import until
from tests.wechat_apps import mini_settings, serving, wechat_settings, wecom_settings

LISTED = re.compile(r"^\[(\d+)\] (.*)$")
BUTTONS = re.compile(r"^\[.*\]$")
NAMED = re.compile(r"\b(\d{6})\.jpg\b")
SAID = re.compile(r"^(?:bot|bot to [a-z]+): +(.*)$")
TO = re.compile(r"^bot to ([a-z]+): ")
PICTURE = "⧉ "
UNSUPPORTED = "{other}"
"""What WeChat does not bring, but for a sentence in its place."""
Act = Callable[[], Awaitable[object]]


class NotThereError(Exception):
    """A button that a list of numbers does not have (any more)."""


class WeChatPlayer(Player):
    """`mode`: menu or list, the two ways that buttons have."""

    path = "/wechat"
    address = "wechat:"

    def __init__(self, folder: Path, mode: str) -> None:
        super().__init__(folder, mode)
        self.fake: Any = self._make_fake(lambda: self._clock().timestamp())
        self._names: dict[str, str] = {}
        self._shown: dict[str, int] = {}
        self._stack = AsyncExitStack()
        self.steps: list[tuple[str, dict[str, list[str]]]] = []
        self.replaceable: set[str] = set()
        """Lines of questions and receipts: where a newer one is delivered with it, an older one is left out."""
        self._awaits_receipt = False

    def _make_fake(self, clock: Callable[[], float]) -> Any:
        return FakeWeChat(clock)

    def _make_app(self) -> tuple[App, Adapter]:
        settings = wechat_settings(self._settings.data, self.fake.url, buttons=self._mode)
        app = App(settings, clock=self._clock, database=Database(settings.data / DATABASE))
        return app, app.wechat()

    async def open(self) -> None:
        await self.fake.start()
        self._app, adapter = self._make_app()
        self._app.add([adapter])
        await self._app.database.migrate()
        self._task = asyncio.create_task(self._app.dispatcher.run())
        url, _ = await self._stack.enter_async_context(serving(adapter, self._app.dispatcher.accept))
        self.fake.callback = url + self.path

    async def close(self) -> None:
        await self._stack.aclose()
        await super().close()
        await self.fake.stop()

    def _events(self, script: Script, who: str, line: str) -> list[Any]:
        chat, files = script.chat(who), FILE.findall(line)
        caption = FILE.sub("", line).strip()
        if line.startswith("[") and line.endswith("]"):
            return [lambda: self._press(chat, line[1:-1])]
        if line == UNSUPPORTED:
            return [lambda: self.fake.sends_unsupported(chat)]
        if not files:
            return [lambda: self.fake.says(chat, line)]
        acts: list[Act] = [lambda name=name: self._send_photo(chat, name) for name in files]  # type: ignore[misc]
        return [*acts, lambda: self.fake.says(chat, caption)] if caption else acts

    async def _press(self, chat: str, label: str) -> object:
        shown = self.fake.shown.get(chat, [])
        for one in reversed(shown):
            for id_, written in one.menu:
                if written == label:
                    return await self.fake.clicks(chat, id_, label)
        if self._mode == "menu":
            return await self.fake.clicks(chat, label, label)
        for one in reversed(shown):
            if listed := dict(
                reversed(found.groups()) for row in one.text.splitlines() if (found := LISTED.match(row))
            ):
                if label in listed:
                    return await self.fake.says(chat, listed[label])
                break
        raise NotThereError(label)

    async def _act(self, script: Script, line: str) -> None:
        await super()._act(script, line.replace(" phone:", f" {self.address}"))

    async def _send_photo(self, chat: str, name: str) -> object:
        number = self.fake.number()
        self._names[str(number)[-6:]] = name
        sent = await self.fake.sends_photo(chat, file_named(name), name, number)
        self._awaits_receipt = True
        if name.startswith("gone"):
            self.fake.media.clear()
        return sent

    async def _accept(self, events: Sequence[Any]) -> None:
        for act in events:
            await act()
        await self._answered()

    async def _settle(self) -> None:
        """Let the time pass that a receipt waits for further files, when some were sent."""
        await super()._settle()
        if self._awaits_receipt:
            self._awaits_receipt = False
            await self._wait("2 seconds")

    async def _answered(self) -> None:
        """Nothing is held any more: what was answered is noted."""
        app = self._app
        assert app

        async def is_noted() -> bool:
            for delivery in app.deliveries:
                await delivery._note()
            async with app.database.reading() as connection:
                chats = [f"{self.address}{who}" for who in self.fake.shown]
                unsaid = [one for several in (await outbox.to_say(connection, chats)).values() for one in several]
            return not any(one.state == "due" and one.due_at > self._clock() for one in unsaid)

        await until(is_noted)

    def _write(self, script: Script) -> None:
        told: dict[str, list[str]] = {}
        for chat in sorted(self.fake.shown):
            new = self.fake.shown[chat][self._shown.get(chat, 0) :]
            self._shown[chat] = len(self.fake.shown[chat])
            if new and chat.startswith(f"{script.name}."):
                told[chat.removeprefix(f"{script.name}.")] = [
                    script.alias(line) for one in new for line in self._lines(one)
                ]
        self.steps.append((script.transcript[-1] if script.transcript else "", told))

    def _lines(self, one: Any) -> list[str]:
        if one.file:
            return [f"{PICTURE}{one.file.name}"]
        rows = [row for row in NAMED.sub(self._original, one.text).splitlines() if row.strip()]
        labels = [found.group(2) for row in rows if (found := LISTED.match(row))] or [label for _, label in one.menu]
        said = [row for row in rows if not LISTED.match(row)]
        return [*said, " ".join(f"[{label}]" for label in labels)] if labels else said

    def _original(self, found: re.Match[str]) -> str:
        return self._names.get(found.group(1), found.group())

    async def _cases(self, script: Script) -> list[str]:
        assert self._app
        async with self._app.database.reading() as connection:
            rows = (await connection.execute(text("SELECT * FROM outbox"))).mappings().all()
        for message in (outbox.from_row(row).message for row in rows):
            receipt = message.text.removesuffix(message.question) if message.about else ""
            lines = f"{receipt}\n{message.question}".splitlines()
            self.replaceable |= {script.alias(NAMED.sub(self._original, line)).strip() for line in lines}
        return []


class MiniProgramPlayer(WeChatPlayer):
    """The same through a mini program: nothing is answered in its callbacks."""

    path = "/miniprogram"
    address = "miniprogram:"

    def _make_fake(self, clock: Callable[[], float]) -> Any:
        return FakeWeChat(clock, mini=True)

    def _make_app(self) -> tuple[App, Adapter]:
        settings = mini_settings(self._settings.data, self.fake.url)
        app = App(settings, clock=self._clock, database=Database(settings.data / DATABASE))
        return app, app.mini_program()


class WeComPlayer(WeChatPlayer):
    """The same through 微信客服: each line is read with sync_msg."""

    path = "/wecom"
    address = f"wecom:{ACCOUNT}/"

    def _make_fake(self, clock: Callable[[], float]) -> Any:
        return FakeWeCom(clock)

    def _make_app(self) -> tuple[App, Adapter]:
        settings = wecom_settings(self._settings.data, self.fake.url)
        app = App(settings, clock=self._clock, database=Database(settings.data / DATABASE))
        return app, app.wecom()

    async def _answered(self) -> None:
        app, place = self._app, f"n{len(self.fake.log[ACCOUNT])}"
        assert app

        async def is_kept() -> bool:
            async with app.database.reading() as connection:
                return str(await bookmarks.get(connection, f"wecom:cursor:{ACCOUNT}")).endswith(place)

        await until(is_kept)


def wanted_steps(file: Path) -> list[tuple[str, dict[str, list[str]]]]:
    """What the file says that each customer is told after each line."""
    steps: list[tuple[str, dict[str, list[str]]]] = []
    who = last = ""
    for line in file.read_text("utf-8").splitlines():
        if found := SAID.match(line):
            to = TO.match(line)
            who = to.group(1) if to else last
            steps[-1][1].setdefault(who, []).append(found.group(1))
        elif line.startswith("      ") and steps:
            if line.strip():
                steps[-1][1].setdefault(who, []).append(line.strip())
        elif (spoken := re.match(r"^([a-z]+): ", line)) and spoken.group(1) not in ("case", "staff"):
            if spoken.group(1) not in ("agent", "wait"):
                last = spoken.group(1)
            steps.append((line, {}))
    return steps


def texts(told: Sequence[str]) -> list[str]:
    """Without pictures: they go where there is room, after the words, and are left out where there is none."""
    return [line.strip() for line in told if not BUTTONS.match(line) and not line.strip().startswith(PICTURE)]


def last_buttons(told: Sequence[str]) -> str:
    return next((line for line in reversed(told) if BUTTONS.match(line)), "")


LOCALES = Path(__file__).parent.parent / "locales"
ON_THE_PAGE = {
    line.removeprefix("on_the_page = ")
    for file in LOCALES.glob("*/wechat.ftl")
    for line in file.read_text("utf-8").splitlines()
    if line.startswith("on_the_page = ")
}
"""Said of a file where an account can send none; a conversation file has the file's name there."""


def differences(
    came_out: Sequence[tuple[str, dict[str, list[str]]]], file: Path, replaceable: Collection[str] = ()
) -> list[str]:
    """In all, each customer is told the same; and after each line, the same buttons are there to press.

    Lines that are `replaceable` may be missing.
    """
    wanted = wanted_steps(file)
    found = []
    people = {who for _, told in [*wanted, *came_out] for who in told}
    for who in sorted(people):
        heard = [line for _, told in came_out for line in texts(told.get(who, [])) if line not in ON_THE_PAGE]
        written = [line for _, told in wanted for line in texts(told.get(who, []))]
        for line in written:
            while line in heard and heard[0] != line and heard[0] in replaceable:
                heard.pop(0)  # words under photos come as a message of their own, and get an answer of their own
            if heard[:1] == [line]:
                heard.pop(0)
            elif line not in replaceable:
                found.append(f"{who} was told {heard[:1]}, not {line!r}"[:600])
                break
        else:
            found += [f"{who} was told {line!r} besides"[:600] for line in heard]
        for (line, told), (_, should) in zip(came_out, wanted, strict=False):
            ours, theirs = told.get(who, []), should.get(who, [])
            if texts(ours) == texts(theirs) and last_buttons(ours) != last_buttons(theirs):
                found.append(f"after {line!r}: {last_buttons(ours)}, not {last_buttons(theirs)}")
    return found
