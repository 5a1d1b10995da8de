"""What an operator can set, in groups, and what is right for each setting."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from bot.model.checklist import read_own

DATABASE = "shouhou.db"
"""In the data folder."""
AES_KEY = re.compile("[A-Za-z0-9]{43}")
CALLBACK_TOKEN = re.compile("[A-Za-z0-9]{3,32}")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_.=-]+)*/?")


class ClashError(ValueError):
    """Settings of one group do not go together. `keys` are those that were set, `lacking` those that are needed beside them."""

    def __init__(self, text: str, keys: Sequence[str], lacking: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.keys = tuple(keys)
        self.lacking = tuple(lacking)


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
        if secret.get_secret_value() and not re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret.get_secret_value()):
            raise ValueError("has 32 to 256 letters, digits, _ and -; leave it empty, and a good one is made")
        return secret

    @model_validator(mode="after")
    def has_an_address(self) -> Self:
        if self.mode == "webhook" and not self.public_url:
            text = "telegram.mode is webhook, so telegram.public_url must say where Telegram reaches us"
            raise ClashError(text, ("mode",), ("public_url",))
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
            raise ClashError("also needed: what", ("id",), ("what",))
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
        complete(self, "app_id", "secret", "token", *(("aes_key",) if self.mode == "safe" else ()))
        if self.mode == "plain" and plain(self.aes_key):
            text = "mode is plain, but there is an aes_key: with a key callbacks are encrypted, so set mode to safe"
            raise ClashError(text, ("mode", "aes_key"))
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
        complete(self, "app_id", "secret", "token", "aes_key")
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
        complete(self, "corp_id", "secret", "token", "aes_key")
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
        if self.store or self.endpoint:
            complete(self, "store" if self.store else "endpoint", "access_key", "secret_key")
        complete(self, "access_key", "secret_key")
        return self


def is_bucket(url: str) -> bool:
    return BUCKET.fullmatch(url) is not None and ".." not in url


def plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def complete(group: Group, *names: str) -> None:
    """Raise ClashError when some of these settings are there and others are not."""
    present = [name for name in names if plain(getattr(group, name))]
    lacking = [name for name in names if name not in present]
    if present and lacking:
        raise ClashError(f"also needed: {', '.join(lacking)}", present, lacking)


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

    @field_validator("data", mode="before")
    @classmethod
    def is_folder(cls, folder: Any) -> Any:
        if isinstance(folder, str) and (not folder.strip() or "\0" in folder):
            raise ValueError("must name a folder")
        return folder
