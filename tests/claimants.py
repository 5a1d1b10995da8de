"""Customers who make whole claims while the server comes and goes: each request is repeated until it is acknowledged."""

import asyncio
import hashlib
import io
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.customers import CLAIM, Answer, Customer, Heard, arrive
from tests.waiting import GENEROUS_SECONDS

OPENINGS = (CLAIM, "我要退款", "快递显示签收了但我没收到，订单 2100000000011")
"""Three photos; every question asked one by one, then three photos; one photo."""
THREE_AT_ONCE = 0.1
"""The share of requests that are sent three times at the same moment, as pages with a shaky network do."""
PAUSE_SECONDS = 0.05
NOT_NOW = (429, 503)


class Load:
    """What customers say and send, all of them together: how much of it is under way."""

    def __init__(self) -> None:
        self.under_way = 0
        self.is_over = False
        self._busy = asyncio.Event()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self.under_way += 1
        self._busy.set()
        try:
            yield
        finally:
            self.under_way -= 1
            if not self.under_way:
                self._busy.clear()

    async def moment(self, luck: random.Random) -> None:
        """Returns at a random instant of requests that are under way."""
        while True:
            await self._busy.wait()
            await asyncio.sleep(luck.uniform(0, 0.02))
            if self.under_way:
                return


Live = Callable[["Claimant"], Awaitable[None]]


@dataclass(frozen=True)
class Acknowledged:
    """A request that the server said yes to. `shown` is the customer's line: the text, or the photo's name."""

    shown: str
    sha256: str
    answer: list[Heard]


@dataclass
class Claimant(Customer):
    """Keeps what was acknowledged: all of it must be there in the end."""

    load: Load = field(default_factory=Load)
    luck: random.Random = field(default_factory=random.Random)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    case_number: str = ""

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        if isinstance(how.get("data"), io.BytesIO):
            how["data"] = how["data"].getvalue()  # a file is read up by the first try
        async with asyncio.timeout(GENEROUS_SECONDS):
            while True:
                try:
                    with self.load.one_more() if method == "POST" else nullcontext():
                        answer = await super().ask(method, path, **how)
                except aiohttp.ClientError:
                    pass
                else:
                    if answer.status not in NOT_NOW:
                        return answer
                await self._pause()

    async def post(self, **fields: Any) -> Answer:
        fields = {"client_id": self._new_id()} | fields
        answer = await self._acknowledged(lambda: super(Claimant, self).post(**fields))
        self.acknowledged.append(Acknowledged(answer.messages[0]["text"], "", answer.messages))
        return answer

    async def upload(self, content: bytes, name: str = "photo.jpg", client_id: str = "", caption: str = "") -> Answer:
        """The picture with some bytes behind it, as some cameras write them: so each photo is its customer's own."""
        content, client_id = content + self.token.encode(), client_id or self._new_id()
        answer = await self._acknowledged(lambda: super(Claimant, self).upload(content, name, client_id, caption))
        sha256 = hashlib.sha256(content).hexdigest()
        self.acknowledged.append(Acknowledged(answer.messages[0]["photo"]["name"], sha256, answer.messages))
        return answer

    async def hears(self, is_it: Callable[[Heard], object], after: int = 0) -> Heard:
        while True:
            for message in await self.after(after):
                if is_it(message):
                    return message
            try:
                async with self.stream(after) as told:
                    async for message in told:
                        if is_it(message):
                            return message
            except aiohttp.ClientError:
                await self._pause()

    async def _acknowledged(self, request: Callable[[], Any]) -> Answer:
        times = 3 if self.luck.random() < THREE_AT_ONCE else 1
        answers = await asyncio.gather(*(request() for _ in range(times)))
        assert {answer.body for answer in answers} == {answers[0].body}, "repeats are answered the same"
        return answers[0]

    async def _pause(self) -> None:
        """As the page does before it asks again."""
        await asyncio.sleep(self.luck.uniform(0, 2 * PAUSE_SECONDS))

    def _new_id(self) -> str:
        return f"{self.luck.getrandbits(64):x}"


async def come_one_after_another(
    http: aiohttp.ClientSession, url: str, load: Load, seed: str, live: Live
) -> list[Claimant]:
    """A new customer each time, until the load is over; returns them all. The last one finishes too."""
    luck = random.Random(seed)
    done: list[Claimant] = []
    while not load.is_over:
        done.append(await arrive_patiently(http, url, load, luck))
        await live(done[-1])
    return done


async def claim(claimant: Claimant) -> None:
    """A whole claim, and a look at how it is doing."""
    claimant.case_number = await claimant.claims(claimant.luck.choice(OPENINGS))
    await claimant.say("/status")
    await claimant.press(f"status:{claimant.case_number}")


async def talk(claimant: Claimant) -> None:
    """Goes on whatever is answered, so also with a bot that forgets."""
    for text in ("你好", "/status", "/ask", "谢谢"):
        await claimant.say(text)
        await asyncio.sleep(claimant.luck.uniform(0, 2 * PAUSE_SECONDS))  # nobody types faster


async def arrive_patiently(http: aiohttp.ClientSession, url: str, load: Load, luck: random.Random) -> Claimant:
    while True:
        try:
            return Claimant(http, url, (await arrive(http, url)).token, load=load, luck=luck)
        except aiohttp.ClientError:
            await asyncio.sleep(luck.uniform(0, 2 * PAUSE_SECONDS))
