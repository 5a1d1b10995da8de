"""How messages look and sound on Telegram: what rings, what is copied by a touch, which buttons stand out."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.adapters.telegram import render
from bot.model.messages import Button
from tests.botapi.people import Person, buttons_of, words_of
from tests.botapi.server import BotApi, bot_api
from tests.botapi.shop import Shop, open_shop
from tests.test_telegram_oracle import check_call

TOLD = "My kettle arrived with a crack, I want a refund, order 2100000000001"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


def photo(number: int) -> bytes:
    """Large, bright and sharp, and like no other."""
    file = io.BytesIO()
    Image.effect_noise((1600, 1200), 80 + number).save(file, "JPEG", quality=60)
    return file.getvalue()


async def submit(shop: Shop, anna: Person) -> None:
    """Anna claims, one photo after the other, and submits."""
    await anna.says(TOLD)
    await shop.settled()
    for number in range(3):
        count = len(anna.sees())
        await anna.sends_file(photo(number), f"{number}.jpg")
        await anna.until(lambda count=count: len(anna.sees()) > count)
        await shop.settled()
    await anna.until(lambda: "Submit" in anna.labels())


async def test_of_a_claim_only_what_must_be_read_rings(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await submit(shop, anna)
        await anna.presses("Submit")
        await shop.settled()

    rung = [words_of(one) for one in anna.sees() if one["message_id"] in api.rung]
    assert len(anna.sees()) >= 7
    assert [text[:24] for text in rung] == [
        "We need 3 photos. Send t",
        "Please check your reques",
        "We've got your request K",
    ]
    for method, fields in api.calls:
        check_call(method, fields)


def marked(message: Any) -> list[str]:
    """The words of a message that are shown as code."""
    text, entities = words_of(message), message.get("entities", ())
    in_units = text.encode("utf-16-le")
    return [
        in_units[one["offset"] * 2 : (one["offset"] + one["length"]) * 2].decode("utf-16-le")
        for one in entities
        if one["type"] == "code"
    ]


async def test_case_number_and_link_code_are_copied_by_a_touch(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await submit(shop, anna)
        await anna.presses("Submit")
        await shop.settled()
        ((number,),) = await shop.rows("SELECT number FROM cases")
        told = anna.sees()[-1]
        assert marked(told) == [number]
        assert buttons_of(told)[-1]["copy_text"] == {"text": number}
        await anna.presses("Check progress")
        await shop.settled()
        assert marked(anna.sees()[-1]) == [number]

        await anna.says("/link")
        await shop.settled()
        command = buttons_of(anna.sees()[-1])[-1]["copy_text"]["text"]
        assert command.startswith("/link ")
        assert marked(anna.sees()[-1]) == [command]
    for method, fields in api.calls:
        check_call(method, fields)


def test_code_behind_a_face_is_where_telegram_counts_it() -> None:
    call = render.said("😀 KS-7R4-M2X-H9F 😀")

    assert call.fields["entities"] == [{"type": "code", "offset": 3, "length": 14}]


async def test_submit_and_withdraw_stand_out(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await submit(shop, anna)
        styles = {button["text"]: button.get("style") for button in buttons_of(anna.sees()[-1])}
        assert styles == {"Submit": "primary", "Change…": None, "Save for later": None}
        await anna.presses("Submit")
        await shop.settled()
        await anna.says("/withdraw")
        await shop.settled()

    assert {button["text"]: button.get("style") for button in buttons_of(anna.sees()[-1])} == {
        "Yes, withdraw": "danger", "Check progress": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["Check progress", "Talk to a person"], [2]),
        (["查看进度", "转人工客服"], [2]),
        (["Submit", "Change…", "Save for later"], [2, 1]),
        (["Other ways to reach us", "Help"], [1, 1]),
    ],
)
def test_two_buttons_stand_in_a_row_where_they_fit(labels: list[str], rows: list[int]) -> None:
    keyboard = render.keyboard("0" * 32, [Button("a", label) for label in labels])["inline_keyboard"]

    assert [len(row) for row in keyboard] == rows
