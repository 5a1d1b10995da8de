"""A customer joins two chats with a code: single use, ten minutes, ten tries, both are told, and it can be undone."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App
from bot.model.events import Address, Body, Event, Pressed, Text
from bot.model.link import MOST_WRONG_TRIES
from bot.settings import Settings
from tests.fakes import NOTHING_READ, Clock, FakePhone

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")


class Tablet(FakePhone):
    name = "tablet"


class Bench:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.app = App(Settings(data=folder, evidence=NOTHING_READ, language="en"), clock=self.clock)
        self.platforms = {"phone": FakePhone(), "tablet": Tablet()}
        self._count = 0

    def event(self, address: str, said: str | Body) -> Event:
        self._count += 1
        body = Text(said) if isinstance(said, str) else said
        return Event(f"{address}:{self._count}", Address.parse(address), self.clock(), body)

    async def says(self, address: str, said: str | Body) -> str:
        """The last thing that was answered."""
        answered = await self.app.dispatcher.accept(self.event(address, said))
        while await self.app.reminders.remind():
            pass
        return answered[-1].text

    async def last(self, address: str) -> tuple[str, list[str]]:
        query = "SELECT message FROM outbox WHERE address = :address ORDER BY position DESC LIMIT 1"
        (stored,) = await self.column(query, address=address)
        found = json.loads(stored)
        return found["text"], [id_ for id_, _ in found["buttons"]]

    async def column(self, query: str, **values: Any) -> Any:
        async with self.app.database.reading() as connection:
            return (await connection.execute(text(query), values)).scalars().all()

    async def code(self, address: str) -> str:
        found = CODE.search(await self.says(address, "/link"))
        assert found
        return found.group()

    async def claims(self, address: str, order: str) -> None:
        await self.says(address, f"order {order} I changed my mind and don't want it any more, within seven days")
        for _ in range(12):
            said, buttons = await self.last(address)
            if "refund.do:submit" in buttons:
                await self.says(address, Pressed("refund.do:submit"))
                return
            first = next(one for one in buttons if one.startswith("refund."))
            waived = next((one for one in buttons if one.endswith(":waived")), first)
            await self.says(
                address, "the box is still closed and in order" if first == "refund.do:skip" else Pressed(waived)
            )
        raise AssertionError(said)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    bench.app.add(list(bench.platforms.values()))
    await bench.app.database.migrate()
    dispatching = asyncio.create_task(bench.app.dispatcher.run())
    await bench.says("phone:anna", "hello there")
    await bench.says("tablet:anna", "hello there")
    yield bench
    dispatching.cancel()
    await asyncio.gather(dispatching, return_exceptions=True)
    await bench.app.stop()


async def test_joined_chats_show_the_same_requests_and_both_are_told(bench: Bench) -> None:
    await bench.claims("phone:anna", "2100000000001")
    assert "no requests yet" in await bench.says("tablet:anna", "/status")

    said = await bench.says("tablet:anna", f"/link {await bench.code('phone:anna')}")

    assert said.startswith("Joined with your chat on another platform")
    assert (await bench.last("phone:anna"))[0].startswith("Joined with your chat on another platform")
    assert (await bench.says("tablet:anna", "/status")).startswith("Request KS-")


async def test_code_is_read_however_it_was_typed_and_works_once(bench: Bench) -> None:
    code = await bench.code("phone:anna")

    assert (await bench.says("tablet:anna", f"/link {code.lower().replace('-', ' ')}")).startswith("Joined")
    await bench.says("tablet:ben", "hello there")
    assert (await bench.says("tablet:ben", f"/link {code}")).startswith("That code opens nothing")


async def test_two_who_use_a_code_at_once_are_not_both_joined(bench: Bench) -> None:
    code = await bench.code("phone:anna")

    answers = await asyncio.gather(
        *(bench.app.dispatcher.accept(bench.event(f"tablet:{who}", f"/link {code}")) for who in ("ben", "cleo"))
    )

    assert sorted(one[-1].text.partition(" ")[0] for one in answers) == ["Joined", "That"]


async def test_code_is_over_after_ten_minutes(bench: Bench) -> None:
    code = await bench.code("phone:anna")
    bench.clock.wait(timedelta(minutes=10))

    assert (await bench.says("tablet:anna", f"/link {code}")).startswith("That code opens nothing")


async def test_ten_wrong_tries_close_it(bench: Bench) -> None:
    code = await bench.code("phone:anna")
    wrong = code[:5] + ("2222-2222" if code[5:] != "2222-2222" else "3333-3333")

    for _ in range(MOST_WRONG_TRIES):
        assert (await bench.says("tablet:ben", f"/link {wrong}")).startswith("That code opens nothing")

    assert (await bench.says("tablet:anna", f"/link {code}")).startswith("That code opens nothing")


async def test_nine_wrong_tries_do_not(bench: Bench) -> None:
    code = await bench.code("phone:anna")
    for _ in range(MOST_WRONG_TRIES - 1):
        await bench.says("tablet:ben", f"/link {code[:5]}2222-2222")

    assert (await bench.says("tablet:anna", f"/link {code}")).startswith("Joined")


async def test_code_in_its_own_chat_and_a_second_time(bench: Bench) -> None:
    code = await bench.code("phone:anna")

    assert (await bench.says("phone:anna", f"/link {code}")).startswith("You got that code right here")
    await bench.says("tablet:anna", f"/link {code}")
    assert (await bench.says("tablet:anna", f"/link {await bench.code('phone:anna')}")).startswith("These two chats")


@pytest.mark.parametrize("who", ["phone:anna", "tablet:anna"])
async def test_either_side_can_undo_it(bench: Bench, who: str) -> None:
    await bench.claims("phone:anna", "2100000000001")
    await bench.claims("tablet:anna", "2100000000002")
    await bench.says("tablet:anna", f"/link {await bench.code('phone:anna')}")
    assert len(await bench.column("SELECT DISTINCT customer FROM cases")) == 1
    undo = next(button for button in (await bench.last(who))[1] if button.startswith("unlink:"))

    assert (await bench.says(who, Pressed(undo))).startswith("The two chats are apart again")

    for address, order in (("phone:anna", "2100000000001"), ("tablet:anna", "2100000000002")):
        query = (
            "SELECT order_number FROM cases JOIN conversations USING (customer) WHERE conversations.address = :address"
        )
        assert await bench.column(query, address=address) == [order]
        assert (await bench.last(address))[0].startswith("The two chats are apart again")
    assert (await bench.says(who, Pressed(undo))).startswith("That link was undone")


async def test_others_cannot_undo_it(bench: Bench) -> None:
    await bench.says("tablet:anna", f"/link {await bench.code('phone:anna')}")
    (undo,) = [button for button in (await bench.last("phone:anna"))[1] if button.startswith("unlink:")]

    assert (await bench.says("tablet:ben", Pressed(undo))).startswith("That link was undone already")
    assert len(await bench.column("SELECT DISTINCT customer FROM conversations WHERE address LIKE '%anna'")) == 1


async def test_what_both_chats_do_to_a_case_at_once_is_all_kept(bench: Bench) -> None:
    """Two events of one customer in one batch, at two addresses."""
    await bench.claims("phone:anna", "2100000000001")
    await bench.says("tablet:anna", f"/link {await bench.code('phone:anna')}")
    (number,) = await bench.column("SELECT number FROM cases")

    await asyncio.gather(
        *(bench.app.dispatcher.accept(bench.event(address, "/human")) for address in ("phone:anna", "tablet:anna"))
    )

    assert (await bench.column("SELECT count(*) FROM log WHERE what = 'person_asked_for'")) == [2]
    assert await bench.column("SELECT count(*) FROM setaside") == [0]
    assert (
        await bench.column("SELECT log_length FROM cases WHERE number = :number", number=number)
    ) == await bench.column("SELECT max(position) FROM log")


async def test_link_itself_keeps_only_a_hash_of_its_code(bench: Bench) -> None:
    code = await bench.code("phone:anna")

    stored = await bench.column("SELECT id || secret_sha256 || address FROM links")
    assert code.replace("-", "")[4:] not in "".join(stored)
