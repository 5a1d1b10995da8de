"""Photos in the conversation: what no conversation file can show, because it depends on time, replies or what was read."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App
from bot.evidence_check import EvidenceCheck
from bot.model.events import Address, Body, ErrandDone, Event, MediaRef, Pressed, Text, Upload
from bot.model.messages import Message
from bot.settings import Settings
from bot.store.values import json_text
from tests.fakes import NOTHING_READ, Clock, FakePhone

CLAIM = "the kettle leaks at the spout, I want a refund, order 2100000000401"
ANNA = "phone:anna"


class Bench:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        settings = Settings(data=folder, language="en", evidence=NOTHING_READ)
        self.app = App(settings, clock=self.clock)
        self._count = 0

    async def does(self, *bodies: str | Body, chat: str = ANNA) -> Sequence[Message]:
        """All at the same moment; what was said in the last turn."""
        answers: list[Sequence[Message]] = await asyncio.gather(*(self._accept(body, chat) for body in bodies))
        return answers[-1]

    async def _accept(self, body: str | Body, chat: str) -> Sequence[Message]:
        self._count += 1
        event = Event(
            f"phone:{self._count}", Address.parse(chat), self.clock(), Text(body) if isinstance(body, str) else body
        )
        return await self.app.dispatcher.accept(event)

    async def sends(self, *names: str, **how: Any) -> list[str]:
        """These photos, until all of them have been looked at; what was said meanwhile."""
        before = len(await self.said())
        await self.does(*(Upload(MediaRef(name, name), **how) for name in names))
        await self.app.errands.do_all()
        return (await self.said())[before:]

    async def said(self, chat: str = ANNA) -> list[str]:
        query = "SELECT json_extract(message, '$.text') FROM outbox WHERE address = :chat ORDER BY position"
        return await self.column(query, chat=chat)

    async def column(self, query: str, **values: Any) -> list[Any]:
        async with self.app.database.reading() as connection:
            return list((await connection.execute(text(query), values)).scalars().all())

    async def buttons(self) -> list[str]:
        (found,) = await self.column("SELECT offered FROM conversations WHERE address = :chat", chat=ANNA)
        return [one.split('"')[1] for one in found.split("[")[2:]]

    async def submits(self, claim: str, *names: str) -> str:
        await self.does(claim)
        await self.sends(*names)
        await self.does(Pressed("refund.do:submit"))
        return str((await self.column("SELECT number FROM cases ORDER BY rowid"))[-1])

    async def finds(self, **found: Any) -> None:
        """What stands in the photo that came last was read."""
        (subject,) = await self.column("SELECT id FROM evidence ORDER BY rowid DESC LIMIT 1")
        await self.does(ErrandDone(f"read-{subject}-{len(found)}", "read", subject, {"found": found}))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    await made.app.database.migrate()
    made.app.add([FakePhone()])
    task = asyncio.create_task(made.app.dispatcher.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.app.stop()


# One receipt for what was sent together


async def test_photos_sent_one_after_the_other_get_one_receipt(bench: Bench) -> None:
    await bench.does(CLAIM)

    said = await bench.sends("whole.jpg", "close.jpg", "more.jpg")

    assert len(said) == 2, said
    assert said[0].startswith("2/2 ✓")


async def test_a_receipt_does_not_wait_for_a_photo_that_is_slow(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.does(Upload(MediaRef("whole.jpg", "whole.jpg")), Upload(MediaRef("close.jpg", "close.jpg")))
    (first, _) = await bench.app.errands._claim(bench.app.errands.kinds, 2)  # the other one's platform is slow
    await bench.app.errands._do(first)
    before = await bench.said()

    bench.clock.wait(timedelta(seconds=2))
    await bench.app.reminders.remind()

    told = (await bench.said())[len(before) :]
    assert [one.splitlines()[0] for one in told] == ["1/2 ✓ Received for: the whole item."]


# Files find their case


async def test_a_photo_in_reply_to_a_case_goes_there(bench: Bench) -> None:
    first = await bench.submits(CLAIM, "a.jpg", "b.jpg")
    await bench.submits("wrong colour sent, exchange please, order 2100000000402", "c.jpg", "d.jpg")

    said = await bench.sends("e.jpg", quoted=f"We've got your request {first}. You'll have a decision by …")

    assert said[-1].startswith(f"The photo is in request {first}")


@pytest.mark.parametrize("typed", ["{number}", "{number} 那张", "the second one", "第2张"])
async def test_whose_photo_it_is_can_be_typed(bench: Bench, typed: str) -> None:
    await bench.submits(CLAIM, "a.jpg", "b.jpg")
    second = await bench.submits("wrong colour sent, exchange please, order 2100000000402", "c.jpg", "d.jpg")
    await bench.sends("e.jpg")

    await bench.does(typed.format(number=second))

    assert (await bench.column("SELECT case_number FROM evidence ORDER BY rowid"))[-1] == second
    assert await bench.column("SELECT language FROM conversations") == ["en"], "a word or two are no other language"


async def test_a_case_number_turns_nobodys_chat_into_english(bench: Bench) -> None:
    await bench.does("杯子收到就碎了，想退款，订单 2100000000403")
    await bench.sends("a.jpg", "b.jpg", "c.jpg")
    await bench.does(Pressed("refund.do:submit"))
    (number,) = await bench.column("SELECT number FROM cases")

    said = await bench.does(number)

    assert await bench.column("SELECT language FROM conversations") == ["zh-CN"]
    assert f"售后单 {number}" in said[-1].text


async def test_a_reply_to_somebody_elses_case_says_nothing_of_it(bench: Bench) -> None:
    await bench.does(CLAIM, chat="phone:ben")
    await bench.does(Upload(MediaRef("a.jpg", "a.jpg")), Upload(MediaRef("b.jpg", "b.jpg")), chat="phone:ben")
    await bench.app.errands.do_all()
    await bench.does(Pressed("refund.do:submit"), chat="phone:ben")
    (bens,) = await bench.column("SELECT number FROM cases")

    said = await bench.sends("mine.jpg", quoted=f"request {bens}")

    assert bens not in " ".join(said)
    assert (
        await bench.column(
            "SELECT address FROM evidence WHERE case_number = :bens AND address = :anna", bens=bens, anna=ANNA
        )
        == []
    )


# What was read in a photo


async def test_an_order_number_that_was_read_is_asked_about_and_not_taken(bench: Bench) -> None:
    await bench.does("the kettle leaks at the spout, I want a refund", Pressed("refund.order:none"))
    await bench.sends("order.jpg")

    await bench.finds(order="2100000000555")

    assert "2100000000555" in (await bench.said())[-1]
    assert "refund.order:2100000000555" in await bench.buttons()
    (form,) = await bench.column("SELECT form FROM conversations WHERE address = :chat", chat=ANNA)
    assert '"order":""' in form
    await bench.does(Pressed("refund.order:2100000000555"))
    (form,) = await bench.column("SELECT form FROM conversations WHERE address = :chat", chat=ANNA)
    assert '"order":"2100000000555"' in form


async def test_an_amount_that_was_read_is_offered(bench: Bench) -> None:
    await bench.does("I was charged too much for order 2100000000403, please refund")
    await bench.sends("amount.jpg", "payment.jpg")

    await bench.finds(amount=5900)

    assert "refund.paid:59.00" in await bench.buttons()
    await bench.does(Pressed("refund.paid:59.00"))
    assert "Paid: CN¥59.00" in (await bench.said())[-1]


async def test_a_card_can_be_deleted_at_once(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")

    await bench.finds(advice=["card"])

    assert "Shall I delete it?" in (await bench.said())[-1]
    drop = next(one for one in await bench.buttons() if ".photos:drop." in one or ":drop." in one)
    await bench.does(Pressed(drop))
    assert await bench.column("SELECT state FROM evidence") == ["removed"]


async def test_nobody_is_told_that_a_thing_looks_like_a_face(bench: Bench) -> None:
    """The version before could; what it left behind is neither told nor waited for."""
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")
    async with bench.app.database.transaction() as connection:
        await connection.execute(text("UPDATE evidence SET advice = 'face', found = '{\"advice\": [\"face\"]}'"))

    await bench.finds(advice=["face"])
    receipt, _review = await bench.sends("close.jpg")

    assert receipt.startswith("2/2 ✓")
    assert "refund.do:submit" in await bench.buttons()
    assert not any("face" in line for line in await bench.said())


# Deleting


async def test_a_deleted_photo_is_erased_after_an_hour(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")
    columns = ("sha256", "view_sha256", "thumb_sha256")
    digests = [one for name in columns for one in await bench.column(f"SELECT {name} FROM evidence")]
    await bench.does(Pressed("refund.photos:list.0"))
    one = (await bench.buttons())[0]
    await bench.does(Pressed(one.replace("one.", "drop.")))
    await bench.app.errands.do_all()
    assert await bench.app.objects.size(digests[0]) is not None, "who deletes a photo may send it again"

    bench.clock.wait(timedelta(hours=1, seconds=1))
    bench.app.objects.elapsed = lambda: time.monotonic() + 3600
    await bench.app.errands.do_all()

    assert [await bench.app.objects.size(one) for one in digests] == [None] * 3


async def test_a_deleted_photo_is_not_erased_before_its_hour_by_a_restart(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")
    (digest,) = await bench.column("SELECT sha256 FROM evidence")
    await bench.does(Pressed("refund.photos:list.0"))
    await bench.does(Pressed((await bench.buttons())[0].replace("one.", "drop.")))
    bench.app.objects.elapsed = lambda: time.monotonic() + 3600

    bench.clock.wait(timedelta(minutes=59))
    await bench.app.take_over()
    await bench.app.errands.do_all()
    assert await bench.app.objects.size(digest) is not None

    bench.clock.wait(timedelta(minutes=1))
    await bench.app.errands._claim(("erase",), 1)  # a process that ends before it is done
    await bench.app.take_over()
    await bench.app.errands.do_all()
    assert await bench.app.objects.size(digest) is None
    checking = EvidenceCheck(bench.app.database, bench.app.objects, bench.clock())
    assert [problem async for problem in checking.problems()] == [], "what was erased is not missing"


async def test_a_deleted_photo_that_was_sent_again_stays(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")
    await bench.does(Pressed("refund.photos:list.0"))
    await bench.does(Pressed((await bench.buttons())[0].replace("one.", "drop.")))
    await bench.sends("whole.jpg")

    bench.clock.wait(timedelta(hours=2))
    bench.app.objects.elapsed = lambda: time.monotonic() + 7200
    await bench.app.errands.do_all()

    (kept,) = await bench.column("SELECT sha256 FROM evidence WHERE state = 'kept'")
    assert await bench.app.objects.size(kept) is not None


async def test_a_photo_that_another_customer_has_too_stays_when_one_deletes_it(bench: Bench) -> None:
    await bench.does(CLAIM, chat="phone:ben")
    await bench.does(Upload(MediaRef("same.jpg", "same.jpg")), chat="phone:ben")
    await bench.does(CLAIM)
    await bench.sends("same.jpg")
    await bench.does(Pressed("refund.photos:list.0"))
    await bench.does(Pressed((await bench.buttons())[0].replace("one.", "drop.")))

    bench.clock.wait(timedelta(hours=2))
    bench.app.objects.elapsed = lambda: time.monotonic() + 7200
    await bench.app.errands.do_all()

    (bens,) = await bench.column("SELECT sha256 FROM evidence WHERE state = 'kept'")
    assert await bench.app.objects.size(bens) is not None


# A button of somebody else's photo


async def test_nobody_changes_somebody_elses_photo(bench: Bench) -> None:
    await bench.does(CLAIM, chat="phone:ben")
    await bench.does(Upload(MediaRef("bens.jpg", "bens.jpg")), chat="phone:ben")
    await bench.app.errands.do_all()
    (bens,) = await bench.column("SELECT id FROM evidence")
    await bench.does(CLAIM)

    for what in ("one", "else", "again", "drop", "fine"):
        await bench.does(Pressed(f"refund.photos:{what}.{bens[-8:]}"))
    await bench.does(Pressed(f"refund.photos:is.{bens[-8:]}.defect_close_up"))

    assert await bench.column("SELECT state || shot FROM evidence") == ["keptwhole_item"]
    assert "bens.jpg" not in json_text(await bench.said())


@pytest.mark.parametrize(
    "argument", ["one.", "is.x", "is..", "list.999999", "list.-1", "because.nothing", "keep.", "drop.zz"]
)
async def test_odd_buttons_of_photos_ask_again(bench: Bench, argument: str) -> None:
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")

    said = await bench.does(Pressed(f"refund.photos:{argument}"))

    assert said[-1].buttons
    assert await bench.column("SELECT state FROM evidence") == ["kept"]


# What a reviewer found


async def test_a_late_photo_of_an_album_gets_a_receipt_and_a_shot(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.does(*(Upload(MediaRef(name, name), album="a1") for name in ("whole.jpg", "close.jpg")))
    (first, late) = await bench.app.errands._claim(bench.app.errands.kinds, 2)
    await bench.app.errands._do(first)
    for _ in range(20):
        bench.clock.wait(timedelta(seconds=1))
        await bench.app.reminders.remind()
    assert (await bench.said())[-1].startswith("1/2 ✓")

    await bench.app.errands._do(late)

    assert any(one.startswith("2/2 ✓") for one in await bench.said())


async def test_an_album_is_answered_although_another_photo_is_on_its_way(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.does(*(Upload(MediaRef(name, name), album="a1") for name in ("whole.jpg", "close.jpg")))
    await bench.app.errands.do_all()
    await bench.does(Upload(MediaRef("slow.jpg", "slow.jpg")))

    bench.clock.wait(timedelta(seconds=2))
    await bench.app.reminders.remind()

    assert any(one.startswith("2/2 ✓") for one in await bench.said())


async def test_done_said_behind_photos_waives_nothing_that_is_on_its_way(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.does(
        Upload(MediaRef("whole.jpg", "whole.jpg")), Upload(MediaRef("close.jpg", "close.jpg"), "done"), "that's all"
    )

    await bench.app.errands.do_all()

    assert await bench.column("SELECT count(*) FROM evidence WHERE state = 'waived'") == [0]
    assert any(one.startswith("2/2 ✓") for one in await bench.said())


async def test_a_photo_meant_for_a_case_is_not_taken_by_the_request_being_submitted(bench: Bench) -> None:
    first = await bench.submits(CLAIM, "a.jpg", "b.jpg")
    await bench.does("wrong colour sent, exchange please, order 2100000000402")
    await bench.sends("c.jpg", "d.jpg")
    await bench.does(Upload(MediaRef("e.jpg", "e.jpg"), f"for {first}"))

    await bench.does(Pressed("refund.do:submit"))
    await bench.app.errands.do_all()

    assert await bench.column("SELECT name FROM evidence WHERE case_number = :first ORDER BY name", first=first) == [
        "a.jpg",
        "b.jpg",
        "e.jpg",
    ]


async def test_a_better_copy_of_the_same_photo_takes_its_place(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.sends("small-whole.jpg")
    (dhash,) = await bench.column("SELECT dhash FROM evidence")
    await bench.does(Upload(MediaRef("original.jpg", "original.jpg")))
    (original,) = await bench.app.errands._claim(bench.app.errands.kinds, 1)
    seen = dict(await bench.app.errands._kinds["intake"](original)) | {"dhash": dhash}

    await bench.does(ErrandDone(original.id, "intake", original.subject, seen))

    assert await bench.column("SELECT shot FROM evidence ORDER BY rowid") == ["extra", "whole_item"]
    assert "same as one" not in (await bench.said())[-1]


async def test_a_photo_sent_for_a_new_request_outlives_the_old_draft(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.sends("whole.jpg")
    await bench.does(Pressed("cancel"))
    await bench.sends("other.jpg")

    await bench.does(Pressed("draft_new"))

    assert await bench.column("SELECT name || state FROM evidence ORDER BY rowid") == [
        "whole.jpgremoved",
        "other.jpgkept",
    ]


async def test_a_photo_that_came_while_the_draft_was_put_aside_finds_its_shot(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.does(Upload(MediaRef("whole.jpg", "whole.jpg")), Pressed("cancel"))
    await bench.app.errands.do_all()

    said = await bench.does(Pressed("draft_resume"))

    assert await bench.column("SELECT shot FROM evidence") == ["whole_item"]
    assert "close-up" in said[-1].text


@pytest.mark.parametrize(
    "text", ["还没拍，晚上再发", "怎么没图", "I haven't taken photos yet", "I'll send the photos later"]
)
async def test_photos_that_will_come_are_not_waived(bench: Bench, text: str) -> None:
    await bench.does(CLAIM)

    await bench.does(text)

    assert await bench.column("SELECT count(*) FROM evidence") == [0]


async def test_the_bytes_of_a_photo_whose_draft_is_gone_are_erased_too(bench: Bench) -> None:
    await bench.does(CLAIM)
    await bench.does(Upload(MediaRef("whole.jpg", "whole.jpg")), Pressed("cancel"), Pressed("draft_drop"))
    await bench.app.errands.do_all()

    assert await bench.column("SELECT count(*) FROM errands WHERE kind = 'erase'") == [1]
