"""Edited messages on Telegram: noted, and never a new question."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.botapi.people import Person
from tests.botapi.server import BotApi, bot_api
from tests.botapi.shop import MODES, Shop, open_shop
from tests.pictures import jpeg
from tests.test_telegram_oracle import check
from tests.waiting import until


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


async def bodies(shop: Shop) -> list[Any]:
    """What was heard, oldest first."""
    rows = await shop.rows("SELECT body FROM inbox WHERE position > 0 ORDER BY position")
    return [json.loads(body) for (body,) in rows]


async def photo_kept(shop: Shop, count: int = 1) -> None:
    """Until so many photos are stored and all is said of them."""
    query = "SELECT count(*) FROM evidence WHERE state = 'kept' AND album = ''"

    async def are_kept() -> bool:
        return bool((await shop.rows(query))[0][0] == count)

    await until(are_kept)
    await shop.settled()


@pytest.mark.parametrize("mode", MODES)
async def test_edited_caption_is_noted_and_not_answered(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode) as shop:
        await anna.sends_photo(jpeg("lid"), "here is the lid")
        await photo_kept(shop)
        answered = anna.texts()
        await anna.changes(caption="how long does a refund take?")
        await shop.settled()

        assert anna.texts() == answered
        heard = await bodies(shop)
        assert heard[-1]["text"] == "how long does a refund take?"
        assert heard[-1]["instead_of"].startswith("telegram:")
        assert len(await shop.rows("SELECT 1 FROM evidence")) == 1
    for update in api.told:
        check(update)


async def test_edited_words_are_noted_and_not_answered(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.says("hello")
        await shop.settled()
        answered = anna.texts()
        await anna.edits("hello")  # only the preview of a link came
        await anna.edits("how long does a refund take?")
        await anna.edits("/status")
        await shop.settled()

        assert anna.texts() == answered
        assert [one["text"] for one in await bodies(shop)] == ["hello", "how long does a refund take?", "/status"]


async def test_edit_while_a_form_is_open_changes_no_answer_and_says_so(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.says("order 2100000000001 arrived broken, a crack all around")
        await shop.settled()
        ((before,),) = await shop.rows("SELECT form FROM conversations")
        await anna.edits("order 2100000000002 arrived broken, a crack all around")
        await shop.settled()

        assert anna.texts()[-1].startswith("I saw that you edited an earlier message.")
        assert await shop.rows("SELECT form FROM conversations") == [(before,)]
        assert [one["text"][:19] for one in await bodies(shop)] == ["order 2100000000001", "order 2100000000002"]


async def test_photo_put_in_place_of_another_is_kept_too_and_its_caption_not_answered_again(
    api: BotApi, tmp_path: Path
) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.sends_photo(jpeg("lid"), "how long does a refund take?")
        await photo_kept(shop)
        count = len(anna.texts())
        await anna.changes(photo=anna.photo(jpeg("crack")))
        await photo_kept(shop, 2)
        await api.tell("edited_message", api.latest["edited_message"])  # the same once more, under another number
        await shop.settled()

        assert len(await shop.rows("SELECT 1 FROM evidence")) == 2
        assert not any("refund" in text and "days" in text for text in anna.texts()[count:]), "answered before"
        assert [one.get("instead_of", "") != "" for one in await bodies(shop)] == [False, True]


async def test_photo_added_to_words_is_kept(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.says("hello")
        await shop.settled()
        mine = anna.chat.messages[max(id_ for id_, one in anna.chat.messages.items() if one["from"]["id"] == anna.id)]
        del mine["text"]
        await anna.changes(photo=anna.photo(jpeg("crack")), caption="hello")
        await photo_kept(shop)

        assert [one["body"] for one in await bodies(shop)] == ["text", "upload"]


async def test_live_location_that_goes_on_is_nothing_new(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.sends(location={"latitude": 31.2, "longitude": 121.4, "live_period": 900})
        await shop.settled()
        answered = anna.texts()
        await anna.changes(location={"latitude": 31.3, "longitude": 121.4, "live_period": 900})
        await shop.settled()

        assert anna.texts() == answered
        assert len(await bodies(shop)) == 1


async def test_edit_of_words_that_were_never_heard_is_heard_now(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    message = api.message(anna.chat, anna.user, text="/status")
    async with open_shop(tmp_path, api) as shop:
        await api.tell("edited_message", message | {"text": "/help", "edit_date": message["date"]})
        await shop.settled()

    assert anna.texts()[0].startswith("Hi, I'm the after-sales bot")
