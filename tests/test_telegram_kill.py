"""`kill -9` while Telegram's updates flow: none is lost and none is handled twice, polling and by webhook."""

import asyncio
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import DATABASE
from tests.botapi.people import Person
from tests.botapi.server import TOKEN, BotApi, bot_api
from tests.botapi.shop import MODES
from tests.pictures import jpeg
from tests.servers import Server

PRIVACY = "Privacy notice"
RECEIPT = "Got the photo"


async def killed(mode: str, folder: Path, kills: int, updates: int) -> tuple[BotApi, list[Person]]:
    luck = random.Random(kills)
    async with bot_api() as api:
        people = [Person(api, f"P{number}") for number in range(updates // 10)]
        server = Server(folder / "data")
        server._variables = {
            "SHOUHOU_TELEGRAM__TOKEN": TOKEN,
            "SHOUHOU_TELEGRAM__BASE_URL": api.url,
            "SHOUHOU_TELEGRAM__MODE": mode,
            "SHOUHOU_TELEGRAM__PUBLIC_URL": server.url,
            "SHOUHOU_TELEGRAM__KEEPS_PACE": "false",
        }
        told = 0
        try:
            await asyncio.to_thread(server.start)
            for kill in range(kills):
                while told < updates * (kill + 1) // kills:
                    person = people[told % len(people)]
                    if told < len(people):
                        await person.sends_file(jpeg(person.user["first_name"]), "a.jpg")
                    else:
                        await person.says(f"/privacy {told}")  # the same again and again would be a flood, answered once
                    told += 1
                    await asyncio.sleep(luck.uniform(0, 0.004))
                await asyncio.sleep(luck.uniform(0, 0.15))
                server.kill()
                await asyncio.to_thread(server.start)
            await api.until(lambda: api.pending == 0)
            await api.until(lambda: all(is_answered(person, updates // len(people)) for person in people))
            await api.until(lambda: unsent(folder) == 0)
        finally:
            server.stop()
        assert TOKEN.partition(":")[2] not in server.log.read_text("utf-8")
        assert api.webhook.get("secret_token", TOKEN) not in server.log.read_text("utf-8")
    return api, people


def unsent(folder: Path) -> int:
    """Messages still to be sent; what came twice can look like all."""
    with closing(sqlite3.connect(folder / "data" / DATABASE)) as database:
        return int(database.execute("SELECT count(*) FROM outbox WHERE state != 'sent'").fetchone()[0])


def is_answered(person: Person, updates: int) -> bool:
    """Each of its updates: one photo, the rest commands."""
    said = Counter(text[: len(PRIVACY)] for text in person.texts())
    return said[PRIVACY] >= updates - 1 and any(RECEIPT in text for text in person.texts())


def check(folder: Path, api: BotApi, people: list[Person], kills: int, updates: int) -> None:
    with closing(sqlite3.connect(folder / "data" / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        heard = database.execute("SELECT address, count(*) FROM inbox WHERE position > 0 GROUP BY address").fetchall()
        assert dict(heard) == {f"telegram:{person.id}": updates // len(people) for person in people}
        assert database.execute("SELECT count(*) FROM setaside").fetchone()[0] == 0
        assert database.execute("SELECT count(*) FROM evidence WHERE state = 'kept'").fetchone()[0] == len(people)
        said = database.execute("SELECT count(*) FROM outbox").fetchone()[0]
    sent = sum(len(person.texts()) for person in people)
    print(f"{kills} kills, {updates} updates, {said} messages, {sent - said} of them came twice")
    assert 0 <= sent - said <= kills * len(people)


@pytest.mark.parametrize("mode", MODES)
async def test_two_kills_lose_and_double_nothing(mode: str, tmp_path: Path) -> None:
    api, people = await killed(mode, tmp_path, 2, 100)

    check(tmp_path, api, people, 2, 100)


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
async def test_twenty_kills_lose_and_double_nothing(mode: str, tmp_path: Path) -> None:
    api, people = await killed(mode, tmp_path, 20, 400)

    check(tmp_path, api, people, 20, 400)
