"""A link: a code by which somebody shows that two chats are theirs."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.case import ALPHABET

VALID = timedelta(minutes=10)
MOST_WRONG_TRIES = 10
NAME_LENGTH = 4
"""The symbols of a code that name the link; the other eight, 36 bits, open it."""


class LinkState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"  # too many wrong tries
    USED = "used"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Link:
    """`customer` is whose chat `address` is now. `joined` came to it, with all the chats (`moved`) of its own customer until then."""

    id: str
    secret_sha256: str
    address: str
    customer: str
    expires_at: datetime
    state: LinkState = LinkState.OPEN
    tries: int = 0
    joined: str = ""
    joined_customer: str = ""
    moved: tuple[str, ...] = ()

    def is_open(self, now: datetime) -> bool:
        return self.state is LinkState.OPEN and now < self.expires_at

    def is_opened_by(self, code: str) -> bool:
        return secrets.compare_digest(digest(code), self.secret_sha256)

    def after_wrong_try(self) -> "Link":
        tries = self.tries + 1
        return replace(self, tries=tries, state=LinkState.CLOSED if tries >= MOST_WRONG_TRIES else self.state)

    def is_of(self, address: str) -> bool:
        return address in (self.address, *self.moved)


def new_link(address: str, customer: str, now: datetime) -> tuple[Link, str]:
    """With its code, which is not kept."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(NAME_LENGTH + 8))
    return Link(name_in(code), digest(code), address, customer, now + VALID), "-".join((code[:4], code[4:8], code[8:]))


def symbols(code: str) -> str:
    return "".join(char for char in code.upper() if char.isascii() and char.isalnum())


def name_in(code: str) -> str:
    return symbols(code)[:NAME_LENGTH]


def digest(code: str) -> str:
    return hashlib.sha256(symbols(code).encode()).hexdigest()
