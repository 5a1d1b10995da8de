"""People on Telegram: what they do becomes updates, what they see is what the bot sent them."""

import itertools
import time
from collections.abc import Sequence
from typing import Any

from tests.botapi.server import BOT, BotApi, Chat, Json

IDS = itertools.count(5_000_000_001)
FILES = itertools.count(1)


class Person:
    """Somebody in a private chat with the bot."""

    def __init__(self, api: BotApi, name: str = "Anna", language: str | None = "en", id_: int = 0) -> None:
        self.id = id_ or next(IDS)
        self.api = api
        self.user = {"id": self.id, "is_bot": False, "first_name": name, "language_code": language}
        self.chat = api.chats.setdefault(self.id, Chat(self.id))
        self.topic = 0
        """The topic of the chat that they write in; 0: none."""

    def opens_topic(self, id_: int) -> None:
        self.chat.topics[id_] = f"Topic {id_}"
        self.topic = id_

    async def says(self, text: str) -> int:
        content: Json = {"text": text}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return await self.sends(**content)

    async def sends(self, **content: Any) -> int:
        """A message with this in it; returns the update's id."""
        thread = {"message_thread_id": self.topic, "is_topic_message": True} if self.topic else {}
        return await self.api.tell("message", self.api.message(self.chat, self.user, **thread, **content))

    async def edits(self, text: str) -> int:
        """The words of their last message."""
        return await self.changes(text=text)

    async def changes(self, **content: Any) -> int:
        """Their last message."""
        mine = [one for one in self.chat.messages.values() if one["from"]["id"] == self.id][-1]
        edited = mine | content | {"edit_date": int(time.time())}
        self.chat.messages[mine["message_id"]] = edited
        return await self.api.tell("edited_message", edited)

    async def sends_photo(self, content: bytes, caption: str = "", album: str = "") -> int:
        return await self.sends(photo=self.photo(content), **with_caption(caption, album))

    def photo(self, content: bytes) -> list[Json]:
        """A photo as it stands in a message, in its sizes."""
        return [
            {**self._file(content), "width": width, "height": height}
            for width, height in ((90, 67), (800, 600), (1280, 960))
        ]

    async def sends_album(self, contents: Sequence[bytes], caption: str = "", album: str = "") -> None:
        """One message for each, the caption with the first."""
        album = album or f"album{next(FILES)}"
        for index, content in enumerate(contents):
            await self.sends_photo(content, "" if index else caption, album)

    async def sends_file(
        self, content: bytes, name: str, mime: str = "image/jpeg", caption: str = "", album: str = ""
    ) -> int:
        document = {**self._file(content), "file_name": name, "mime_type": mime}
        return await self.sends(document=document, **with_caption(caption, album))

    async def sends_voice(self, content: bytes) -> int:
        return await self.sends(voice={**self._file(content), "duration": 3, "mime_type": "audio/ogg"})

    async def sends_video(self, content: bytes, caption: str = "", album: str = "") -> int:
        video = {**self._file(content), "width": 640, "height": 480, "duration": 4, "mime_type": "video/mp4"}
        return await self.sends(video=video, **with_caption(caption, album))

    async def presses(self, label: str) -> int:
        """The latest button with this label; a pressed one is shown with a mark."""
        for message in reversed(self.chat.of_bot()):
            for button in buttons_of(message):
                if button["text"].removeprefix("✓ ") == label:
                    return await self.presses_data(button["callback_data"], message)
        raise AssertionError(f"there is no button {label!r}")

    async def presses_data(self, data: str, message: Json) -> int:
        query = {
            "id": str(next(FILES) + 10**15), "from": {key: value for key, value in self.user.items() if value is not None},
            "message": message, "chat_instance": "1", "data": data,
        }  # fmt: skip
        return await self.api.tell("callback_query", query)

    async def blocks(self, *, is_blocked: bool = True) -> int:
        self.chat.is_blocked = is_blocked
        old, new = ("member", "kicked") if is_blocked else ("kicked", "member")
        change = {
            "chat": {"id": self.id, "type": "private", "first_name": self.user["first_name"]},
            "from": {key: value for key, value in self.user.items() if value is not None},
            "date": int(time.time()), "old_chat_member": membership(old), "new_chat_member": membership(new),
        }  # fmt: skip
        return await self.api.tell("my_chat_member", change)

    def sees(self) -> list[Json]:
        """What the bot sent, in order."""
        return self.chat.of_bot()

    def texts(self) -> list[str]:
        return [words_of(one) for one in self.sees()]

    def labels(self) -> list[str]:
        """Of the last message."""
        return [button["text"] for button in buttons_of(self.sees()[-1])] if self.sees() else []

    async def until(self, is_so: Any, seconds: float = 20.0) -> None:
        await self.api.until(is_so, seconds)

    def _file(self, content: bytes) -> Json:
        id_ = f"file{next(FILES)}"
        self.api.files[id_] = content
        return {"file_id": id_, "file_unique_id": f"u{id_}", "file_size": len(content)}


class Group:
    """A group that the bot is in; with privacy mode on, it sees what names it."""

    def __init__(self, api: BotApi, id_: int = -1001) -> None:
        self.api = api
        self.chat = api.chats.setdefault(id_, Chat(id_, "supergroup"))

    async def hears(self, person: Person, text: str) -> int:
        return await self.api.tell("message", self.api.message(self.chat, person.user, text=text))

    def texts(self) -> list[str]:
        return [words_of(one) for one in self.chat.of_bot()]

    async def hears_in(self, topic: int, person: Person, **content: Any) -> int:
        """In a topic of it."""
        thread = {"message_thread_id": topic, "is_topic_message": True}
        return await self.api.tell("message", self.api.message(self.chat, person.user, **thread, **content))

    def topic(self, words: str) -> int:
        """The one whose name has these words."""
        return next(id_ for id_, name in self.chat.topics.items() if words in name)

    def posts(self, topic: int) -> list[Json]:
        return [one for one in self.chat.of_bot() if one.get("message_thread_id") == topic]

    def moves(self, id_: int) -> None:
        self.chat.moved_to = id_
        self.chat = self.api.chats[id_] = Chat(id_, "supergroup")


def words_of(message: Json) -> str:
    return str(message.get("text") or message.get("caption", ""))


def buttons_of(message: Json) -> list[Json]:
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def with_caption(caption: str, album: str) -> Json:
    return ({"caption": caption} if caption else {}) | ({"media_group_id": album} if album else {})


def membership(status: str) -> Json:
    return {"status": status, "user": BOT} | ({"until_date": 0} if status == "kicked" else {})
