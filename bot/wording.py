"""Every sentence that the bot says, by key and language: Fluent files in locales/LANGUAGE/SUBJECT.ftl.

The key `case_status.none` is the message `none` in case_status.ftl. Days, times and money are formatted by Babel before Fluent
sees them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk

from bot.workdays import SHANGHAI

DEFAULT_LANGUAGE = "zh-CN"
DAY = {"zh-CN": "M月d日（EEE）", "zh-TW": "M月d日（EEE）", "en": "EEE d MMM"}
TIME = {"zh-CN": "MM-dd HH:mm", "zh-TW": "MM-dd HH:mm", "en": "d MMM HH:mm"}
MOST_TEMPLATES = 200
"""Of one sentence: counts are small, but nobody shall fill our memory with numbers."""
MARK = "\x00"
MARKED = re.compile(f"{MARK}(\\w+){MARK}")
SIGN = {"zh-CN": "¥", "zh-TW": "CN¥", "en": "CN¥"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in fen (1/100 yuan)."""

    fen: int


Value = str | int | date | datetime | Money


class Wording:
    """Raises KeyError for a missing sentence and ValueError for a missing or unknown variable: tests see both."""

    def __init__(self, folder: Path) -> None:
        self._bundles: dict[str, dict[str, FluentBundle]] = {}
        for language in sorted(path.name for path in folder.iterdir() if any(path.glob("*.ftl"))):
            files = sorted((folder / language).glob("*.ftl"))
            self._bundles[language] = {file.stem: load(language, file) for file in files}
        self._sentences: dict[tuple[str, str], Sentence] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._bundles)

    def text(self, language: str, key: str, /, **values: Value) -> str:
        sentence = self._sentences.get((language, key)) or self._find(language, key)
        try:
            return sentence.fill({name: shape(value, language) for name, value in values.items()})
        except ValueError as error:
            raise ValueError(f"sentence '{key}' in {language}: {error}") from error

    def _find(self, language: str, key: str) -> "Sentence":
        subject, _, name = key.partition(".")
        try:
            bundle = self._bundles[language][subject]
            pattern = bundle.get_message(name).value
            if pattern is None:
                raise LookupError(name)
        except LookupError as error:
            raise KeyError(f"no sentence '{key}' in {language}") from error
        self._sentences[language, key] = Sentence(bundle, pattern)
        return self._sentences[language, key]

    def keys(self, language: str) -> Iterator[str]:
        for subject, bundle in self._bundles[language].items():
            for name in bundle._messages:
                yield f"{subject}.{name}"


class Sentence:
    """Fluent works a sentence out once for each combination of numbers in it; texts are filled in here, twenty times as fast."""

    def __init__(self, bundle: FluentBundle, pattern: Any) -> None:
        self._bundle = bundle
        self._pattern = pattern
        self._templates: dict[tuple[tuple[str, int], ...], str] = {}

    def fill(self, shown: dict[str, str | int]) -> str:
        """Raises ValueError for a missing variable."""
        numbers = tuple((name, value) for name, value in shown.items() if not isinstance(value, str))
        template = self._templates.get(numbers)
        if template is None:
            template = self._template(shown)
            if len(self._templates) < MOST_TEMPLATES:
                self._templates[numbers] = template
        try:
            return template.format_map(shown)
        except KeyError as error:
            raise ValueError(f"the variable {error} is missing") from error

    def _template(self, shown: dict[str, str | int]) -> str:
        marked = {name: f"{MARK}{name}{MARK}" if isinstance(value, str) else value for name, value in shown.items()}
        text, errors = self._bundle.format_pattern(self._pattern, marked)
        if errors:
            raise ValueError(errors[0])
        return MARKED.sub(r"{\1}", str(text).replace("{", "{{").replace("}", "}}"))


def load(language: str, file: Path) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    resource = FluentResource(file.read_text("utf-8"))
    for entry in resource.body:
        if isinstance(entry, Junk):
            raise ValueError(f"{file}: not Fluent: {(entry.content or '').partition(chr(10))[0]}")
    bundle.add_resource(resource)
    return bundle


def shape(value: Value, language: str) -> str | int:
    match value:
        case datetime():
            return time_words(value, language)
        case date():
            return day_words(value, language)
        case Money(fen):
            return money_words(fen, language)
    return value


def time_words(at: datetime, language: str) -> str:
    return minute_words(at.astimezone(SHANGHAI).replace(second=0, microsecond=0, tzinfo=None), language)


@lru_cache(maxsize=4096)
def minute_words(minute: datetime, language: str) -> str:
    return str(format_datetime(minute, TIME[language], locale=language.replace("-", "_")))


@lru_cache(maxsize=1024)
def day_words(day: date, language: str) -> str:
    return str(format_date(day, DAY[language], locale=language.replace("-", "_")))


@lru_cache(maxsize=1024)
def money_words(fen: int, language: str) -> str:
    return SIGN[language] + str(format_decimal(fen / 100, "#,##0.00", locale=language.replace("-", "_")))


def check_same_keys(wording: Wording) -> Mapping[str, Any]:
    """What each language lacks, by language; empty when all have the same sentences."""
    keys = {language: set(wording.keys(language)) for language in wording.languages}
    every = set().union(*keys.values())
    return {language: sorted(every - found) for language, found in keys.items() if every - found}
