"""Plays conversation files on Telegram: people write to a Bot API of ours, the real adapter polls it or is called by it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.adapter import Adapter
from bot.app import App
from bot.model.messages import Author, Button, File, Message
from bot.server import Server
from bot.settings import Settings
from tests.botapi.people import Person, buttons_of, words_of
from tests.botapi.server import TOKEN, BotApi, Json
from tests.fakes import NOTHING_READ, Received, file_named
from tests.player import FILE, Player, Script, read_script

REFRESH = "🔄"
Act = Callable[[], Awaitable[Any]]


class TelegramPlayer(Player):
    """`transport` is polling or webhook; the modes are those of Player, but for `typed` and `crash`."""

    def __init__(self, folder: Path, mode: str, transport: str, api: BotApi) -> None:
        super().__init__(folder, mode)
        self._api = api
        self._people: dict[str, Person] = {}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._transport = transport
        url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        telegram = {"token": TOKEN, "base_url": api.url, "mode": transport, "public_url": url, "keeps_pace": False}
        self._settings = Settings(data=folder, evidence=NOTHING_READ, telegram=telegram)  # type: ignore[arg-type]
        self._running: asyncio.Task[None] | None = None
        self._server: Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def _adapter(self, app: App) -> Adapter:
        return app.telegram()

    async def open(self) -> None:
        await super().open()
        assert self._app
        self._api.clock = lambda: self._clock().timestamp()
        adapter, accept = self._app.adapters["telegram"], self._app.dispatcher.accept
        if self._transport == "webhook":
            routes = Starlette(routes=adapter.routes(accept))
            self._server = Server(uvicorn.Config(routes, log_config=None, lifespan="off"))
            self._serving = asyncio.create_task(self._server.serve(sockets=[self._listening.dup()]))
        self._running = asyncio.create_task(adapter.run(accept))

    async def close(self) -> None:
        assert self._running
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving
        await super().close()

    def _person(self, script: Script, who: str) -> Person:
        chat = script.chat(who)
        if chat not in self._people:
            self._people[chat] = Person(self._api, who, language=None)
        return self._people[chat]

    def _events(self, script: Script, who: str, line: str) -> Sequence[Act]:
        person = self._person(script, who)
        files = FILE.findall(line)
        if line.startswith("[") and line.endswith("]"):
            return [partial(press, person, line[1:-1])]
        if files:
            caption = FILE.sub("", line).strip("+ ")
            album = f"{script.name}{script.seen}" if ")+(" in line else ""
            captions = [""] * (len(files) - 1) + [caption]
            return [partial(send_file, person, *one, album) for one in zip(files, captions, strict=True)]
        if line.startswith("{") and line.endswith("}"):
            return [partial(person.sends, **other(*line[1:-1].partition(" ")[::2]))]
        return [partial(person.says, line)]

    async def _act(self, script: Script, line: str) -> None:
        """Where a file names an address, it is that of the phone."""
        for who in script.people:
            line = line.replace(f"phone:{script.chat(who)} ", f"telegram:{self._person(script, who).id} ")
        await super()._act(script, line)

    async def _accept(self, events: Sequence[Any]) -> None:
        for act in events:
            await act()
            if self._mode == "twice":
                await self._api.tell_raw(self._api.latest)
        await self._api.until(lambda: self._api.pending == 0)

    def _received(self, script: Script) -> Sequence[Received]:
        told = [
            (message["message_id"], script.chat(who), message)
            for who in script.people
            for message in self._person(script, who).sees()
        ]
        told.sort(key=lambda one: one[0])
        return [Received(chat, as_message(message, self._files_of(message))) for _, chat, message in told]

    def _files_of(self, message: Json) -> Sequence[File]:
        shown = [*message.get("photo", ()), *([message["document"]] if "document" in message else [])]
        return [File(one["file_id"], self._api.names[one["file_id"]], "") for one in shown]

    def _addresses(self, script: Script) -> Sequence[str]:
        return [f"telegram:{self._person(script, who).id}" for who in script.people]


async def press(person: Person, label: str) -> None:
    try:
        await person.presses(label)
    except AssertionError:  # a button that nobody was shown
        await person.presses_data(label, {"chat": {"id": person.id, "type": "private"}, "date": 0, "message_id": 1})


async def send_file(person: Person, name: str, caption: str, album: str) -> None:
    """As a file, which keeps its name."""
    await person.sends_file(file_named(name), name, "image/jpeg", caption, album)
    if name.startswith("gone"):
        person.api.files.popitem()


def other(kind: str, note: str) -> Json:
    match kind:
        case "sticker":
            size = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
            return {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "emoji": note, **size}}
        case "location":
            latitude, longitude = note.split(",")
            return {"location": {"latitude": float(latitude), "longitude": float(longitude)}}
        case "contact":
            return {"contact": {"first_name": note, "phone_number": "138"}}
    return {"dice": {"emoji": "🎲", "value": 3}}


def as_message(sent: Json, files: Sequence[File] = ()) -> Message:
    """As other platforms show it too: without the button that has this message written anew."""
    buttons = [
        Button(one["callback_data"], one["text"].removeprefix("✓ "))
        for one in buttons_of(sent)
        if not one["text"].startswith(REFRESH) and "copy_text" not in one
    ]
    at = datetime.fromtimestamp(sent["date"], UTC)
    return Message(sent["message_id"], Author.BOT, at, words_of(sent), tuple(buttons), files=tuple(files))


async def play(file: Path, folder: Path, mode: str, transport: str, api: BotApi) -> str:
    """The transcript as it came out."""
    script = read_script(file)
    await TelegramPlayer(folder, mode, transport, api).play([script])
    return "\n".join(script.transcript) + "\n"
