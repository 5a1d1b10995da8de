"""The checklist: which shots show which reason, and what is to know of a shot. Data; a shop may have its own."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bot.model.reasons import REASONS

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
MOST_SHOTS = 6
LANGUAGES = ("zh-CN", "zh-TW", "en")


@dataclass(frozen=True, slots=True)
class Shot:
    """`label` and `why` are a shop's own words for it, by language; {} where the wording has them."""

    id: str
    screenshot: bool = False
    document: bool = False
    box: bool = False
    codes: bool = False
    text: bool = False
    label: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


KINDS = tuple(one.name for one in fields(Shot) if one.type is bool)


@dataclass(frozen=True, slots=True)
class Checklist:
    shots: Mapping[str, Shot]
    by_reason: Mapping[str, tuple[str, ...]]

    def of(self, reason: str) -> tuple[Shot, ...]:
        """In the order they are asked for."""
        return tuple(self.shots[name] for name in self.by_reason.get(reason, ()))

    def takes_documents(self, reason: str) -> bool:
        return any(shot.document for shot in self.of(reason))


def read_shots(content: Mapping[str, Any], where: str) -> dict[str, Shot]:
    """Raises ValueError naming the shot and the field."""
    shots = {}
    for id_, given in content.items():
        if not NAME.fullmatch(id_):
            raise ValueError(f"{where}: a shot is called like 'whole_item', not '{id_}'")
        if not isinstance(given, dict):
            raise ValueError(f"{where}: shot '{id_}' is a table")
        unknown = set(given) - {*KINDS, "label", "why"}
        if unknown:
            raise ValueError(f"{where}: shot '{id_}' has unknown fields {sorted(unknown)}")
        for name in KINDS:
            if not isinstance(given.get(name, False), bool):
                raise ValueError(f"{where}: '{name}' of shot '{id_}' is true or false")
        for name in ("label", "why"):
            words = given.get(name, {})
            if not isinstance(words, dict) or not all(isinstance(one, str) and one.strip() for one in words.values()):
                raise ValueError(
                    f'{where}: \'{name}\' of shot \'{id_}\' is a table: zh-CN = "…", zh-TW = "…", en = "…"'
                )
        shots[id_] = Shot(id_, **given)
    return shots


def read_own(file: Path) -> Checklist:
    """The shop's own: tables [reasons], REASON = ["shot", …], and [shots.NAME] for shots that we do not know.

    What it does not name stays as it is. Raises ValueError naming what is wrong.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: cannot be read as TOML: {error}") from error
    if unknown := set(content) - {"reasons", "shots"}:
        raise ValueError(f"{file}: there are only [reasons] and [shots.NAME], not {sorted(unknown)}")
    own = read_shots(content.get("shots", {}), str(file))
    for shot in own.values():
        if lacking := [
            f"{name}.{language}"
            for name in ("label", "why")
            for language in LANGUAGES
            if language not in getattr(shot, name)
        ]:
            raise ValueError(f"{file}: shot '{shot.id}' lacks {', '.join(lacking)}")
    shots = {**CHECKLIST.shots, **own}
    by_reason = dict(CHECKLIST.by_reason)
    for reason, names in content.get("reasons", {}).items():
        if reason not in REASONS:
            raise ValueError(f"{file}: there is no reason '{reason}'; there are {', '.join(REASONS)}")
        if not isinstance(names, list) or len(names) > MOST_SHOTS or len(set(names)) < len(names):
            raise ValueError(f"{file}: '{reason}' is a list of at most {MOST_SHOTS} different shots")
        for name in names:
            if name not in shots:
                raise ValueError(f"{file}: '{reason}' wants shot '{name}', which nobody describes: add [shots.{name}]")
        by_reason[reason] = tuple(names)
    return Checklist(shots, by_reason)


def built_in() -> Checklist:
    file = Path(__file__).with_name("shots.toml")
    shots = read_shots(tomllib.loads(file.read_text("utf-8")), str(file))
    return Checklist(shots, {id_: reason.shots for id_, reason in REASONS.items()})


CHECKLIST = built_in()
