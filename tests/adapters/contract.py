"""What every adapter must do. An adapter's test file brings a Bench and inherits the checks: `class TestX(AdapterContract)`."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bot.adapter import Adapter, Closed, MediaGoneError, Outcome, Refused, Sent
from bot.model.events import CONTROL, LONGEST_TEXT, Address, Event, MediaRef, Pressed, Text, Upload
from bot.model.messages import Author, Button, Message, Outgoing
from bot.store.database import StoreUnavailableError
from tests.pictures import jpeg
from tests.waiting import GENEROUS_SECONDS

DIRTY = "你\x00好\x1b \u202ethere\x7f\u2066"
CLEAN = "你好 there"


class Bench(ABC):
    """An adapter between its platform's other side, where anna is a customer, and a core that notes events.

    `says`, `presses` and `uploads` return whether the platform got its acknowledgement; the same `id_` is the same message,
    delivered again. A platform that never delivers again (`redelivers`) need not look at `id_`; one that tells no names of
    files (`names_files`) gives them names itself.
    """

    adapter: Adapter
    running: asyncio.Task[None]
    redelivers = True
    names_files = True

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.is_down = False
        self.refused = asyncio.Event()

    async def accept(self, event: Event) -> Sequence[Message]:
        if self.is_down:
            self.refused.set()
            raise StoreUnavailableError("down")
        self.events.append(event)
        return []

    @abstractmethod
    async def says(self, text: str, id_: str = "1") -> bool: ...

    @abstractmethod
    async def presses(self, button: str, id_: str = "1") -> bool: ...

    @abstractmethod
    async def uploads(self, content: bytes, name: str, id_: str = "1") -> bool: ...

    @abstractmethod
    async def sees(self) -> str:
        """All that anna was sent, in order: texts, and the labels of buttons."""

    @abstractmethod
    async def loses(self, media: MediaRef) -> None:
        """The platform drops this file."""

    @abstractmethod
    async def elsewhere(self) -> Address:
        """A chat of this platform that is not anna's."""

    async def sends(self, outgoing: Outgoing) -> Outcome:
        return await self.adapter.send(outgoing)

    async def anna(self) -> Address:
        """Where she is, which only her own words tell."""
        await self.says("hello", "where")
        return self.events.pop().address


def message(address: Address, text: str, number: int = 1, buttons: Sequence[str] = ()) -> Outgoing:
    offered = tuple(Button(f"button:{label}", label) for label in buttons)
    said = Message(number, Author.BOT, datetime.now(UTC), text, offered)
    return Outgoing(f"message-{number}", address, said)


class AdapterContract:
    """The checks. Inherit from it and give the fixture `bench`."""

    # Events

    async def test_text_is_an_event_of_its_own_platform(self, bench: Bench) -> None:
        assert await bench.says("我要退款")

        (event,) = bench.events
        assert event.body == Text("我要退款")
        assert event.address.platform == bench.adapter.name
        assert event.address.chat
        assert event.id.startswith(f"{bench.adapter.name}:")
        assert event.at.tzinfo is not None
        assert Address.parse(str(event.address)) == event.address

    async def test_button_is_an_event_with_its_argument(self, bench: Bench) -> None:
        assert await bench.presses("status:KS-234-567-8AC")

        (event,) = bench.events
        assert isinstance(event.body, Pressed)
        assert (event.body.name, event.body.argument) == ("status", "KS-234-567-8AC")

    async def test_upload_is_an_event_whose_file_can_be_read(self, bench: Bench) -> None:
        assert await bench.uploads(jpeg("crack"), "crack.jpg")

        (event,) = bench.events
        assert isinstance(event.body, Upload)
        assert event.body.media.name == "crack.jpg" if bench.names_files else event.body.media.name.endswith(".jpg")
        assert await read(bench.adapter, event.body.media) == jpeg("crack")

    async def test_same_message_twice_has_the_same_id(self, bench: Bench) -> None:
        if not bench.redelivers:
            pytest.skip("this platform delivers nothing twice")
        for _ in range(2):
            await bench.says("hello", "1")
            await bench.presses("status", "2")
            await bench.uploads(jpeg(), "a.jpg", "3")

        ids = [event.id for event in bench.events]
        assert ids[:3] == ids[3:]
        assert len(set(ids)) == 3

    async def test_two_messages_with_the_same_words_have_two_ids(self, bench: Bench) -> None:
        await bench.says("hello", "1")
        await bench.says("hello", "2")

        assert len({event.id for event in bench.events}) == 2

    async def test_no_control_character_survives(self, bench: Bench) -> None:
        await bench.says(DIRTY, "1")
        await bench.presses(f"status:{DIRTY}", "2")
        await bench.uploads(jpeg(), f"{DIRTY}.jpg".replace("\x00", ""), "3")

        text, pressed, upload = (event.body for event in bench.events)
        assert isinstance(text, Text)
        assert isinstance(pressed, Pressed)
        assert isinstance(upload, Upload)
        assert text.text == CLEAN
        for shown in (pressed.button, upload.media.name, upload.caption):
            assert not CONTROL.search(shown)

    async def test_nothing_to_read_is_no_event(self, bench: Bench) -> None:
        await bench.says(" \x00\u202e\t ", "1")
        await bench.says("hello", "2")

        assert [event.body for event in bench.events] == [Text("hello")]

    async def test_too_long_a_text_is_cut_or_refused(self, bench: Bench) -> None:
        await bench.says("字" * (LONGEST_TEXT + 1))

        assert all(len(event.words) <= LONGEST_TEXT for event in bench.events)

    async def test_what_could_not_be_stored_is_not_acknowledged(self, bench: Bench) -> None:
        bench.is_down = True
        saying = asyncio.create_task(bench.says("hello"))
        await bench.refused.wait()
        assert not (saying.done() and saying.result())

        bench.is_down = False
        assert await saying or await bench.says("hello"), "tried again, by the adapter or by the platform"
        assert [event.body for event in bench.events] == [Text("hello")]

    # Messages

    async def test_messages_are_shown_in_order_with_their_buttons(self, bench: Bench) -> None:
        anna = await bench.anna()
        labels = [f"Choice {letter}" for letter in "ABCDEF"[: bench.adapter.limits.buttons]]

        assert await bench.sends(message(anna, "First,\nin two lines", 1)) == Sent()
        assert await bench.sends(message(anna, "Second", 2, labels)) == Sent()

        assert in_order(await bench.sees(), "First,", "in two lines", "Second", *labels)

    async def test_message_sent_again_under_its_key_is_shown_once(self, bench: Bench) -> None:
        outgoing = message(await bench.anna(), "Only once")

        assert [await bench.sends(outgoing) for _ in range(2)] == [Sent()] * 2

        assert (await bench.sees()).count("Only once") == 1

    async def test_message_is_for_its_chat_alone(self, bench: Bench) -> None:
        anna = await bench.anna()

        await bench.sends(message(await bench.elsewhere(), "For somebody else", 1))
        await bench.sends(message(anna, "For anna", 2))

        assert "For anna" in await bench.sees()
        assert "somebody else" not in await bench.sees()

    async def test_unknown_chat_is_refused_unless_clients_collect(self, bench: Bench) -> None:
        outcome = await bench.sends(message(Address(bench.adapter.name, "nobody"), "Is anybody there?"))

        collects = bench.adapter.limits.collects  # then to store is to deliver
        assert outcome == Sent() if collects else isinstance(outcome, Refused | Closed)
        assert "anybody" not in await bench.sees()

    @pytest.mark.parametrize("times", [1, 3])
    async def test_long_text_is_shown_whole(self, bench: Bench, times: int) -> None:
        count = times * bench.adapter.limits.text_chars // len("w000000 ")
        words = [f"w{number:06}" for number in range(count)]

        assert await bench.sends(message(await bench.anna(), " ".join(words))) == Sent()

        assert re.findall(r"w\d{6}", await bench.sees()) == words

    # Files, and the end

    async def test_file_that_is_gone_is_named_so(self, bench: Bench) -> None:
        await bench.uploads(jpeg(), "a.jpg")
        body = bench.events[0].body
        assert isinstance(body, Upload)
        await bench.loses(body.media)

        with pytest.raises(MediaGoneError):
            await read(bench.adapter, body.media)

    async def test_cancelled_run_ends_at_once(self, bench: Bench) -> None:
        await bench.says("hello")

        bench.running.cancel()
        await asyncio.wait({bench.running}, timeout=GENEROUS_SECONDS)

        assert bench.running.cancelled()


def in_order(shown: str, *parts: str) -> bool:
    places = [shown.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


async def read(adapter: Adapter, media: MediaRef) -> bytes:
    return b"".join([chunk async for chunk in adapter.open_media(media)])
