"""Every conversation in simplified characters once more in traditional ones: the same is said, and the same cases are opened."""

import tomllib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app import LOCALES, words
from bot.knowledge import Knowledge
from bot.language import ONLY_SIMPLIFIED, ONLY_TRADITIONAL, SIMPLIFIED, TRADITIONAL, clear_language_of
from bot.look.workers import Workers
from bot.model.events import Pressed
from bot.model.messages import Button
from bot.turn import Turn
from tests.player import Player, Script, read_script
from tests.scripts import traditional

FILES = sorted(Path(__file__).parent.glob("conversations/*.chat"))
OF_LANGUAGES = {"language_kept_zh", "language_switch", "three_languages"}
"""What they show is how the script of a text decides."""
OTHERS = ("agent", "wait")
"""Whose lines are no customer's."""


def is_in_simplified(script: Script) -> bool:
    return any(traditional(line) != line for who, line in script.lines if who not in OTHERS)


SCRIPTS = [file for file in FILES if file.stem not in OF_LANGUAGES and is_in_simplified(read_script(file))]


class NotingPlayer(Player):
    """Keeps which buttons were pressed by their labels, to press the same ones where they are labelled otherwise."""

    def __init__(self, folder: Path, workers: Workers, presses: Sequence[tuple[int, int]] | None = None) -> None:
        """Each of `presses` is the place of a message with buttons in its chat, and that of the button in it."""
        super().__init__(folder, "straight", workers=workers)
        self.presses: list[tuple[int, int]] = []
        self._given = iter(presses) if presses is not None else None

    def _pressed(self, chat: str, label: str) -> Any:
        shown = [one.message.buttons for one in self._phone.received if one.chat == chat and one.message.buttons]
        if self._given:
            message, place = next(self._given)
            return Pressed(shown[message][place].id if place >= 0 else label)
        body = super()._pressed(chat, label)
        self.presses.append(place_of(body.button, shown))
        return body


def place_of(button: str, shown: Sequence[Sequence[Button]]) -> tuple[int, int]:
    """Return where the button was shown last; (0, -1) when it was not."""
    for message in reversed(range(len(shown))):
        for place, one in enumerate(shown[message]):
            if one.id == button:
                return message, place
    return 0, -1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    ours = Workers(most=1)
    yield ours
    await ours.stop()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of all sentences and answers that turns asked for, in order."""
    keys: list[str] = []
    text, entry = Turn.text, Knowledge.entry

    def noting_text(turn: Turn, key: str, /, **values: Any) -> str:
        keys.append(key)
        return text(turn, key, **values)

    def noting_entry(knowledge: Knowledge, language: str, id_: str) -> Any:
        keys.append(f"answer {id_}")
        return entry(knowledge, language, id_)

    monkeypatch.setattr(Turn, "text", noting_text)
    monkeypatch.setattr(Knowledge, "entry", noting_entry)
    return keys


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
async def test_conversation_in_traditional_characters(
    file: Path, tmp_path: Path, workers: Workers, asked: list[str]
) -> None:
    simplified = read_script(file)
    player = NotingPlayer(tmp_path / "simplified", workers)
    (tmp_path / "simplified").mkdir()
    (tmp_path / "traditional").mkdir()
    await player.play([simplified])
    expected, asked[:] = list(asked), []
    script = read_script(file)
    script.lines = [
        (who, line if who in OTHERS or line.startswith("[") else traditional(line)) for who, line in script.lines
    ]

    await NotingPlayer(tmp_path / "traditional", workers, player.presses).play([script])

    assert asked == expected
    assert [line for line in script.transcript if line.startswith("case:")] == [
        line for line in simplified.transcript if line.startswith("case:")
    ]


def simplified_phrases() -> list[str]:
    _, knowledge = words()
    entries = [knowledge.entry("zh-CN", id_) for id_ in knowledge.ids("zh-CN")]
    by_label = tomllib.loads((LOCALES / "zh-CN" / "phrases.toml").read_text("utf-8"))
    return [text for entry in entries for text in (entry.title, *entry.aliases)] + [
        phrase for phrases in by_label.values() for phrase in phrases
    ]


def test_phrases_mean_the_same_in_traditional_characters() -> None:
    _, knowledge = words()
    differing = [
        text for text in simplified_phrases() if knowledge.read(text).sure != knowledge.read(traditional(text)).sure
    ]

    assert differing == []


def test_character_of_both_scripts_is_no_evidence_of_one() -> None:
    told = {char for char in SIMPLIFIED if ONLY_SIMPLIFIED.search(char)}
    told_traditional = {char for char in TRADITIONAL if ONLY_TRADITIONAL.search(char)}

    assert {char for char in told if traditional(char) == char} == set()
    assert {char for char in told_traditional if is_in_gb2312(char)} <= {"後", "於"}


def is_in_gb2312(char: str) -> bool:
    """Whether the character belongs to the set of simplified Chinese."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("text", ["衣服破了个洞，想退款", "快递还没到", "请问什么时候发货", "我的订单号填错了"])
def test_sentence_is_told_by_its_script(text: str) -> None:
    assert clear_language_of(text) == "zh-CN"
    assert clear_language_of(traditional(text)) == "zh-TW"
