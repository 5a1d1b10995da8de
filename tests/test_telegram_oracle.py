"""An outside oracle: aiogram's models, made from Telegram's own documentation, know every update that our Bot API makes and every
call that the bot makes there, with no field that Telegram would not know.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.botapi.people import Group, Person
from tests.botapi.server import BotApi, Json, bot_api
from tests.botapi.shop import MODES, open_shop
from tests.fakes import file_named
from tests.pictures import jpeg
from tests.telegram_player import play

EXAMPLES = sorted(Path(__file__).parent.glob("adapters/telegram/updates/*.json"))
CONVERSATION = Path(__file__).parent / "conversations" / "damaged_kettle_en.chat"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


def check(update: Json) -> None:
    from aiogram.types import Update  # 5 s: only where it is asked

    known = Update.model_validate(update, strict=False)
    assert known.event_type in update
    assert unknown_in(known) == []


def check_call(method: str, fields: Json) -> None:
    from aiogram import methods

    model = getattr(methods, method[0].upper() + method[1:])
    assert unknown_in(model.model_validate(fields)) == []


def unknown_in(value: Any, where: str = "") -> list[str]:
    """The fields that the models do not have: they keep them as extra ones."""
    if isinstance(value, BaseModel):
        extra = [f"{where}.{name}" for name in value.model_extra or ()]
        return extra + [one for name, inner in value for one in unknown_in(inner, f"{where}.{name}")]
    if isinstance(value, list | tuple):
        return [one for index, inner in enumerate(value) for one in unknown_in(inner, f"{where}[{index}]")]
    return []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_stored_example_is_as_telegram_documents_it(file: Path) -> None:
    check(json.loads(file.read_text("utf-8"))["update"])


@pytest.mark.parametrize("mode", MODES)
async def test_updates_and_calls_are_as_telegram_documents_them(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna, family = Person(api, "Anna"), Group(api)
    async with open_shop(tmp_path, api, mode) as shop:
        await anna.says("/start")
        await shop.settled()
        await anna.presses("Check progress")
        await anna.says("hello")
        await anna.edits("hello there")
        await anna.sends_photo(jpeg("lid"), "the lid")
        await anna.sends_album([jpeg("a"), jpeg("b")], "both")
        await anna.sends_file(jpeg("c"), "c.jpg")
        await anna.sends_voice(file_named("a.ogg"))
        await anna.sends_video(file_named("a.mp4"))
        await family.hears(anna, "hi @shouhou_bot")
        await shop.settled()
        await api.until(lambda: any(method == "setChatMenuButton" for method, _ in api.calls))
        await anna.blocks()
        await anna.blocks(is_blocked=False)
        await shop.settled()

    kinds = {next(reversed(update)) for update in api.told}
    assert kinds == {"message", "edited_message", "callback_query", "my_chat_member"}
    for update in api.told:
        check(update)
    called = {method for method, _ in api.calls}
    assert {"sendMessage", "answerCallbackQuery", "editMessageReplyMarkup", "sendChatAction", "getFile"} <= called
    assert called >= ({"setWebhook"} if mode == "webhook" else {"getUpdates"})
    for method, fields in api.calls:
        check_call(method, fields)


async def test_whole_claim_is_as_telegram_documents_it(api: BotApi, tmp_path: Path) -> None:
    assert await play(CONVERSATION, tmp_path, "straight", "polling", api) == CONVERSATION.read_text("utf-8")

    for update in api.told:
        check(update)
    for method, fields in api.calls:
        check_call(method, fields)


@pytest.mark.parametrize(
    "change",
    [{"message_id": "five"}, {"date": None}, {"chat": {"id": 7}}, {"nonsense": 1}],
    ids=lambda one: next(iter(one)),
)
def test_what_telegram_would_not_send_is_found(change: Json) -> None:
    """A test of the test."""
    message = json.loads((EXAMPLES[0].parent / "text.json").read_text("utf-8"))["update"]["message"]

    with pytest.raises((ValueError, AssertionError)):
        check({"update_id": 1, "message": message | change})
    with pytest.raises((ValueError, AssertionError)):
        check_call("sendMessage", {"chat_id": 7, "txt": "hello"})
