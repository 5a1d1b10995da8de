"""Every sentence that a customer reads: the same ones in each language, short, kind, exact, and with a way on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message, Pattern, VariableReference
from fluent.syntax.visitor import Visitor

from bot.app import LOCALES, words
from bot.knowledge import Entry
from bot.language import ONLY_SIMPLIFIED, ONLY_TRADITIONAL

LANGUAGES = ("zh-CN", "zh-TW", "en")
LONGEST = {"zh-CN": 120, "zh-TW": 120, "en": 500}
"""Characters: what fits into a WeChat message at a glance, and what Telegram readers read."""
A_VALUE = 8
"""How many characters a variable is worth: a day, an amount, a case number."""
UNKIND = {
    "zh-CN": "尽快|稍后|马上|很快|尽早|您必须|您没有|你|^亲|亲[，,！!]|不便|深表歉意|！|!",
    "zh-TW": "儘快|盡快|稍後|馬上|很快|盡早|您必須|您沒有|你|親[，,！!]|不便|深表歉意|！|!",
    "en": r"\bsoon\b|\bshortly\b|\basap\b|unfortunately|per (our )?policy|your claim|you must|you failed|!|inconvenience",
}
"""What the style guides rule out: dates instead of "soon", no blame, no empty apology, no shouting."""
MOST_BUTTONS = 6
CHATS = sorted(Path(__file__).parent.glob("conversations/*.chat"))


class Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the visitor's way
        self.names.add(node.id.name)


def sentences(language: str) -> dict[str, Pattern]:
    found = {}
    for file in sorted((LOCALES / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            if isinstance(entry, Message) and entry.value:
                found[f"{file.stem}.{entry.id.name}"] = entry.value
    return found


def variables(pattern: Pattern) -> set[str]:
    visitor = Variables()
    visitor.visit(pattern)
    return visitor.names


def texts(language: str) -> Iterator[tuple[str, str]]:
    for file in sorted((LOCALES / language).glob("*.ftl")):
        for name, text in re.findall(r"(?ms)^([a-z][\w-]*) =(.*?)(?=^[a-z#]|\Z)", file.read_text("utf-8")):
            yield f"{file.stem}.{name}", text.strip()


def entries(language: str) -> dict[str, Entry]:
    _, knowledge = words()
    return {id_: knowledge.entry(language, id_) for id_ in knowledge.ids(language)}


def test_languages_have_the_same_sentences_with_the_same_variables() -> None:
    chinese = {key: variables(pattern) for key, pattern in sentences("zh-CN").items()}
    for language in LANGUAGES[1:]:
        assert {key: variables(pattern) for key, pattern in sentences(language).items()} == chinese


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short_and_kind(language: str) -> None:
    faults = []
    for key, text in texts(language):
        variants = re.split(r"\n *\*?\[\w+\]", text)
        length = max(len(re.sub(r"\{ \$\w+ \}", "x" * A_VALUE, re.sub(r"\s+", " ", one))) for one in variants)
        if length > LONGEST[language]:
            faults.append(f"{key}: {length} characters")
        unkind = re.search(UNKIND[language], text, re.I)
        if unkind and not key.startswith(("web.", "reasons.")):
            faults.append(f"{key}: {unkind.group()!r}")
    assert faults == []


def test_languages_have_the_same_entries_with_the_same_ways_on() -> None:
    chinese = {id_: entry.buttons for id_, entry in entries("zh-CN").items()}
    for language in LANGUAGES[1:]:
        assert {id_: entry.buttons for id_, entry in entries(language).items()} == chinese
    assert len(chinese) >= 50


@pytest.mark.parametrize(
    ("language", "foreign"), [("zh-CN", ONLY_TRADITIONAL), ("zh-TW", ONLY_SIMPLIFIED)], ids=["zh-CN", "zh-TW"]
)
def test_chinese_is_written_in_one_script(language: str, foreign: re.Pattern[str]) -> None:
    shown = dict(texts(language)) | {id_: f"{one.title} {one.answer}" for id_, one in entries(language).items()}
    in_all_languages = ("start.languages", "buttons.language")

    mixed = {key: foreign.findall(text) for key, text in shown.items() if not key.startswith(in_all_languages)}
    assert {key: found for key, found in mixed.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_entries_are_short_kind_and_known_by_many_questions(language: str) -> None:
    wording, _ = words()
    faults = []
    for id_, entry in entries(language).items():
        if len(entry.answer) > LONGEST[language]:
            faults.append(f"{id_}: the answer has {len(entry.answer)} characters")
        unkind = re.search(UNKIND[language], entry.answer, re.I)
        if unkind:
            faults.append(f"{id_}: {unkind.group()!r}")
        if len(set(entry.aliases)) < 15:
            faults.append(f"{id_}: {len(set(entry.aliases))} alias questions")
        if not entry.source or not 1 <= len(entry.buttons) <= 3 or len(entry.title) > 32:
            faults.append(f"{id_}: source, buttons or title")
        for button in entry.buttons:
            name, _, argument = button.partition(":")
            if (name == "answer" and argument not in entries(language)) or (
                name != "answer" and f"buttons.{name}" not in wording.keys(language)
            ):
                faults.append(f"{id_}: unknown button {button}")
    assert faults == []


@pytest.mark.parametrize("file", CHATS, ids=lambda file: file.stem)
def test_every_answer_leaves_a_way_on(file: Path) -> None:
    """Whatever the bot says, its last message has buttons, and never more than fit."""
    said: list[str] = []
    for line in [*file.read_text("utf-8").splitlines(), "end: "]:
        if line.startswith(("bot:", "      ")):
            said.append(line)
            continue
        if said:
            assert said[-1].strip().startswith("["), "\n".join(said)
            assert said[-1].count("[") <= MOST_BUTTONS, said[-1]
        said = []
