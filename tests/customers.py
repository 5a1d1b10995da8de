"""A customer on the web chat, as any client of the API may be."""

import asyncio
import io
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.pictures import jpeg
from tests.waiting import GENEROUS_SECONDS

NUMBER = re.compile(r"KS(?:-[2-9A-Z]{3}){3}")
CLAIM = "水壶收到就是裂的，想退款，订单 2100000000001"
STORY = "水壶到货时壶身裂了一道口子"
Heard = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"])

    @property
    def messages(self) -> list[Heard]:
        assert self.status == 200, self.body
        return list(self.json["messages"])


@dataclass
class Customer:
    http: aiohttp.ClientSession
    url: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} | self.headers | how.pop("headers", {})
        async with self.http.request(method, self.url + path, headers=headers, **how) as response:
            return Answer(response.status, await response.read(), dict(response.headers))

    async def post(self, **fields: Any) -> Answer:
        body = json.dumps({"client_id": new_id()} | fields).encode()
        return await self.ask(
            "POST", "/api/messages", data=io.BytesIO(body), headers={"Content-Type": "application/json"}
        )

    async def say(self, text: str) -> list[Heard]:
        return (await self.post(text=text)).messages

    async def press(self, button: str) -> list[Heard]:
        return (await self.post(button=button)).messages

    async def upload(self, content: bytes, name: str = "photo.jpg", client_id: str = "", caption: str = "") -> Answer:
        query = {"client_id": client_id or new_id(), "name": name, "caption": caption}
        return await self.ask("POST", "/api/files", params=query, data=io.BytesIO(content))

    async def after(self, cursor: int) -> list[Heard]:
        return (await self.ask("GET", "/api/messages", params={"after": str(cursor)})).messages

    async def history(self) -> list[Heard]:
        told: list[Heard] = []
        while more := await self.after(told[-1]["position"] if told else 0):
            told += more
        return told

    @asynccontextmanager
    async def stream(self, after: int = 0) -> AsyncIterator[AsyncIterator[Heard]]:
        headers = {"Authorization": f"Bearer {self.token}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=GENEROUS_SECONDS)
        address = f"{self.url}/api/stream?after={after}"
        async with self.http.get(address, headers=headers, timeout=timeout) as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"
            yield events(response)

    async def hears(self, is_it: Callable[[Heard], object], after: int = 0) -> Heard:
        """The first such message of the stream after this position; fails after a while without."""
        async with asyncio.timeout(GENEROUS_SECONDS), self.stream(after) as told:
            async for message in told:
                if is_it(message):
                    return message
        raise AssertionError("the stream ended before")

    async def claims(self, text: str = CLAIM) -> str:
        """Makes a claim with photos and submits it, answering whatever the bot asks; returns the case's number."""
        await self.say(text)
        for step in range(20):
            latest = (await self.history())[-1]
            buttons = " ".join(button["id"] for button in latest["buttons"])
            if "refund.do:submit" in buttons:
                said = await self.press("refund.do:submit")
                found = NUMBER.search("".join(message["text"] for message in said))
                assert found, said
                return found.group()
            if "refund.reason:" in buttons:
                await self.press("refund.reason:damaged")
            elif "refund.wish:" in buttons:
                await self.press("refund.wish:refund")
            elif "refund.order:" in buttons:
                await self.say("2100000000001")
            elif "refund.photos:" in buttons:
                sent = await self.upload(jpeg(f"shot {step}"), f"shot-{step}.jpg")
                await self.hears(is_from_bot, after=sent.messages[-1]["position"])
            elif (first := latest["buttons"][0]["id"]).startswith("refund."):
                await self.press(first)  # a question that only this reason asks
            else:
                await self.say(STORY)
        raise AssertionError(f"no end of questions: {latest}")


async def arrive(http: aiohttp.ClientSession, url: str, language: str = "zh-CN") -> Customer:
    """A new customer."""
    asked = {"client_id": new_id(), "language": language}
    async with http.post(f"{url}/api/sessions", json=asked) as response:
        assert response.status == 201
        return Customer(http, url, (await response.json())["token"])


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[Heard]:
    """What a stream tells; each event's id is its message's position."""
    fields: dict[str, str] = {}
    async for line in response.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name and not line.startswith(b":"):
            fields[name] = value
        elif fields:
            message = json.loads(fields["data"])
            assert fields["id"] == str(message["position"])
            yield message
            fields = {}


def new_id() -> str:
    return str(uuid.uuid4())


def is_from_bot(message: Heard) -> bool:
    return bool(message["author"] == "bot")


def positions(messages: list[Heard]) -> list[int]:
    return [message["position"] for message in messages]
