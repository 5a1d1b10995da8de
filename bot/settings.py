"""What an operator can set: one TOML file and SHOUHOU_… environment variables."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from bot.model.checklist import read_own

PREFIX = "SHOUHOU_"
FILE = "shouhou.toml"
DATABASE = "shouhou.db"
"""In the data folder."""
AES_KEY = re.compile("[A-Za-z0-9]{43}")
CALLBACK_TOKEN = re.compile("[A-Za-z0-9]{3,32}")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_.=-]+)*/?")


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Web(Group):
    host: str = Field("127.0.0.1", description="address that the web page listens on")
    port: int = Field(8080, ge=1, le=65535, description="port that the web page listens on")
    embed_on: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.:-]+( +https?://[A-Za-z0-9.:-]+)*)?$",
        description="origins whose pages may show the chat, with spaces between: https://shop.example",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="token for /metrics; empty: only this machine may read it"
    )
    head_bytes: int = Field(
        32_768, ge=8_192, le=1_048_576, description="of a request's head, its line and headers; more is refused"
    )
    head_seconds: float = Field(10, ge=1, le=300, description="seconds in which a request's head must have come")
    most_connections: int = Field(
        2000, ge=10, le=100_000, description="open connections; fewer where the system allows fewer open files"
    )
    most_connections_an_address: int = Field(
        200, ge=10, le=100_000, description="of them, from one public address; web servers before us have private ones"
    )
    most_streams: int = Field(1500, ge=1, le=100_000, description="of them, streams: one for each open page")
    most_bytes_a_day: int = Field(
        209_715_200, ge=20_971_520, description="bytes of files that one customer may send on the page in a day"
    )


class Shop(Group):
    name: str = Field("快手小店", min_length=1, max_length=40, description="the shop's name, as customers know it")
    greeting: str = Field("", max_length=200, description="the shop's own words after the first hello, in any language")
    color: str = Field("#1f6a5b", pattern="^#[0-9a-fA-F]{6}$", description="the page's colour, as #rrggbb")
    hours: str = Field("", max_length=60, description="when people answer, like 每天 9:00–21:00; empty: not said")


class Contact(Group):
    """A way to reach somebody, told to customers. Without `verified_on` it is told with a doubt."""

    label: str = Field(min_length=1, max_length=40)
    value: str = Field(min_length=1, max_length=100)
    hours: str = Field("", max_length=60)
    verified_on: date | None = None


class Promise(Group):
    review_workdays: int = Field(7, ge=1, le=30, description="working days until a decision")
    refund_workdays: int = Field(7, ge=1, le=30, description="working days from approval until the money is back")
    supplement_days: int = Field(7, ge=1, le=30, description="days that a customer has to send what was asked for")
    draft_days: int = Field(7, ge=1, le=90, description="days that an unfinished request is kept")


class Telegram(Group):
    token: SecretStr = Field(SecretStr(""), description="the bot's token from @BotFather; empty: not on Telegram")
    mode: str = Field(
        "polling", pattern="^(polling|webhook)$", description="polling (no public address needed) or webhook"
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.:-]+)?$",
        description="address under which Telegram reaches this server, like https://bot.shop.example",
    )
    path: str = Field("/telegram", pattern=r"^(/[A-Za-z0-9_.-]+)+$", description="where on it updates are taken")
    secret: SecretStr = Field(
        SecretStr(""), description="what Telegram shows to our webhook; empty: made at the first start and kept in data"
    )
    base_url: str = Field(
        "https://api.telegram.org", pattern=r"^https?://[^\s/]+$", description="the Bot API, or a server of your own"
    )
    keeps_pace: bool = Field(
        True, description="keep to Telegram's limits of sending; only a server of your own has others"
    )
    staff_group: str = Field(
        "",
        pattern=r"^(-[1-9][0-9]{0,19})?$",
        description="id of a group with topics where agents follow and answer cases, like -1001234567890; empty: none",
    )

    @field_validator("token")
    @classmethod
    def is_token(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not re.fullmatch(r"\d{1,20}:[A-Za-z0-9_-]{30,}", token.get_secret_value()):
            raise ValueError("must be as @BotFather writes it, like 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
        return token

    @field_validator("secret")
    @classmethod
    def is_secret(cls, secret: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret.get_secret_value()):
            raise ValueError("may have letters, digits, _ and -, at most 256")
        return secret

    @model_validator(mode="after")
    def has_an_address(self) -> Self:
        if self.mode == "webhook" and not self.public_url:
            raise ValueError("telegram.mode is webhook, so telegram.public_url must say where Telegram reaches us")
        return self


class MenuItem(Group):
    """An entry of the account's menu; `button` is what pressing it means: refund, status, ask, human, help …"""

    label: str = Field(min_length=1, max_length=16)
    button: str = Field(min_length=1, max_length=64)


MENU = (
    MenuItem(label="申请售后", button="refund"),
    MenuItem(label="查看进度", button="status"),
    MenuItem(label="转人工", button="human"),
)


class Callback(Group):
    """An account whose platform calls us. All of its keys are given, or none."""

    api: str = Field("", pattern=r"^(https?://[A-Za-z0-9.:/-]+)?$", description="where its API is, if not the usual")
    url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="public address of its callbacks, as set in its console; only `check` uses it",
    )
    secret: SecretStr = Field(SecretStr(""), description="its secret")
    token: SecretStr = Field(SecretStr(""), description="token of its callbacks, as set in its console")
    aes_key: SecretStr = Field(SecretStr(""), description="EncodingAESKey of its callbacks: 43 characters")

    @field_validator("aes_key")
    @classmethod
    def is_whole(cls, key: SecretStr) -> SecretStr:
        if key.get_secret_value() and not AES_KEY.fullmatch(key.get_secret_value()):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        return key

    @field_validator("token")
    @classmethod
    def is_plain(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not CALLBACK_TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("a token has 3 to 32 letters and digits")
        return token

    def lacking(self, id_: str, *names: str) -> list[str]:
        """What is missing, as keys; nothing when the account is not used at all."""
        needed = (id_, *names)
        given = [name for name in needed if plain(getattr(self, name))]
        return [name for name in needed if name not in given] if given else []


class SubscribeTemplate(Group):
    """A template of notices that customers subscribe to, and its keywords as the platform names them (thing2, date3 …)."""

    id: str = Field("", max_length=64, description="the template's id; empty: no such notices")
    number: str = Field(
        "", max_length=32, description="its keyword for the case number, a character_string; empty: none"
    )
    what: str = Field("", max_length=32, description="its keyword for what happened, a thing")
    day: str = Field("", max_length=32, description="its keyword for the day, a date or time; empty: none")

    @model_validator(mode="after")
    def is_complete(self) -> "SubscribeTemplate":
        if self.id and not self.what:
            raise ValueError("also needed: what")
        return self


class WeChat(Callback):
    app_id: str = Field("", max_length=64, description="the official account's app id; empty: no official account")
    mode: str = Field(
        "safe",
        pattern="^(safe|plain)$",
        description="safe: callbacks are encrypted; plain: not, and a captured address lets anybody speak for customers",
    )
    verified: bool = Field(
        default=True, description="whether the account is verified (认证), which lets it write of itself"
    )
    buttons: str = Field("menu", pattern="^(menu|list)$", description="menu: buttons to press; list: numbers to type")
    menu: tuple[MenuItem, ...] = Field(
        MENU, max_length=3, description="the account's menu: up to three tables [[wechat.menu]] with label and button"
    )
    message_quota: int = Field(
        5, ge=1, le=100, description="messages after a customer's (WeChat: 5, docs of custom/send)"
    )
    message_hours: int = Field(48, ge=1, le=720, description="hours in which they may be sent (WeChat: 48)")
    touch_quota: int = Field(3, ge=0, le=100, description="messages after a menu click, follow or scan (WeChat: 3)")
    touch_seconds: int = Field(60, ge=1, le=3600, description="seconds in which they may be sent (WeChat: 60)")
    kept: int = Field(1, ge=0, le=4, description="of them, how many only an agent's decision may use")

    subscribe_template: SubscribeTemplate = SubscribeTemplate()

    @model_validator(mode="after")
    def is_complete(self) -> "WeChat":
        complete(self.lacking("app_id", "secret", "token", *(("aes_key",) if self.mode == "safe" else ())))
        if self.mode == "plain" and plain(self.aes_key):
            raise ValueError(
                "mode is plain, but there is an aes_key: with a key callbacks are encrypted, so set mode to safe"
            )
        return self


class MiniProgram(Callback):
    app_id: str = Field("", max_length=64, description="the mini program's app id; empty: no mini program")
    message_quota: int = Field(
        5, ge=1, le=100, description="messages after a customer's (WeChat: 5, docs of customer-message/send)"
    )
    message_hours: int = Field(48, ge=1, le=720, description="hours in which they may be sent (WeChat: 48)")
    enter_quota: int = Field(2, ge=0, le=100, description="messages after a customer comes in (WeChat: 2)")
    enter_seconds: int = Field(60, ge=1, le=3600, description="seconds in which they may be sent (WeChat: 60)")
    kept: int = Field(1, ge=0, le=4, description="of them, how many only an agent's decision may use")

    subscribe_template: SubscribeTemplate = SubscribeTemplate()

    @model_validator(mode="after")
    def is_complete(self) -> "MiniProgram":
        complete(self.lacking("app_id", "secret", "token", "aes_key"))
        return self


class WeCom(Callback):
    corp_id: str = Field("", max_length=64, description="the company's id (企业ID); empty: no 微信客服")
    message_quota: int = Field(
        5, ge=1, le=100, description="messages after a customer's (WeCom: 5, docs of kf/send_msg)"
    )
    message_hours: int = Field(48, ge=1, le=720, description="hours in which they may be sent (WeCom: 48)")
    kept: int = Field(1, ge=0, le=4, description="of them, how many only an agent's decision may use")

    @model_validator(mode="after")
    def is_complete(self) -> "WeCom":
        complete(self.lacking("corp_id", "secret", "token", "aes_key"))
        return self


class EvidenceSettings(Group):
    """Which photos are asked for, and where they are kept. Keys may be given before a store: `evidence move` copies with them."""

    store: str = Field(
        "", description="s3://bucket or s3://bucket/prefix; empty: the folder `evidence` in the data folder"
    )
    endpoint: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
        description="address of the S3 service, if not Amazon's; with the bucket's name in front where the service wants that",
    )
    region: str = Field("us-east-1", pattern="^[a-z0-9-]{2,40}$", description="its region")
    access_key: str = Field("", max_length=128, description="the key's id")
    secret_key: SecretStr = Field(SecretStr(""), description="the key's secret")
    timestamp_url: str = Field(
        "",
        pattern=r"^(https?://[^\s@]+)?$",
        description="address of a time-stamping authority (RFC 3161), asked for each evidence pack; empty: none",
    )
    checklist: Path | None = Field(
        None, description="TOML file with the shop's own list of photos for each reason; empty: the built-in one"
    )

    read_text: bool = Field(
        True, description="read order numbers and amounts in screenshots, where the extra `ocr` is installed"
    )

    @field_validator("checklist", mode="before")
    @classmethod
    def is_given(cls, file: Any) -> Any:
        return file or None

    @field_validator("checklist")
    @classmethod
    def can_be_read(cls, file: Path | None) -> Path | None:
        if file:
            read_own(file)
        return file

    @field_validator("store")
    @classmethod
    def is_bucket(cls, store: str) -> str:
        if store and not is_bucket(store):
            raise ValueError("must be s3://bucket or s3://bucket/prefix, the bucket as its service knows it, or empty")
        return store

    @model_validator(mode="after")
    def is_complete(self) -> Self:
        keys = {name: bool(plain(getattr(self, name))) for name in ("access_key", "secret_key")}
        if self.store or self.endpoint or any(keys.values()):
            complete([name for name, is_given in keys.items() if not is_given])
        return self


def is_bucket(url: str) -> bool:
    return BUCKET.fullmatch(url) is not None and ".." not in url


def plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def complete(lacking: list[str]) -> None:
    if lacking:
        raise ValueError(f"also needed: {', '.join(lacking)}")


class Log(Group):
    level: str = Field("info", pattern="^(debug|info|warning|error)$", description="debug, info, warning or error")


class Settings(Group):
    data: Path = Field(Path("data"), description="folder of the database and the evidence")
    language: str = Field(
        "zh-CN", pattern="^(zh-CN|zh-TW|en)$", description="language of the first greeting: zh-CN, zh-TW or en"
    )
    web: Web = Web()
    shop: Shop = Shop()
    contacts: tuple[Contact, ...] = Field(
        (), description="other ways to reach the shop: tables [[contacts]] in the file"
    )
    promise: Promise = Promise()
    telegram: Telegram = Telegram()
    wechat: WeChat = WeChat()
    miniprogram: MiniProgram = MiniProgram()
    wecom: WeCom = WeCom()
    evidence: EvidenceSettings = EvidenceSettings()
    log: Log = Log()


class SettingsError(Exception):
    """All that is wrong, a line each, naming the file or variable and the key."""


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: str
    source: str
    meaning: str


def load_settings(
    file: Path | None = None, environment: Mapping[str, str] | None = None, given: Mapping[str, Any] | None = None
) -> tuple[Settings, list[Setting]]:
    """The settings, and each with where it came from: command line over environment over file over default.

    `file` None means ./shouhou.toml if there is one. Raises SettingsError with everything that is wrong.
    """
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    path = file or Path(environment.get(f"{PREFIX}SETTINGS", FILE))
    if path.exists():
        try:
            from_file = flatten(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            from_file = {}
            problems.append(f"{path}: not TOML: {error}")
        values |= from_file
        sources |= dict.fromkeys(from_file, str(path))
    elif file or f"{PREFIX}SETTINGS" in environment:
        problems.append(f"{path}: there is no such file")
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and name != f"{PREFIX}SETTINGS":
            key = name.removeprefix(PREFIX).lower().replace("__", ".")
            values[key], sources[key] = text, name
    for key, value in (given or {}).items():
        values[key], sources[key] = value, "command line"

    known = dict(fields_of(Settings))
    for key in sorted(set(values) - set(known)):
        near = nearest(key, known)
        problems.append(f"{sources[key]}: there is no setting '{key}'" + (f"; did you mean '{near}'?" if near else ""))
        del values[key]
    try:
        settings = Settings.model_validate(nest(values))
    except ValidationError as error:
        for one in error.errors():
            key = ".".join(str(part) for part in one["loc"])
            but = found(known.get(key), one["input"])
            problems.append(f"{source_of(key, sources)}: '{key}': {one['msg'].removeprefix('Value error, ')}{but}")
        raise SettingsError("\n".join(problems)) from None
    if problems:
        raise SettingsError("\n".join(problems))
    listed = [
        Setting(key, shown(value_at(settings, key)), sources.get(key, "default"), info.description or "")
        for key, info in known.items()
    ]
    return settings, listed


def found(field: Any, value: Any) -> str:
    """What it is instead; not told of a secret, nor of a group, which may hold some."""
    if field is None or field.annotation is SecretStr:
        return ""
    return f", but it is {value!r}"


def source_of(key: str, sources: Mapping[str, str]) -> str:
    """Of a key, or of the first key of a group."""
    return sources.get(key) or next((sources[one] for one in sorted(sources) if one.startswith(f"{key}.")), "default")


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


def nearest(key: str, known: Mapping[str, Any]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(key, known, 1, 0.6)), None)
