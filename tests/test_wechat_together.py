"""What is delivered together: photos sent at once, texts that follow each other. It says what is true at its end, in one message."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.model.messages import Author, Button, File, Message, merged, still_true
from tests.player import Player, read_script
from tests.wechat_player import MiniProgramPlayer, WeChatPlayer, WeComPlayer

CONVERSATIONS = Path(__file__).parent / "conversations"
AT = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)
FORM = "intake-1"


def message(position: int, text: str, question: str = "", about: str = "", *files: str) -> Message:
    whole = "\n".join(part for part in (text, question) if part)
    pictures = tuple(File(f"example/{name}", name, "image/png") for name in files)
    return Message(position, Author.BOT, AT, whole, (), None, pictures, None, question, about, FORM)


RECEIPTS = (
    message(1, "1/3", "label, please", "photos", "label"),
    message(2, "2/3", "item, please", "photos", "item"),
    message(3, "3/3", "", "photos"),
    message(4, "", "is all right?"),
)


def told(messages: Sequence[Message]) -> list[str]:
    return [one.text for one in still_true(messages)]


def test_of_receipts_and_questions_the_last_is_told() -> None:
    assert told(RECEIPTS) == ["3/3", "is all right?"]
    assert merged(RECEIPTS).files == ()
    assert told(RECEIPTS[:2]) == ["2/3\nitem, please"]
    assert [one.name for one in merged(RECEIPTS[:2]).files] == ["item"]
    assert told(RECEIPTS[:1]) == ["1/3\nlabel, please"]


def test_what_tells_no_state_stays() -> None:
    answer = message(2, "the shop pays for it", "label, please")

    assert told([RECEIPTS[0], answer]) == ["1/3", "the shop pays for it\nlabel, please"]
    assert told([replace(RECEIPTS[0], about=""), RECEIPTS[1]]) == ["1/3", "2/3\nitem, please"]


def test_question_of_a_form_that_is_closed_is_not_asked() -> None:
    submitted = replace(message(5, "KS-1 is submitted"), form="")

    assert told([*RECEIPTS, submitted]) == ["3/3", "KS-1 is submitted"]


def test_question_stays_open_while_a_person_writes() -> None:
    person = replace(message(5, "hello"), author=Author.AGENT)

    assert told([RECEIPTS[0], person]) == ["1/3\nlabel, please", "hello"]


def test_documents_stay_whatever_is_asked() -> None:
    pack = replace(message(1, "here it is", "which?"), files=(File("object/1", "KS-1.zip", "application/zip"),))

    assert [one.name for one in merged([pack, RECEIPTS[3]]).files] == ["KS-1.zip"]


def test_buttons_are_those_that_a_number_means() -> None:
    buttons = (Button("a", "A"),)

    assert merged([replace(RECEIPTS[0], buttons=buttons), replace(RECEIPTS[2], buttons=())]).buttons == buttons


class OneByOne(WeChatPlayer):
    """Each photo has been looked at, and what follows from it was sent, before the next one comes half a second later."""

    async def _accept(self, events: Sequence[Any]) -> None:
        assert self._app
        for act in events:
            await act()
            await self._answered()
            await Player._settle(self)
            await self._wait("0.45 seconds")


class OneByOneInMiniProgram(OneByOne, MiniProgramPlayer):
    pass


class OneByOneInWeCom(OneByOne, WeComPlayer):
    pass


HOW = {
    "menu": lambda folder: OneByOne(folder, "menu"),
    "list": lambda folder: OneByOne(folder, "list"),
    "miniprogram": lambda folder: OneByOneInMiniProgram(folder, "list"),
    "wecom": lambda folder: OneByOneInWeCom(folder, "menu"),
}


@pytest.mark.parametrize("how", HOW)
async def test_photos_sent_together_take_one_message_that_is_true(how: str, tmp_path: Path) -> None:
    player = HOW[how](tmp_path)
    await player.play([read_script(CONVERSATIONS / "damaged_kettle_en.chat")])

    line, said = next((line, told) for line, told in player.steps if line.endswith("(box.jpg) (label.jpg) (crack.jpg)"))
    shown = said["anna"]
    assert [row for row in shown if "/3 ✓" in row] == [
        "3/3 ✓ Received for: the outer box (its damaged side), the address label on the box, the damaged item with its packing. "
        "That's all the photos we need."
    ], line
    assert shown[1] == "Please check your request (not sent yet):"
    assert not [row for row in shown if "⧉" in row or "Next, please" in row], "drawings of shots that have come"
    assert player.fake.refusals == []


@pytest.mark.parametrize("how", HOW)
async def test_photos_sent_together_leave_the_window_to_others(how: str, tmp_path: Path) -> None:
    player = HOW[how](tmp_path)
    file = CONVERSATIONS / "damaged_kettle_en.chat"
    script = read_script(file)
    script.lines = script.lines[:2]
    await player.play([script])

    left = player.fake.windows[f"{script.name}.anna"]
    assert (left if how == "wecom" else left["message"]).free == 4, "one of five is used"
