"""Finds what a text means: the nearest of many phrases, or nothing. And the answers to questions, one Markdown file each."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.kept import kept
from bot.language import ONE_SCRIPT, language_of
from bot.model.events import Reading
from bot.nearest import MOST_LABELS, Index, Labels, Nearest, index_of

SURE = 0.5
MAYBE = 0.26
"""From SURE on, a meaning is acted on; from MAYBE on, the customer is asked."""
LIKELY = 0.4
MARGIN = 0.1
"""A likely meaning is acted on too when no other comes near."""
MOST_CHARS = 400
"""What a long text means is said near its beginning; the rest costs time and blurs it."""

PHRASES = "phrases.toml"
OUR_CODE = (Path(__file__), Path(__file__).with_name("nearest.py"), Path(__file__).with_name("language.py"))
"""What reads the phrases: whatever changes it makes the kept index worthless."""
LONG_NUMBER = re.compile(r"(订单号?|单号|\border( number)?)?[:： ]*\d{6,}", re.I)
LETTER = re.compile(r"[^\W\d_]")
CLAUSE_END = re.compile(r"[,，。.;；!！?？\n]+|\s+(?=[㐀-鿿])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer. `buttons` are offered after it; what it says was checked against `source` on `verified_on`.

    `only_with`: it is never meant by a text in which none of these words stands (small letters, simplified Chinese).
    """

    id: str
    title: str
    aliases: tuple[str, ...]
    answer: str
    buttons: tuple[str, ...]
    source: str
    verified_on: date
    only_with: tuple[str, ...] = ()


class Knowledge:
    """The entries and phrases of every language."""

    def __init__(self, folder: Path, languages: Iterable[str]) -> None:
        folders = [folder / language for language in languages]
        files = [file for one in folders for file in (*sorted(one.glob("knowledge/*.md")), one / PHRASES)]
        self._entries, index = kept("knowledge", folder, [*files, *OUR_CODE], lambda: read_all(folders))
        self._nearest = Nearest(index)
        self._only_with: dict[str, set[str]] = defaultdict(set)
        for entries in self._entries.values():
            for entry in entries.values():
                if entry.only_with:
                    self._only_with[f"knowledge.{entry.id}"].update(entry.only_with)
        self.read = lru_cache(maxsize=8192)(self._read)

    def entry(self, language: str, id_: str) -> Entry:
        return self._entries[language][id_]

    def ids(self, language: str) -> tuple[str, ...]:
        return tuple(self._entries[language])

    def _labels(self, text: str) -> Labels:
        found = self._nearest.labels(text)
        if not any(label in self._only_with for label, _ in found):
            return found
        plain = text.lower().translate(ONE_SCRIPT)
        return tuple(
            (label, score)
            for label, score in found
            if label not in self._only_with or any(word in plain for word in self._only_with[label])
        )

    def _read(self, text: str) -> Reading:
        plain = LONG_NUMBER.sub(" ", text[:MOST_CHARS])
        clauses = [clause for clause in CLAUSE_END.split(plain) if LETTER.search(clause)]
        if not clauses:
            return Reading(language_of(text))
        parts = [self._labels(part) for part in ((plain, *clauses) if len(clauses) > 1 else (plain,))]
        tops = [found[0][0] if found else "" for found in parts]
        tells = any(not top.startswith("act.") for top in tops[-len(clauses) :])
        candidates = weigh(parts, tops)
        return Reading(language_of(text), candidates, sure_of(candidates), tells)


def read_all(folders: Sequence[Path]) -> tuple[dict[str, dict[str, Entry]], Index]:
    """The entries of each language, and the index of all phrases."""
    known: dict[str, dict[str, Entry]] = {}
    phrases = []
    for folder in folders:
        entries = [read_entry(file) for file in sorted(folder.glob("knowledge/*.md"))]
        known[folder.name] = {entry.id: entry for entry in entries}
        labelled = [(f"knowledge.{entry.id}", text) for entry in entries for text in (entry.title, *entry.aliases)]
        by_label = tomllib.loads((folder / PHRASES).read_text("utf-8"))
        labelled += [(label, phrase) for label, several in by_label.items() for phrase in several]
        phrases.append(labelled)
    return known, index_of(phrases)


def weigh(parts: Sequence[Labels], tops: Sequence[str]) -> Labels:
    """One ranking of a text and its clauses: people say what happened, what they want and a number in one breath.

    A clause that gives a reason says more than the wish beside it; and a mere wish gives no reason, however many claims
    contain the same words.
    """
    best: dict[str, float] = {}
    reasons = set()
    for found, top in zip(parts, tops, strict=True):
        for label, score in found:
            if not (top.startswith("act.") and label.startswith("reason.")):
                best[label] = max(score, best.get(label, 0.0))
        if len(parts) > 1 and top.startswith("reason.") and found[0][1] >= SURE:
            reasons.add(top)
    return tuple(sorted(best.items(), key=lambda pair: (pair[0] not in reasons, -pair[1], pair[0]))[:MOST_LABELS])


def sure_of(candidates: Labels) -> str | None:
    """Near enough to a phrase, or clearly nearer to one label than to any other."""
    if not candidates:
        return None
    label, score = candidates[0]
    second = candidates[1][1] if len(candidates) > 1 else 0.0
    return label if score >= SURE or (score >= LIKELY and score - second >= MARGIN) else None


def read_entry(file: Path) -> Entry:
    """Raises ValueError naming the file and the field that is wrong."""
    _, _, rest = file.read_text("utf-8").partition("+++\n")
    head, separator, answer = rest.partition("\n+++\n")
    if not separator:
        raise ValueError(f"{file}: begins with its fields between two lines of +++")
    try:
        fields = tomllib.loads(head)
        entry = Entry(
            id=fields.pop("id"),
            title=fields.pop("title"),
            aliases=tuple(fields.pop("aliases")),
            answer=answer.strip(),
            buttons=tuple(fields.pop("buttons")),
            source=fields.pop("source"),
            verified_on=fields.pop("verified_on"),
            only_with=tuple(fields.pop("only_with", ())),
        )
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {error}") from error
    except KeyError as error:
        raise ValueError(f"{file}: the field {error} is missing") from error
    if fields or entry.id != file.stem or not isinstance(entry.verified_on, date):
        raise ValueError(f"{file}: unknown fields {sorted(fields)}, an id other than the file's name, or no date")
    return entry
