"""Reads the settings from where an operator writes them, and says of each mistake where it stands."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from bot.settings.groups import ClashError, Settings
from bot.settings.idle import why_idle

PREFIX = "SHOUHOU_"
FILE = "shouhou.toml"
FILE_VARIABLE = f"{PREFIX}SETTINGS"
LONGEST_SHOWN = 80
LONGEST_TEXT = 300


class SettingsError(Exception):
    """All that is wrong, a line each, naming the file or variable and the key."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`idle` says why it has no effect, "" when it has."""

    key: str
    value: str
    source: str
    meaning: str
    idle: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What an operator wrote: values, and the file or variable of each, by key."""

    values: dict[str, Any]
    sources: dict[str, str]

    def add(self, values: Mapping[str, Any], source: str) -> None:
        self.values.update(values)
        self.sources.update(dict.fromkeys(values, source))

    def source_of(self, key: str) -> str:
        """Of this key, or of the first key in the group of that name."""
        in_group = (self.sources[one] for one in sorted(self.sources) if one.startswith(f"{key}."))
        return self.sources.get(key) or next(in_group, "default")


def load_settings(
    file: Path | None = None, environment: Mapping[str, str] | None = None, given: Mapping[str, Any] | None = None
) -> tuple[Settings, list[Setting]]:
    """Return the settings, and each with where it came from: command line over environment over file over default.

    `file` None means ./shouhou.toml if there is one. Raises SettingsError with everything that is wrong.
    """
    written, problems = read_all(file, os.environ if environment is None else environment, given or {})
    known = dict(fields_of(Settings))
    for key in sorted(set(written.values) - set(known)):
        problems.append(about_unknown(key, written.sources[key], known))
        del written.values[key]
    settings, more = checked(written, known)
    if problems or more or settings is None:
        raise SettingsError("\n".join([*problems, *more]))
    listed = [
        Setting(
            key,
            shown(value_at(settings, key)),
            written.sources.get(key, "default"),
            info.description or "",
            why_idle(settings, key) if value_at(settings, key) != info.default else "",
        )
        for key, info in known.items()
    ]
    return settings, listed


def read_all(file: Path | None, environment: Mapping[str, str], given: Mapping[str, Any]) -> tuple[Written, list[str]]:
    """Return what is written anywhere, and what could not be read."""
    written, problems = Written({}, {}), []
    path = file or Path(environment.get(FILE_VARIABLE, FILE))
    try:
        written.add(flatten(tomllib.loads(path.read_text("utf-8"))), str(path))
    except FileNotFoundError:
        if file or FILE_VARIABLE in environment:
            problems.append(f"{path}: there is no such file")
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
    except ValueError as error:  # of TOML, of UTF-8, or in the path
        problems.append(f"{path}: not TOML: {error}")
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and name != FILE_VARIABLE:
            written.add({name.removeprefix(PREFIX).lower().replace("__", "."): text}, name)
    written.add(given, "command line")
    return written, problems


def checked(written: Written, known: Mapping[str, Any]) -> tuple[Settings | None, list[str]]:
    """Return the settings and what is wrong with them: each setting by itself first, then those that do not go together."""
    try:
        return Settings.model_validate(nest(written.values)), []
    except ValidationError as error:
        of_single = [one for one in error.errors() if not is_clash(one)]
        problems = [about_value(one, written, known) for one in of_single]
        clashes = [one for one in error.errors() if is_clash(one)]
    wrong = {key_of(one["loc"]) for one in of_single}
    if wrong:  # pydantic does not look at what belongs together before each of it is right
        try:
            Settings.model_validate(nest({key: value for key, value in written.values.items() if key not in wrong}))
        except ValidationError as error:
            clashes = [one for one in error.errors() if is_clash(one)]
        else:
            clashes = []
    problems += [text for one in clashes if (text := about_clash(one, written, wrong))]
    return None, problems


def is_clash(error: Any) -> bool:
    return isinstance(error.get("ctx", {}).get("error"), ClashError)


def about_clash(error: Any, written: Written, wrong: set[str]) -> str:
    """Say which settings do not go together; "" when one of them is wrong by itself, which was said already."""
    clash: ClashError = error["ctx"]["error"]
    group = ".".join(map(str, error["loc"]))
    keys, lacking = [[f"{group}.{name}" for name in names] for names in (clash.keys, clash.lacking)]
    if wrong & {*keys, *lacking}:
        return ""
    sources = dict.fromkeys(written.source_of(key) for key in keys)
    names = ", ".join(f"'{key}'" for key in keys)
    text = f"also needed: {', '.join(lacking)}" if str(clash).startswith("also needed") else str(clash)
    return f"{', '.join(sources)}: {names}: {text}"


def about_value(error: Any, written: Written, known: Mapping[str, Any]) -> str:
    """Say which setting is wrong, and what it is instead; not of a secret."""
    key, inside = key_of(error["loc"]), error["loc"][len(key_of(error["loc"]).split(".")) :]
    info = known.get(key)
    text = cut(error["msg"].removeprefix("Value error, "), LONGEST_TEXT)
    if info and error["type"] == "string_pattern_mismatch":
        text = f"must be: {info.description}"
    elif info and error["type"] == "tuple_type":
        text = f"can only be written in the file, as tables [[{key}]]"
    elif inside and error["type"] == "extra_forbidden":
        text = "there is no such key" + did_you_mean(nearest(str(inside[-1]), keys_of_table(info)))
    is_shown = info is not None and info.annotation is not SecretStr and error["type"] != "missing"
    but = f", but it is {cut(repr(error['input']), LONGEST_SHOWN)}" if is_shown else ""
    return f"{written.source_of(key)}: {name_of(key, inside)}: {text}{but}"


def key_of(place: tuple[int | str, ...]) -> str:
    """Return the setting's key: what comes before the number of a table."""
    names = [str(part) for part in place]
    numbers = [at for at, part in enumerate(place) if isinstance(part, int)]
    return ".".join(names[: numbers[0]] if numbers else names)


def name_of(key: str, inside: tuple[int | str, ...]) -> str:
    """Return how an operator finds it: `'web.port'`, or `'label' in table 2 of [[contacts]]`."""
    if not inside:
        return f"'{key}'"
    table = f"table {int(inside[0]) + 1} of [[{key}]]"
    return f"'{inside[1]}' in {table}" if len(inside) > 1 else table


def about_unknown(key: str, source: str, known: Mapping[str, Any]) -> str:
    groups = {name.rpartition(".")[0] for name in known} - {""}
    group = next((name for name in known if key.startswith(f"{name}.")), "")
    if group:
        tables = get_args(known[group].annotation)
        text = f"write it as tables [[{group}]]" if tables and tables[-1] is ... else f"'{group}' is no table"
        return f"{source}: there is no setting '{key}'; {text}"
    if key in groups:
        example = next(name for name in known if name.startswith(f"{key}."))
        return f"{source}: '{key}' is a group of settings, such as '{example}'"
    near = nearest(key, known)
    if near and source.startswith(PREFIX):
        near = PREFIX + near.upper().replace(".", "__")
    return f"{source}: there is no setting '{key}'{did_you_mean(near)}"


def did_you_mean(name: str | None) -> str:
    return f"; did you mean '{name}'?" if name else ""


def nearest(name: str, names: Mapping[str, Any]) -> str | None:
    return next(iter(get_close_matches(name, names, 1, 0.6)), None)


def keys_of_table(info: Any) -> Mapping[str, Any]:
    """Return the fields of a setting that is a list of tables."""
    table = next((one for one in get_args(getattr(info, "annotation", None)) if isinstance(one, type)), None)
    return table.model_fields if table and issubclass(table, BaseModel) else {}


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def fields_of(group: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, info in group.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from fields_of(info.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in flat.items():
        *groups, name = key.split(".")
        inner = values
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return values


def value_at(settings: BaseModel, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def shown(value: Any) -> str:
    return "(secret)" if isinstance(value, SecretStr) else str(value)
