"""Sessions of the web chat: tokens that need no storing, because the server can tell its own."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

LANGUAGES = {"z": "zh-CN", "t": "zh-TW", "e": "en"}
LETTERS = {language: letter for letter, language in LANGUAGES.items()}
SHORTEST_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """`chat` is the customer's id on this platform: it is shown to nobody and opens nothing."""

    chat: str
    language: str


class Sessions:
    """A token is 128 bits made from the server's secret and the client's random id, the language, and a signature."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET_BYTES:
            raise ValueError("with a short secret anybody could make tokens")
        self._secret = secret

    def create(self, client_id: str, language: str) -> str:
        """The same client id gives the same token."""
        letter = LETTERS[language]
        key = self._digest("session", client_id)[:22]
        return f"{letter}{key}{self._digest('token', letter + key)[:22]}"

    def open(self, token: str) -> Session | None:
        """None for a token that is not ours."""
        letter, key, signature = token[:1], token[1:23], token[23:]
        if letter not in LANGUAGES or not token.isascii():
            return None
        if not hmac.compare_digest(self._digest("token", letter + key)[:22], signature):
            return None
        return Session(hashlib.sha256(f"chat {key}".encode()).hexdigest()[:32], LANGUAGES[letter])

    def _digest(self, purpose: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{purpose} {text}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
