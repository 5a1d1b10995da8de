"""Finds what a text means: the likeliest of the labels, or nothing. And the answers to questions, one Markdown file each."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.kept import kept
from bot.language import ONE_SCRIPT
from bot.likely import MOST_LABELS, Index, Labeller, Likely, index_of
from bot.model.case import WRITTEN
from bot.model.events import UNREAD, Reading
from bot.wishes import is_wish, story_of

SURE = 0.5
MAYBE = 0.15
"""From SURE on, a meaning is acted on; from MAYBE on, the customer is asked."""
LIKELY = 0.4
MARGIN = 0.2
"""A likely meaning is acted on too when no other comes near."""
GUESS = 0.3
"""From here on a reason is likelier than that there is none."""
MOST_CHARS = 400
"""What a long text means is said near its beginning; the rest costs time and blurs it."""

PHRASES = "phrases.toml"
OUR_CODE = tuple(Path(__file__).with_name(f"{name}.py") for name in ("knowledge", "likely", "wishes", "language"))
"""What reads the phrases: whatever changes it makes the kept index worthless."""
LONG_NUMBER = re.compile(
    r"(?:(?:我的|这个)?(?:订单|快递|运单|物流|售后)?单?(?:编号|号码|号)|(?:我的|这个)?订单"
    r"|\b(?:my )?(?:order|tracking|waybill)(?: ?(?:number|no\.?|id|num|#))?)?(?:是|为|is|[:：#\s])*\d{6,}"
    r"(?:(?:是|就是|这是|为)(?:我的|我)?(?:订单|快递|运单)?单?(?:编号|号码|号)"
    r"|\s*(?:is|was) (?:my|the) order(?: number| no\.?| id)?)?",
    re.I,
)
"""A number with the words that only say what number it is, in simplified Chinese: they tell nothing of what happened."""
LETTER = re.compile(r"[^\W\d_]")
CLAUSE_END = re.compile(r"[,，。.;；!！?？\n]+|\s+(?=[㐀-鿿])")

WISH = "act.refund"
REASON = "reason."
POLITE = ("act.greeting", "act.thanks")
"""They give way to anything else in the same text."""
PERSON = "act.human"
"""Who asks for a person in words that mean nothing else gets one, whatever else is in the text (GB/T 47746-2026)."""


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
        self._labeller = Labeller(index)
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

    def _labels(self, text: str) -> Likely:
        found = self._labeller.likely(text)
        if not any(label in self._only_with for label, _ in found):
            return found
        plain = text.lower().translate(ONE_SCRIPT)
        return tuple(
            (label, score)
            for label, score in found
            if label not in self._only_with or any(word in plain for word in self._only_with[label])
        )

    def _read(self, text: str) -> Reading:
        """People say what happened, what they want and thanks in one breath: each clause is read, and all that is no politeness."""
        clauses = [part for part in CLAUSE_END.split(without_numbers(text[:MOST_CHARS])) if LETTER.search(part)]
        if not clauses:
            return UNREAD
        telling = [clause for clause in clauses if self._top(clause) not in POLITE]
        whole = self._labels("\n".join(telling))
        if not whole or whole[0][1] < LIKELY:
            telling, whole = clauses, self._labels("\n".join(clauses))
        stories = [story for clause in telling if (story := story_of(clause))]
        if not stories and may_be_wish(whole) and is_wish(text):
            return Reading(((WISH, 1.0),), WISH)
        person = any(self._labeller.phrase_label(clause) == PERSON for clause in telling)
        candidates = rank(whole, self._labels("\n".join(stories)), asks_for_person=person)
        tells = any(not self._first(story)[0].startswith("act.") for story in stories)
        return Reading(candidates, sure_of(candidates), tells)

    def _first(self, text: str) -> tuple[str, float]:
        return next(iter(self._labels(text)), ("", 0.0))

    def _top(self, clause: str) -> str:
        label, score = self._first(clause)
        return label if score >= SURE else ""


def read_all(folders: Sequence[Path]) -> tuple[dict[str, dict[str, Entry]], Index]:
    """The entries of each language, and the index of all phrases."""
    known: dict[str, dict[str, Entry]] = {}
    phrases: list[tuple[str, str]] = []
    for folder in folders:
        entries = [read_entry(file) for file in sorted(folder.glob("knowledge/*.md"))]
        known[folder.name] = {entry.id: entry for entry in entries}
        labelled = [(f"knowledge.{entry.id}", text) for entry in entries for text in (entry.title, *entry.aliases)]
        by_label = tomllib.loads((folder / PHRASES).read_text("utf-8"))
        labelled += [(label, phrase) for label, several in by_label.items() for phrase in several]
        phrases += labelled
    return known, index_of(phrases)


def rank(whole: Likely, story: Likely, *, asks_for_person: bool = False) -> Likely:
    """Return one ranking of a text and of what it tells beside a wish.

    What happened says more than the wish beside it; and a wish without a story gives no reason, however many claims contain the
    same words.
    """
    best = dict(whole) | ({PERSON: 1.0} if asks_for_person else {})
    if not whole or whole[0][0] == WISH or whole[0][0].startswith(REASON):
        reasons = {label: score for label, score in story if label.startswith(REASON)}
        best = {label: score for label, score in best.items() if not label.startswith(REASON)} | reasons
        if max(reasons.values(), default=0.0) >= GUESS:
            best.pop(WISH, None)
    return tuple(sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_LABELS])


def sure_of(candidates: Likely) -> str | None:
    """Likely enough, or clearly likelier than any other label."""
    if not candidates:
        return None
    label, score = candidates[0]
    second = candidates[1][1] if len(candidates) > 1 else 0.0
    return label if score >= SURE or (score >= LIKELY and score - second >= MARGIN) else None


def without_numbers(text: str) -> str:
    """Return the text without case numbers, without long numbers and the words that name them, in either script.

    The letters of a case number are random: read as words they would mean something else in each case.
    """
    text = WRITTEN.sub(" ", text)
    kept, end = [], 0
    for found in LONG_NUMBER.finditer(text.translate(ONE_SCRIPT)):  # character for character: the places are the same
        kept.append(text[end : found.start()])
        end = found.end()
    return " ".join((*kept, text[end:]))


def may_be_wish(found: Likely) -> bool:
    """Words of wishing may still ask whether it is done yet, or take the wish back."""
    return not found or not found[0][0].startswith("act.") or found[0][0] == WISH


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
