"""The Bot API: getUpdates with at-least-once offsets, webhooks with retries and each chat's order, sending, files, and faults.

What it refuses, it refuses in Telegram's words. Times are real seconds, but for `pause`, which stands for a webhook's retries.
"""

import asyncio
import io
import itertools
import json
import random
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from PIL import Image

from tests.waiting import GENEROUS_SECONDS, until

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
BOT = {"id": 110201543, "is_bot": True, "first_name": "售后", "username": "shouhou_bot"}
LARGEST_FILE = 20 << 20
LARGEST_PHOTO = 10_000_000
Json = dict[str, Any]


@dataclass
class Fault:
    """What happens instead of a proper answer. `done`: the call is carried out before."""

    status: int = 0
    body: Any = None
    hangs: float = 0.0
    done: bool = False


RESET = Fault()
TIMEOUT = Fault(hangs=3600.0)
BROKEN = Fault(500, {"ok": False, "error_code": 500, "description": "Internal Server Error: restart"})
HTML = Fault(502, "<html><h1>502 Bad Gateway</h1></html>")


def flood(seconds: int) -> Fault:
    description = f"Too Many Requests: retry after {seconds}"
    return Fault(
        429, {"ok": False, "error_code": 429, "description": description, "parameters": {"retry_after": seconds}}
    )


class NoError(Exception):
    """The Bot API says no."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


@dataclass
class Chat:
    """A private chat or a group, with everything in it by message id."""

    id: int
    type: str = "private"
    messages: dict[int, Json] = field(default_factory=dict)
    is_blocked: bool = False
    moved_to: int = 0
    is_forum: bool = False
    may_manage_topics: bool = True
    topics: dict[int, str] = field(default_factory=dict)

    def of_bot(self) -> list[Json]:
        return [one for one in self.messages.values() if one["from"]["id"] == BOT["id"]]


class BotApi:
    def __init__(self, token: str = TOKEN, pause: float = 0.02) -> None:
        self.token = token
        self.url = ""
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        """Of what the bot uploaded, by the file's id; Telegram shows no name with a photo."""
        self.calls: list[tuple[str, Json]] = []
        self.uploaded: list[tuple[str, str, bytes]] = []
        """What the bot sent along: the call, the file's name and its bytes."""
        self.unknown: set[str] = set()
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.is_down = False
        self.clock = time.time
        self.delay = 0.0
        self.jitter = 0.0
        self.profile: dict[str, Any] = {}
        self.reactions: dict[int, str] = {}
        self.rung: list[int] = []
        """Messages for which the phone rang."""
        self.webhook: Json = {}
        self.latest: Json = {}
        self.told: list[Json] = []
        self.changed = asyncio.Condition()
        self._pause = pause
        self._message_ids = itertools.count(1)
        self._file_ids = itertools.count(1)
        self._update_ids = itertools.count(random.randrange(100_000_000, 900_000_000))
        self._updates: deque[Json] = deque()
        self._polls = 0
        self._lanes: dict[str, deque[Json]] = {}
        self._senders: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._port = 0

    # The server

    async def start(self) -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Gone: nobody listens any more, and open connections are cut."""
        for task in self._senders:
            task.cancel()
        self._senders.clear()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def pending(self) -> int:
        return len(self._updates) + sum(len(lane) for lane in self._lanes.values())

    async def until(self, is_so: Any, seconds: float = GENEROUS_SECONDS) -> None:
        await until(is_so, seconds)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method, token = request.match_info["method"], request.match_info["token"]
        if token != self.token:
            return refusal(NoError(401, "Unauthorized"))
        if self.is_down:
            return abort(request)
        fields = await self._fields_of(method, request)
        fault = self.faults[method].popleft() if self.faults[method] else None
        if fault and not fault.done:
            return await fault_answer(request, fault)
        self.calls.append((method, fields))
        handler = getattr(self, f"_{method}", None)
        if handler is None or method in self.unknown:
            return refusal(NoError(404, "Not Found"))
        if method != "getUpdates" and (self.delay or self.jitter):
            await asyncio.sleep(self.delay + random.uniform(0, self.jitter))
        try:
            result = await handler(fields)
        except NoError as error:
            return refusal(error)
        finally:
            async with self.changed:
                self.changed.notify_all()
        if fault:
            return await fault_answer(request, fault)
        return web.json_response({"ok": True, "result": result})

    async def _fields_of(self, method: str, request: web.Request) -> Json:
        """JSON, or a form as other libraries send it. What is uploaded is kept, and its field is the file's id then."""
        if request.content_type == "application/json":
            return dict(await request.json() or {})
        fields: Json = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                fields[name] = f"uploaded{next(self._file_ids)}"
                self.files[fields[name]] = content
                self.names[fields[name]] = value.filename
                self.uploaded.append((method, value.filename, content))
            else:
                fields[name] = unpacked(name, str(value))
        return fields

    # Updates

    async def tell(self, kind: str, content: Json) -> int:
        """An update of this kind, for whoever asks; returns its id."""
        update = {"update_id": next(self._update_ids), kind: content}
        await self.tell_raw(update)
        return int(update["update_id"])

    async def tell_raw(self, update: Json) -> None:
        self.latest = update
        self.told.append(update)
        if self.webhook.get("url"):
            self._push(update)
        else:
            self._updates.append(update)
        async with self.changed:
            self.changed.notify_all()

    def begin_counting_at(self, update_id: int) -> None:
        self._update_ids = itertools.count(update_id)

    async def _getUpdates(self, fields: Json) -> list[Json]:  # noqa: N802
        if self.webhook.get("url"):
            raise NoError(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
        self._polls += 1
        mine = self._polls
        offset = fields.get("offset")
        if offset is not None:
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
        ends = time.monotonic() + min(fields.get("timeout", 0), 50)
        async with self.changed:
            self.changed.notify_all()
            while not self._updates and (left := ends - time.monotonic()) > 0 and mine == self._polls:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), left)
        if mine != self._polls:
            raise NoError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return list(itertools.islice(self._updates, min(fields.get("limit", 100), 100)))

    async def _setWebhook(self, fields: Json) -> bool:  # noqa: N802
        self.webhook = dict(fields)
        while self._updates:
            self._push(self._updates.popleft())
        return True

    async def _deleteWebhook(self, fields: Json) -> bool:  # noqa: N802
        self.webhook = {}
        return True

    async def _getWebhookInfo(self, fields: Json) -> Json:  # noqa: N802
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": self.pending,
            **self.profile.get("webhook", {}),
        }

    def _push(self, update: Json) -> None:
        """To the webhook: each chat in its order, chats beside each other."""
        lane = lane_of(update)
        is_served = lane in self._lanes  # also while its last update was just taken out
        self._lanes.setdefault(lane, deque()).append(update)
        if not is_served:
            task = asyncio.create_task(self._deliver(lane))
            self._senders.add(task)
            task.add_done_callback(self._senders.discard)

    async def _deliver(self, lane: str) -> None:
        waiting, failures = self._lanes[lane], 0
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as http:
            while waiting:
                after = 0.0 if failures == 0 else min(2**failures, 60) * self._pause
                try:
                    async with http.post(self.webhook["url"], json=waiting[0], headers=headers) as response:
                        await response.read()
                        if 200 <= response.status < 300:
                            waiting.popleft()
                            failures = 0
                            async with self.changed:
                                self.changed.notify_all()
                            continue
                        after = max(after, float(response.headers.get("Retry-After", 0)) * self._pause)
                except (aiohttp.ClientError, TimeoutError):
                    pass
                failures += 1
                await asyncio.sleep(after)
            del self._lanes[lane]  # before anything is awaited: what comes next begins a lane of its own

    # Sending

    async def _sendMessage(self, fields: Json) -> Json:  # noqa: N802
        chat = self._chat(fields["chat_id"])
        if not fields.get("text", "").strip():
            raise NoError(400, "Bad Request: message text is empty")
        if len(fields["text"].encode("utf-16-le")) // 2 > 4096:
            raise NoError(400, "Bad Request: message is too long")
        check_buttons(fields.get("reply_markup"))
        shown = {name: fields[name] for name in ("reply_markup", "entities") if name in fields}
        message = self.message(chat, BOT, text=fields["text"], **shown, **in_topic(chat, fields))
        if not fields.get("disable_notification"):
            self.rung.append(message["message_id"])
        return message

    async def _sendPhoto(self, fields: Json) -> Json:  # noqa: N802
        content = self.files.get(fields.get("photo", ""))
        if content is None:
            raise NoError(400, "Bad Request: there is no photo in the request")
        if len(content) > LARGEST_PHOTO:
            raise NoError(400, "Bad Request: file is too big for a photo")
        width, height = size_of(content)
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise NoError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        size = {"file_id": fields["photo"], "file_unique_id": f"u{fields['photo']}", "width": width, "height": height}
        return self._captioned(fields, photo=[size])

    async def _sendDocument(self, fields: Json) -> Json:  # noqa: N802
        id_ = fields.get("document", "")
        if id_ not in self.files:
            raise NoError(400, "Bad Request: there is no document in the request")
        document = {"file_id": id_, "file_unique_id": f"u{id_}", "file_name": self.uploaded[-1][1]}
        return self._captioned(fields, document=document)

    def _captioned(self, fields: Json, **content: Any) -> Json:
        chat = self._chat(fields["chat_id"])
        if len(fields.get("caption", "").encode("utf-16-le")) // 2 > 1024:
            raise NoError(400, "Bad Request: message caption is too long")
        check_buttons(fields.get("reply_markup"))
        kept = {name: fields[name] for name in ("caption", "caption_entities", "reply_markup") if name in fields}
        message = self.message(chat, BOT, **content, **kept, **in_topic(chat, fields))
        if not fields.get("disable_notification"):
            self.rung.append(message["message_id"])
        return message

    async def _createForumTopic(self, fields: Json) -> Json:  # noqa: N802
        chat = self._chat(fields["chat_id"])
        if not chat.is_forum:
            raise NoError(400, "Bad Request: the chat is not a forum")
        if not chat.may_manage_topics:
            raise NoError(400, "Bad Request: not enough rights to create a topic")
        if not 1 <= len(fields["name"]) <= 128:
            raise NoError(400, "Bad Request: TOPIC_TITLE_EMPTY")
        topic = next(self._message_ids)
        chat.topics[topic] = fields["name"]
        return {"message_thread_id": topic, "name": fields["name"], "icon_color": 7322096}

    async def _setMessageReaction(self, fields: Json) -> bool:  # noqa: N802
        message = self._chat(fields["chat_id"]).messages.get(fields["message_id"])
        if message is None:
            raise NoError(400, "Bad Request: message to react not found")
        self.reactions[fields["message_id"]] = fields["reaction"][0]["emoji"]
        return True

    async def _getChat(self, fields: Json) -> Json:  # noqa: N802
        chat = self._chat(fields["chat_id"])
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), True
        )
        always = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
        return {"id": chat.id, "type": chat.type, **always} | ({"is_forum": True} if chat.is_forum else {})

    async def _getChatMember(self, fields: Json) -> Json:  # noqa: N802
        chat = self._chat(fields["chat_id"])
        rights = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
            "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
        )
        rights_of_an_admin = dict.fromkeys(rights.split(), False) | {"can_manage_topics": chat.may_manage_topics}
        return {"status": "administrator", "user": BOT, **rights_of_an_admin}

    async def _editMessageText(self, fields: Json) -> Json:  # noqa: N802
        message = self._chat(fields["chat_id"]).messages.get(fields["message_id"])
        if message is None:
            raise NoError(400, "Bad Request: message to edit not found")
        check_buttons(fields.get("reply_markup"))
        if (message["text"], message.get("reply_markup")) == (fields["text"], fields.get("reply_markup")):
            raise NoError(
                400, "Bad Request: message is not modified: specified new message content is exactly the same"
            )
        message |= {
            "text": fields["text"],
            "reply_markup": fields.get("reply_markup", {}),
            "edit_date": int(time.time()),
        }
        return message

    async def _editMessageReplyMarkup(self, fields: Json) -> Json:  # noqa: N802
        message = self._chat(fields["chat_id"]).messages.get(fields["message_id"])
        if message is None:
            raise NoError(400, "Bad Request: message to edit not found")
        check_buttons(fields["reply_markup"])
        message["reply_markup"] = fields["reply_markup"]
        return message

    async def _answerCallbackQuery(self, fields: Json) -> bool:  # noqa: N802
        return True

    async def _sendChatAction(self, fields: Json) -> bool:  # noqa: N802
        in_topic(self._chat(fields["chat_id"]), fields)
        return True

    async def _getMe(self, fields: Json) -> Json:  # noqa: N802
        return BOT | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _setMyCommands(self, fields: Json) -> bool:  # noqa: N802
        scope = fields.get("scope", {"type": "default"})
        self.profile["commands", scope["type"], fields.get("language_code")] = fields["commands"]
        return True

    async def _deleteMyCommands(self, fields: Json) -> bool:  # noqa: N802
        scope = fields.get("scope", {"type": "default"})
        self.profile.pop(("commands", scope["type"], fields.get("language_code")), None)
        return True

    async def _setMyDescription(self, fields: Json) -> bool:  # noqa: N802
        self.profile["description", fields.get("language_code")] = fields["description"]
        return True

    async def _setMyShortDescription(self, fields: Json) -> bool:  # noqa: N802
        self.profile["short", fields.get("language_code")] = fields["short_description"]
        return True

    async def _setChatMenuButton(self, fields: Json) -> bool:  # noqa: N802
        return True

    def _chat(self, id_: Any) -> Chat:
        chat = self.chats.get(int(id_))
        if chat is None:
            raise NoError(400, "Bad Request: chat not found")
        if chat.moved_to:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise NoError(400, text, migrate_to_chat_id=chat.moved_to)
        if chat.is_blocked:
            raise NoError(403, "Forbidden: bot was blocked by the user")
        return chat

    def message(self, chat: Chat, sender: Json, **content: Any) -> Json:
        """A new message in this chat, which everybody in it sees."""
        shown = {"id": chat.id, "type": chat.type}
        shown |= {"title": "Family"} if chat.type != "private" else {"first_name": sender["first_name"]}
        message = {
            "message_id": next(self._message_ids),
            "from": {key: value for key, value in sender.items() if value is not None},
            "chat": shown,
            "date": int(self.clock()),
            **content,
        }
        chat.messages[message["message_id"]] = message
        return message

    # Files

    async def _getFile(self, fields: Json) -> Json:  # noqa: N802
        id_ = fields["file_id"]
        if id_ not in self.files:
            raise NoError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[id_]) > LARGEST_FILE:
            raise NoError(400, "Bad Request: file is too big")
        return {
            "file_id": id_,
            "file_unique_id": f"u{id_}"[:40],
            "file_size": len(self.files[id_]),
            "file_path": f"f/{id_}",
        }

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if self.is_down:
            return abort(request)
        fault = self.faults["download"].popleft() if self.faults["download"] else None
        if fault:
            return await fault_answer(request, fault)
        content = self.files.get(request.match_info["path"].removeprefix("f/"))
        if request.match_info["token"] != self.token or content is None:
            return web.Response(status=404)
        return web.Response(body=content)


def in_topic(chat: Chat, fields: Json) -> Json:
    topic = fields.get("message_thread_id")
    if topic is None:
        return {}
    if topic not in chat.topics:
        raise NoError(400, "Bad Request: message thread not found")
    return {"message_thread_id": topic, "is_topic_message": True}


def check_buttons(markup: Json | None) -> None:
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if "copy_text" in button:
                if not 1 <= len(button["copy_text"]["text"]) <= 256:
                    raise NoError(400, "Bad Request: COPY_TEXT_INVALID")
            elif not 1 <= len(button["callback_data"].encode()) <= 64:
                raise NoError(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button["text"].strip():
                raise NoError(400, "Bad Request: text buttons are not allowed to be empty")


def unpacked(name: str, value: str) -> Any:
    """A field of a form: what is no text is JSON there."""
    if name in ("text", "caption"):
        return value
    with suppress(ValueError):
        return json.loads(value)
    return value


def size_of(content: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except OSError:
        raise NoError(400, "Bad Request: IMAGE_PROCESS_FAILED") from None


def lane_of(update: Json) -> str:
    """Telegram's: messages wait for each other in their chat, presses of a button in their person's queue."""
    for kind, content in update.items():
        if kind == "callback_query":
            return f"press {content['from']['id']}"
        if isinstance(content, Mapping):
            return f"chat {content.get('chat', {}).get('id')}"
    return "other"


def refusal(error: NoError) -> web.Response:
    body = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.status)


async def fault_answer(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.hangs:
        await asyncio.sleep(fault.hangs)
    if not fault.status:
        return abort(request)
    if isinstance(fault.body, str):
        return web.Response(status=fault.status, text=fault.body, content_type="text/html")
    return web.json_response(fault.body, status=fault.status)


def abort(request: web.Request) -> web.Response:
    """The connection is reset: no answer comes."""
    if request.transport:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def bot_api(**how: Any) -> Any:
    api = BotApi(**how)
    await api.start()
    try:
        yield api
    finally:
        await api.stop()
