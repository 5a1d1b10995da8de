"""A case in words, in one language: its reason, its shots, what happened to it. For summaries, and for agents."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.model.checklist import Checklist
from bot.shot_words import shot_words
from bot.store.log import Entry
from bot.wording import Money, Value, Wording

OF_ANSWERS = {"category": "refund.category-", "courier": "couriers.name-", "looked": "refund.looked-"}


@dataclass(frozen=True, slots=True)
class CaseWords:
    wording: Wording
    checklist: Checklist
    language: str

    def say(self, key: str, /, **values: Value) -> str:
        return self.wording.text(self.language, f"packs.{key}", **values)

    def known(self, key: str, otherwise: str, /, **values: Value) -> str:
        """A sentence of any subject, if there is one."""
        with suppress(KeyError, ValueError):
            return self.wording.text(self.language, key, **values)
        return otherwise

    def reason(self, reason: str) -> str:
        return self.known(f"reasons.reason-{reason}", reason)

    def wish(self, wish: str) -> str:
        return self.known(f"reasons.wish-{wish}", wish)

    def status(self, status: str) -> str:
        return self.known(f"packs.status-{status}", status)

    def shot(self, shot: str) -> str:
        """Return what it shows; "" for a file that is no shot."""
        return shot_words(self.wording, self.checklist, self.language, shot)

    def answer(self, name: str, value: str) -> str:
        """To a question that only some reasons ask: `Case.more`."""
        return self.known(f"{OF_ANSWERS[name]}{value}", value) if name in OF_ANSWERS else value

    def did(self, entry: Entry) -> str:
        facts: dict[str, Any] = {name: value for name, value in entry.facts.items() if isinstance(value, str | int)}
        if "amount" in facts:
            facts["amount"] = Money(facts["amount"])
        if entry.what == "evidence":
            facts["count"] = str(len(entry.facts["evidence"]))
        told = self.known(f"packs.did-{entry.what}", entry.what, **facts)
        return self.known(f"packs.did-{entry.what}_next", told, **facts) if facts.get("next") else told
