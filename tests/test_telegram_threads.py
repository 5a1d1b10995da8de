"""Topics in a private chat on Telegram: who writes in one is answered in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model.events import Address, AgentAction, Event
from tests.botapi.people import Person, words_of
from tests.botapi.server import BotApi, bot_api
from tests.botapi.shop import MODES, open_shop
from tests.pictures import jpeg, png
from tests.test_telegram import echoing, refresh_of, refreshing, stored
from tests.test_telegram_oracle import check, check_call


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


def threads(person: Person) -> list[int]:
    """In which thread each message of the bot's came; 0: in none."""
    return [one.get("message_thread_id", 0) for one in person.sees()]


@pytest.mark.parametrize("mode", MODES)
async def test_answers_come_in_the_topic_that_was_written_in(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode, echoing()) as shop:
        anna.opens_topic(77)
        await anna.says("/echo in the topic")
        await shop.settled()
        anna.topic = 0
        await anna.says("/echo in the chat")
        await shop.settled()
        anna.topic = 77
        await anna.says(f"/bring {await stored(shop, png('a'))} {await stored(shop, png('b'))}")
        await shop.settled()
        anna.topic = 0
        await anna.presses("Check progress")  # under a message in the topic
        await shop.settled()

    assert [(one.get("message_thread_id", 0), words_of(one)[:20]) for one in anna.sees()] == [
        (77, "/echo in the topic"), (0, "/echo in the chat"), (77, ""), (77, ""), (77, "This is how it looks"),
        (77, "You have no requests"),
    ]  # fmt: skip
    for update in api.told:
        check(update)
    for method, fields in api.calls:
        check_call(method, fields)


async def test_receipt_of_an_album_and_typing_are_in_its_topic(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    anna.opens_topic(77)
    async with open_shop(tmp_path, api) as shop:
        await anna.sends_album([jpeg("a"), jpeg("b")], "both")
        await api.until(lambda: any("Got" in text for text in anna.texts()))
        await shop.settled()

    assert set(threads(anna)) == {77}
    typing = [fields for method, fields in api.calls if method == "sendChatAction"]
    assert typing
    assert all(fields["message_thread_id"] == 77 for fields in typing)


async def test_what_an_agent_says_comes_where_the_customer_wrote_last_also_after_a_restart(
    api: BotApi, tmp_path: Path
) -> None:
    anna = Person(api)
    anna.opens_topic(77)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.says("/echo 1")
        await shop.settled()
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        body = AgentAction("lin", "reply", "", None, {"text": "A person here"})
        await shop.app.dispatcher.accept(Event("desk:1", Address("telegram", str(anna.id)), shop.app.clock(), body))
        await shop.settled()

    assert [(one["message_thread_id"], words_of(one)) for one in anna.sees()] == [
        (77, "/echo 1"),
        (77, "A person here"),
    ]


async def test_refreshed_status_takes_its_place_in_its_topic_although_more_was_said_elsewhere(
    api: BotApi, tmp_path: Path
) -> None:
    anna = Person(api)
    anna.opens_topic(77)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await refreshing(shop, anna)
        status = anna.sees()[-1]
        anna.topic = 0
        await anna.says("/echo elsewhere")
        await shop.settled()
        count = len(anna.sees())
        await anna.presses(refresh_of(status))
        await shop.settled()

    assert len(anna.sees()) == count


async def test_answer_whose_topic_is_gone_comes_in_the_chat(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    anna.opens_topic(77)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        del anna.chat.topics[77]
        await anna.says("/echo 1")
        await shop.settled()

    assert list(zip(anna.texts(), threads(anna), strict=True)) == [("/echo 1", 0)]
