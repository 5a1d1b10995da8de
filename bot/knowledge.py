"""Finds what a text means: the nearest of many phrases, or nothing. And the answers to questions, one Markdown file each.

Phrases and texts are compared by the characters and short character runs that they share, weighed by how rare those are
(TF-IDF and cosine). It needs no model and no training, and says which phrase decided.
"""

import math
import re
import sys
import tomllib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from bot.language import language_of
from bot.model.events import Reading

SURE = 0.5
MAYBE = 0.26
"""From SURE on, a meaning is acted on; from MAYBE on, the customer is asked."""
LIKELY = 0.4
MARGIN = 0.1
"""A likely meaning is acted on too when no other comes near."""
LONGEST_RUN = 3
UNITS = 256
"""Of a score, in the sums; see Nearest."""
FEW = 40
"""Up to so many phrases with a run, a loop over them is faster than lanes."""
TOO_COMMON = 0.08
"""Runs in more of the phrases than this say little and cost most of the time."""
MOST_CHARS = 400
"""What a long text means is said near its beginning; the rest costs time and blurs it."""

Labels = tuple[tuple[str, float], ...]
LONG_NUMBER = re.compile(r"(订单号?|单号|\border( number)?)?[:： ]*\d{6,}", re.I)
LETTER = re.compile(r"[^\W\d_]")
CLAUSE_END = re.compile(r"[,，。.;；!！?？\n]+|\s+(?=[㐀-鿿])")
NOISE = re.compile(r"[^\w㐀-鿿]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer. `buttons` are offered after it; what it says was checked against `source` on `verified_on`."""

    id: str
    title: str
    aliases: tuple[str, ...]
    answer: str
    buttons: tuple[str, ...]
    source: str
    verified_on: date


class Knowledge:
    """The entries and phrases of every language."""

    def __init__(self, folder: Path, languages: Iterable[str]) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}
        labelled: list[tuple[str, str]] = []
        for language in languages:
            entries = [read_entry(file) for file in sorted((folder / language / "knowledge").glob("*.md"))]
            self._entries[language] = {entry.id: entry for entry in entries}
            labelled += [(f"knowledge.{entry.id}", text) for entry in entries for text in (entry.title, *entry.aliases)]
            phrases = tomllib.loads((folder / language / "phrases.toml").read_text("utf-8"))
            labelled += [(label, phrase) for label, several in phrases.items() for phrase in several]
        self._nearest = Nearest(labelled)
        self.read = lru_cache(maxsize=8192)(self._read)

    def entry(self, language: str, id_: str) -> Entry:
        return self._entries[language][id_]

    def ids(self, language: str) -> tuple[str, ...]:
        return tuple(self._entries[language])

    def _read(self, text: str) -> Reading:
        plain = LONG_NUMBER.sub(" ", text[:MOST_CHARS])
        clauses = [clause for clause in CLAUSE_END.split(plain) if LETTER.search(clause)]
        if not clauses:
            return Reading(language_of(text))
        parts = [self._nearest.labels(part) for part in ((plain, *clauses) if len(clauses) > 1 else (plain,))]
        tops = [found[0][0] if found else "" for found in parts]
        tells = any(not top.startswith("act.") for top in tops[-len(clauses) :])
        candidates = weigh(parts, tops)
        return Reading(language_of(text), candidates, sure_of(candidates), tells)


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
    return tuple(sorted(best.items(), key=lambda pair: (pair[0] not in reasons, -pair[1], pair[0]))[:4])


def sure_of(candidates: Labels) -> str | None:
    """Near enough to a phrase, or clearly nearer to one label than to any other."""
    if not candidates:
        return None
    label, score = candidates[0]
    second = candidates[1][1] if len(candidates) > 1 else 0.0
    return label if score >= SURE or (score >= LIKELY and score - second >= MARGIN) else None


class Nearest:
    """Labels of the phrases nearest to a text.

    Scores are counted in whole units. What a run that many phrases share gives to each of them is one large integer, a lane of
    16 bits for each phrase: one addition of two of those adds for all phrases, eight times faster than a loop. A lane is wide
    enough: a phrase cannot get more than its text's length, and the length of MOST_CHARS characters is under 200.
    """

    def __init__(self, labelled: Iterable[tuple[str, str]]) -> None:
        phrases = sorted(((label, runs(phrase)) for label, phrase in labelled), key=lambda pair: pair[0])
        self._count = len(phrases)
        self._ranges = ranges([label for label, _ in phrases])
        seen = Counter(run for _, counted in phrases for run in counted)
        self._rarity = {run: math.log((1 + self._count) / (1 + count)) + 1 for run, count in seen.items()}
        self._unseen = math.log(1 + self._count) + 1
        too_common = max(50, self._count * TOO_COMMON)
        self._units: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, (_, counted) in enumerate(phrases):
            length = self._length(counted)
            for run, count in counted.items():
                if seen[run] <= too_common:
                    weight = self._weight(run, count) / length
                    self._units[run].append((index, round(weight * self._rarity[run] * UNITS)))
        self._lanes = {run: self._side_by_side(found) for run, found in self._units.items() if len(found) > FEW}

    def labels(self, text: str) -> Labels:
        """At most four labels, best first, each with the score of its nearest phrase."""
        lanes, found, square = 0, [], 0.0
        for run, count in runs(text).items():
            times = 1 + math.log(count) if count > 1 else 1.0
            square += (times * self._rarity.get(run, self._unseen)) ** 2
            if count == 1 and run in self._lanes:
                lanes += self._lanes[run]
            elif run in self._units:
                found.append((times, self._units[run]))
        scores: list[float] = list(memoryview(lanes.to_bytes(2 * self._count, sys.byteorder)).cast("H"))
        for times, units in found:
            for index, more in units:
                scores[index] += more * times
        length = math.sqrt(square) * UNITS or 1.0
        nearest = [(label, max(scores[start:end]) / length) for label, start, end in self._ranges]
        return tuple(sorted((one for one in nearest if one[1] > MAYBE / 2), key=lambda pair: (-pair[1], pair[0]))[:4])

    def _side_by_side(self, units: Sequence[tuple[int, int]]) -> int:
        lanes = array("H", bytes(2 * self._count))
        for index, more in units:
            lanes[index] = more
        return int.from_bytes(lanes.tobytes(), sys.byteorder)

    def _length(self, counted: Mapping[str, int]) -> float:
        return math.sqrt(sum(self._weight(run, count) ** 2 for run, count in counted.items())) or 1.0

    def _weight(self, run: str, count: int) -> float:
        return (1 + math.log(count)) * self._rarity.get(run, self._unseen)


def ranges(labels: Sequence[str]) -> list[tuple[str, int, int]]:
    """Each label with where it begins and ends in this sorted list."""
    counts = Counter(labels)
    ends = list(accumulate(counts.values()))
    return [(label, end - counts[label], end) for label, end in zip(counts, ends, strict=True)]


def runs(text: str) -> Counter[str]:
    """Characters and runs of up to three for Chinese; for other scripts runs inside words, word ends marked."""
    found: list[str] = []
    for part in NOISE.sub(" ", text.lower()).split():
        padded = part if language_of(part) == "zh-CN" else f" {part} "
        shortest = 1 if padded is part else 2
        for length in range(shortest, LONGEST_RUN + 1 + (padded is not part)):
            found += [padded[i : i + length] for i in range(len(padded) - length + 1)]
    return Counter(found)


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
        )
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {error}") from error
    except KeyError as error:
        raise ValueError(f"{file}: the field {error} is missing") from error
    if fields or entry.id != file.stem or not isinstance(entry.verified_on, date):
        raise ValueError(f"{file}: unknown fields {sorted(fields)}, an id other than the file's name, or no date")
    return entry
