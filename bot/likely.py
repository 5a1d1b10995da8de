"""How likely each label is for a text, by what the text shares with the phrases of each label.

Phrases and texts are compared by characters, pairs of characters, parts of words, words and pairs of words, weighed by how rare
those are (TF-IDF). A label's phrases together say how much each of them speaks for it (naive Bayes). It needs no model and no
training beyond counting.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from bot.language import HAN
from bot.wishes import one_spelling

LEAST = 0.02
"""A label less likely than this is left out."""
MOST_LABELS = 6
SMOOTHING = 0.05
"""Added to what was counted: what no phrase of a label contains speaks against it, but does not rule it out."""
SAME = 0.8
"""Of the certainty goes to the label of a phrase that is the very text; the rest is shared out as for any text."""
UNITS = 4
"""Of a gain, kept as one byte."""
WORD_PARTS = (3, 4)
"""Lengths of the runs that are compared inside words, with a space at both ends: what a typing error leaves of a word."""
NOISE = re.compile(r"[^\w㐀-鿿]+")

Likely = tuple[tuple[str, float], ...]
"""Labels with how likely they are, likeliest first."""


class Index(NamedTuple):
    """What is known of the phrases, worked out once."""

    labels: list[str]
    sizes: list[float]
    """Of each label: the logarithm of all that its phrases weigh."""
    pieces: dict[str, tuple[float, bytes]]
    """Of each piece: its rarity; and in turns the number of a label (of at most 256) and how much the piece speaks for it, in units."""
    unseen: float
    """The rarity of a piece that is in no phrase."""
    phrases: dict[str, str]
    """Labels of whole phrases; one with two labels is left out."""


def index_of(labelled: Iterable[tuple[str, str]]) -> Index:
    """The phrases come as (label, phrase)."""
    known = [(label, phrase, pieces_of(phrase)) for label, phrase in labelled]
    labels = sorted({label for label, _, _ in known})
    numbers = {label: number for number, label in enumerate(labels)}
    seen = Counter(piece for _, _, counted in known for piece in counted)
    rarity = {piece: math.log((1 + len(known)) / (1 + often)) + 1 for piece, often in seen.items()}
    weights: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    totals = [SMOOTHING * len(seen)] * len(labels)
    for label, _, counted in known:
        weighed = weigh(counted, rarity, 0)
        for piece, weight in weighed.items():
            weights[piece][numbers[label]] += weight
            totals[numbers[label]] += weight
    gains = {
        piece: bytes(
            part
            for number, weight in sorted(by_label.items())
            for part in (number, min(255, round(math.log1p(weight / SMOOTHING) * rarity[piece] * UNITS)))
        )
        for piece, by_label in weights.items()
    }
    meant: dict[str, set[str]] = defaultdict(set)
    for label, phrase, _ in known:
        meant[plain(phrase)].add(label)
    return Index(
        labels,
        [math.log(total) for total in totals],
        {piece: (rarity[piece], gain) for piece, gain in gains.items()},
        math.log(1 + len(known)) + 1,
        {phrase: next(iter(several)) for phrase, several in meant.items() if len(several) == 1},
    )


class Labeller:
    """Tells how likely the labels of an index are for a text."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.likely = lru_cache(maxsize=8192)(self._likely)

    def phrase_label(self, text: str) -> str | None:
        """Return the label whose phrase is this very text; None when it is no phrase."""
        return self._index.phrases.get(plain(text))

    def _likely(self, text: str) -> Likely:
        """At most MOST_LABELS; nothing when not one piece of the text is known."""
        labels, sizes, pieces, unseen, _ = self._index
        scores = [0.0] * len(labels)
        square = known = 0.0
        for piece, count in pieces_of(text).items():
            often = 1 + math.log(count) if count > 1 else 1.0
            found = pieces.get(piece)
            if found is None:
                square += (often * unseen) ** 2
                continue
            rarity, gains = found
            square += (often * rarity) ** 2
            known += often * rarity
            units = iter(gains)
            for number, gain in zip(units, units, strict=True):
                scores[number] += often * gain
        if not known:
            return ()
        length = math.sqrt(square)
        logs = [score / UNITS / length - known / length * size for score, size in zip(scores, sizes, strict=True)]
        top = max(logs)
        shares = [math.exp(log - top) for log in logs]
        whole = sum(shares)
        likely = {label: share / whole for label, share in zip(labels, shares, strict=True)}
        same = self.phrase_label(text)
        if same:
            likely = {label: share * (1 - SAME) + (SAME if label == same else 0) for label, share in likely.items()}
        found_labels = [pair for pair in likely.items() if pair[1] >= LEAST]
        return tuple(sorted(found_labels, key=lambda pair: (-pair[1], pair[0]))[:MOST_LABELS])


def weigh(counted: Mapping[str, int], rarity: Mapping[str, float], unseen: float) -> dict[str, float]:
    """What each piece of a phrase weighs; together they have the length 1."""
    weights = {piece: (1 + math.log(count)) * rarity.get(piece, unseen) for piece, count in counted.items()}
    length = math.hypot(*weights.values()) or 1.0
    return {piece: weight / length for piece, weight in weights.items()}


def pieces_of(text: str) -> Counter[str]:
    """Characters and pairs of characters for Chinese of either script; for other scripts words, pairs of words and parts of words."""
    found: list[str] = []
    before = ""
    for part in words_of(text):
        if HAN.search(part):
            found += part
            found += [part[i : i + 2] for i in range(len(part) - 1)]
            before = ""
            continue
        padded = f" {part} "
        for length in WORD_PARTS:
            found += [padded[i : i + length] for i in range(len(padded) - length + 1)]
        found.append(f"={part}")
        if before:
            found.append(f"{before}={part}")
        before = part
    return Counter(found)


def plain(text: str) -> str:
    return " ".join(words_of(text))


def words_of(text: str) -> list[str]:
    return NOISE.sub(" ", one_spelling(text)).split()
