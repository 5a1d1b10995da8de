"""Callbacks of Tencent's platforms: checked, decrypted, and answered encrypted. The one module that knows wechatpy.

wechatpy's cryptography agrees with Tencent's published examples to the byte. What it does not do is done here: it compares
signatures in variable time, knows no time window, no mode and no size, takes its random from a predictable source, does not look
at the padding, and fails in a dozen ways on what does not fit.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wechatpy.crypto import PrpCrypto, WeChatCrypto

from bot.tencent.xml import XmlRefusedError, read

LARGEST_BYTES = 64 * 1024
"""Of a callback; the envelope of the longest message that WeChat lets anybody write has a tenth of it."""
CLOCK_SECONDS = 300
"""How far the platform's clock and ours may be apart; a retry comes after 15 seconds at most."""
DECLARATION = rb"(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*+\?>)?"
XML_ENVELOPE = re.compile(
    DECLARATION + rb"\s*+<xml>(?:\s*+<\w++>(?:<!\[CDATA\[[^\]<>]*+\]\]>|[^<>&]*+)</\w++>)*+\s*+</xml>\s*+"
)
JSON_ENVELOPE = re.compile(rb'\s*+\{(?:\s*+"\w++"\s*+:\s*+(?:"(?:[^"\\]|\\.)*+"|\d++)\s*+(?:,|(?=\})))*+\s*+\}\s*+')
ENCRYPTED = re.compile(
    rb"<Encrypt>(?:<!\[CDATA\[([A-Za-z0-9+/=]+)\]\]>|([A-Za-z0-9+/=]+))</Encrypt>|"
    rb'"Encrypt"\s*:\s*"((?:[A-Za-z0-9+/=]|\\/)+)"'
)
"""In XML or in JSON. Nothing is parsed of what nobody has signed: this finds what the signature covers."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class ForgedError(Exception):
    """It is not from the platform, or cannot be shown to be: nothing of it is looked at."""


class UnreadableError(Exception):
    """It is from the platform, and makes no sense."""


class Random16(PrpCrypto):  # type: ignore[misc]
    def get_random_string(self) -> str:
        return secrets.token_hex(8)  # 16 characters, as the platform wants


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a callback's address."""

    timestamp: str
    nonce: str
    signature: str
    msg_signature: str
    echostr: str

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Query":
        names = ("timestamp", "nonce", "signature", "msg_signature", "echostr")
        return cls(*(parameters.get(name, "") for name in names))


class Codec:
    """For one account. Without an AES key it reads plain callbacks, whose signature does not cover what they say."""

    def __init__(
        self, app_id: str, token: str, aes_key: str, clock: Callable[[], float] = time.time, *, json: bool = False
    ) -> None:
        if not token:
            raise ValueError("without a token anybody could sign")
        self._app_id = app_id
        self._token = token
        self._crypto = Random16(WeChatCrypto(token, aes_key, app_id).key) if aes_key else None
        self._clock = clock
        self._json = json

    def echo(self, query: Query, *, encrypted: bool) -> str:
        """What proves to the platform that this address is ours. Raises ForgedError."""
        self._check_clock(query)
        if not encrypted:
            self._check(query.signature, query)
            return query.echostr
        self._check(query.msg_signature, query, query.echostr)
        try:
            return self._decrypted(query.echostr)
        except UnreadableError as error:
            raise ForgedError("the echo is not for us") from error

    def open(self, query: Query, body: bytes) -> Mapping[str, str]:
        """The fields of a callback. Raises ForgedError, or UnreadableError when its signature was right."""
        if len(body) > LARGEST_BYTES:
            raise ForgedError("too large")
        self._check_clock(query)
        if self._crypto is None:
            self._check(query.signature, query)
            return self._fields(text_of(body))
        envelope = self._envelope(body)
        self._check(query.msg_signature, query, envelope)
        return self._fields(self._decrypted(envelope))

    def seal(self, xml: str) -> str:
        """An answer as the platform wants it: encrypted where callbacks are."""
        if self._crypto is None:
            return xml
        nonce, stamp = secrets.token_hex(8), str(int(self._clock()))
        envelope: str = self._crypto.encrypt(xml, self._app_id).decode()
        signed = signature(self._token, stamp, nonce, envelope)
        return (
            f"<xml><Encrypt><![CDATA[{envelope}]]></Encrypt><MsgSignature><![CDATA[{signed}]]></MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def sealed_echo(self, echo: str) -> str:
        """As the platform sends it: for checking our own address."""
        if self._crypto is None:
            return echo
        sealed: bytes = self._crypto.encrypt(echo, self._app_id)
        return sealed.decode()

    def _envelope(self, body: bytes) -> str:
        """Return what is encrypted in a callback's body, as base64. Raises ForgedError where there is not exactly one."""
        has_its_form = XML_ENVELOPE.fullmatch(body) or (self._json and JSON_ENVELOPE.fullmatch(body))
        envelopes = ENCRYPTED.findall(body) if has_its_form else []
        if len(envelopes) != 1:
            raise ForgedError("not encrypted")
        return b"".join(envelopes[0]).replace(b"\\/", b"/").decode("ascii")

    def _check_clock(self, query: Query) -> None:
        stamp = query.timestamp
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
            raise ForgedError("no timestamp")
        if abs(self._clock() - int(stamp)) > CLOCK_SECONDS:
            raise ForgedError("too old or too new")

    def _check(self, given: str, query: Query, *more: str) -> None:
        signed = signature(self._token, query.timestamp, query.nonce, *more)
        if not hmac.compare_digest(signed.encode(), given.encode()):
            raise ForgedError("wrong signature")

    def _decrypted(self, envelope: str) -> str:
        if self._crypto is None:
            raise UnreadableError("encrypted, and there is no key")
        try:
            opened: str = self._crypto.decrypt(envelope, self._app_id)
        except Exception as error:  # whatever wechatpy makes of what it did not expect
            raise UnreadableError(type(error).__name__) from None
        return opened

    def _fields(self, text: str) -> Mapping[str, str]:
        if self._json and text.lstrip().startswith("{"):
            return json_fields(text)
        try:
            return read(text)
        except XmlRefusedError as error:
            raise UnreadableError(str(error)) from None


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def text_reply(to: str, by: str, text: str, now: int) -> str:
    """A passive answer. What would end the CDATA is taken apart."""
    content = CONTROL.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return (
        f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{by}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content></xml>"
    )


def text_of(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError("not UTF-8") from error


def json_fields(text: str) -> Mapping[str, str]:
    """Texts and numbers, each once."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise UnreadableError("a field comes twice")
        return dict(pairs)

    try:
        fields = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("not JSON") from error
    if not isinstance(fields, dict):
        raise UnreadableError("not an object")
    return {name: flat(value) for name, value in fields.items()}


def flat(value: Any) -> str:
    """As the fields of XML: what is in a field as `name value name value`."""
    if isinstance(value, dict):
        return " ".join(f"{name} {flat(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return " ".join(flat(one) for one in value)
    return str(value) if isinstance(value, str | int) else ""
