"""The nearest of many phrases to a text.

Phrases and texts are compared by the characters and short character runs that they share, weighed by how rare those are
(TF-IDF and cosine). It needs no model and no training.
"""

import math
import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from bot.language import HAN, ONE_SCRIPT

LEAST = 0.13
"""A score below this is none."""
HAN_RUNS = (1, 2, 3)
OTHER_RUNS = (2, 3, 4)
"""Lengths of the character runs that are compared; the second inside words, with a space at both ends."""
TOO_COMMON = 0.08
"""Runs in more of the phrases than this say little and cost most of the time."""
UNITS = 256
"""Of a score, in the sums; see Phrases."""
FEW = 40
"""Up to so many phrases with a run, a loop over them is faster than lanes."""
MOST_LABELS = 6
NOISE = re.compile(r"[^\w㐀-鿿]+")

Labels = tuple[tuple[str, float], ...]


class Index(NamedTuple):
    """What is known of the phrases, worked out once, in types that marshal keeps."""

    rarity: dict[str, float]
    unseen: float
    languages: list[tuple[int, list[tuple[str, int, int]], dict[str, list[tuple[int, int]]], dict[str, int]]]
    """Of each: how many phrases, and the arguments of `Phrases`."""


def index_of(languages: Iterable[Sequence[tuple[str, str]]]) -> Index:
    """The phrases come as (label, phrase), some for each language."""
    known = [[(label, runs(phrase)) for label, phrase in sorted(phrases)] for phrases in languages]
    count = sum(len(phrases) for phrases in known)
    seen = Counter(run for phrases in known for _, counted in phrases for run in counted)
    rarity = {run: math.log((1 + count) / (1 + often)) + 1 for run, often in seen.items()}
    telling = {run for run, often in seen.items() if often <= max(50, count * TOO_COMMON)}
    indexed = []
    for phrases in known:
        units = units_of([counted for _, counted in phrases], rarity, telling)
        lanes = {run: side_by_side(some, len(phrases)) for run, some in units.items() if len(some) > FEW}
        indexed.append((len(phrases), ranges([label for label, _ in phrases]), units, lanes))
    return Index(rarity, math.log(1 + count) + 1, indexed)


class Nearest:
    """Labels of the phrases nearest to a text."""

    def __init__(self, index: Index) -> None:
        self._rarity = index.rarity
        self._unseen = index.unseen
        self._languages = [Phrases(*one) for one in index.languages]
        self.labels = lru_cache(maxsize=8192)(self._labels)

    def _labels(self, text: str) -> Labels:
        """At most MOST_LABELS labels, best first, each with the score of its nearest phrase."""
        counted = runs(text)
        square = sum(
            ((1 + math.log(count)) * self._rarity.get(run, self._unseen)) ** 2 for run, count in counted.items()
        )
        length = math.sqrt(square) * UNITS
        best: dict[str, float] = {}
        for phrases in self._languages:
            for label, units in phrases.best(counted):
                best[label] = max(units / length, best.get(label, LEAST))
        found = [(label, score) for label, score in best.items() if score > LEAST]
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0]))[:MOST_LABELS])


class Phrases:
    """The phrases of one language, and what each run of characters gives to each of them, in whole units.

    For a run that many of them share that is one large integer, a lane of 16 bits for each phrase: one addition of two of those
    adds for all phrases at once, many times faster than a loop. A lane is wide enough: a phrase cannot get more than the
    length of the text, which is under 200 for the 400 characters that are read.
    """

    def __init__(
        self,
        count: int,
        ranges: list[tuple[str, int, int]],
        units: dict[str, list[tuple[int, int]]],
        lanes: dict[str, int],
    ) -> None:
        self._count = count
        self._ranges = ranges
        self._units = units
        self._lanes = lanes

    def best(self, counted: Mapping[str, int]) -> list[tuple[str, float]]:
        """Each label with the most units that one of its phrases gets; nothing when no run is known."""
        lanes, others = 0, []
        for run, count in counted.items():
            if count == 1 and run in self._lanes:
                lanes += self._lanes[run]
            elif run in self._units:
                others.append((1 + math.log(count), self._units[run]))
        if not lanes and not others:
            return []
        scores: list[float] = list(memoryview(lanes.to_bytes(2 * self._count, sys.byteorder)).cast("H"))
        for times, units in others:
            for index, more in units:
                scores[index] += more * times
        return [(label, max(scores[start:end])) for label, start, end in self._ranges]


def units_of(
    phrases: Iterable[Mapping[str, int]], rarity: Mapping[str, float], telling: set[str]
) -> dict[str, list[tuple[int, int]]]:
    """For each run the phrases that it is in, by their number, with what it gives to them."""
    units: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, counted in enumerate(phrases):
        weights = {
            run: rarity[run] if count == 1 else (1 + math.log(count)) * rarity[run] for run, count in counted.items()
        }
        length = math.hypot(*weights.values()) or 1.0
        for run in telling.intersection(weights):
            units[run].append((number, round(weights[run] / length * rarity[run] * UNITS)))
    return dict(units)


def side_by_side(units: Sequence[tuple[int, int]], count: int) -> int:
    lanes = array("H", bytes(2 * count))
    for index, more in units:
        lanes[index] = more
    return int.from_bytes(lanes.tobytes(), sys.byteorder)


def ranges(labels: Sequence[str]) -> list[tuple[str, int, int]]:
    """Each label with where it begins and ends in this sorted list."""
    counts = Counter(labels)
    ends = accumulate(counts.values())
    return [(label, end - counts[label], end) for label, end in zip(counts, ends, strict=True)]


def runs(text: str) -> Counter[str]:
    """Characters and runs of up to three for Chinese of either script; for other scripts runs inside words, word ends marked."""
    found: list[str] = []
    for part in NOISE.sub(" ", text.lower().translate(ONE_SCRIPT)).split():
        padded, lengths = (part, HAN_RUNS) if HAN.search(part) else (f" {part} ", OTHER_RUNS)
        for length in lengths:
            found += [padded[i : i + length] for i in range(len(padded) - length + 1)]
    return Counter(found)
