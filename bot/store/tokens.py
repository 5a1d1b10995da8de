"""A platform's access token, for all processes: sealed under a key made of the account's secret, so no backup tells it."""

import base64
import json
import os
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.store import bookmarks
from bot.store.database import Database, StoreUnavailableError

NONCE_BYTES = 12


class KeptToken:
    """Of one account. A store that cannot be read or written is like one that has none: the platform can be asked."""

    def __init__(self, database: Database, platform: str, account: str, secret: str) -> None:
        if not secret:
            raise ValueError("without a secret anybody could open what is sealed")
        self._database = database
        self._name = f"{platform}:token:{account}"
        key = HKDF(SHA256(), 32, salt=None, info=b"shouhou access token").derive(secret.encode())
        self._cipher = AESGCM(key)

    async def get(self) -> tuple[str, float] | None:
        """The token and when it ends, in seconds since 1970."""
        with suppress(StoreUnavailableError):
            async with self._database.reading() as connection:
                sealed = await bookmarks.get(connection, self._name)
            return self._opened(sealed) if sealed else None
        return None

    async def put(self, token: str, ends_at: float) -> None:
        nonce = os.urandom(NONCE_BYTES)
        content = self._cipher.encrypt(nonce, json.dumps([token, ends_at]).encode(), self._name.encode())
        with suppress(StoreUnavailableError):
            async with self._database.transaction() as connection:
                await bookmarks.put(connection, self._name, base64.b64encode(nonce + content).decode())

    def _opened(self, sealed: str) -> tuple[str, float] | None:
        """None when it was sealed under another secret."""
        raw = base64.b64decode(sealed)
        try:
            content = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self._name.encode())
        except InvalidTag:
            return None
        token, ends_at = json.loads(content)
        return token, ends_at
