"""What happens to a case, as it is told in its topic of the staff group. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.adapters.telegram.render import LONGEST, Call, said, split, upload
from bot.model.case import Case
from bot.model.evidence import Evidence
from bot.model.messages import File
from bot.store.log import Entry
from bot.store.news import Words
from bot.wording import Money, Value, Wording

LONGEST_TITLE = 128
"""Characters of a topic's name."""
FROM_HERE = "@telegram"
"""How the names of agents end who write in the staff group."""
DAYS = ("promised", "received")
OPENED = ("opened",)
TOLD = (
    "photos_added", "photo_refused", "approved", "rejected", "asked_for_more", "refunded", "replied", "withdrawn",
    "promise_missed", "review_resumed", "person_asked_for", "complained", "explained",
)  # fmt: skip
"""What is told of a log; views, and what is said with something else, are not."""


@dataclass(frozen=True, slots=True)
class Post:
    """`names` are those of the news in it."""

    case_number: str
    names: tuple[str, ...]
    call: Call


def title(case: Case, wording: Wording, language: str) -> str:
    return f"{case.number} · {wording.text(language, f'reasons.reason-{case.reason}')}"[:LONGEST_TITLE]


def posts_of(
    name: str, entry: Entry, case: Case, files: Mapping[str, Evidence], wording: Wording, language: str
) -> list[Post]:
    text = told(entry, case, wording, language)
    found = [Post(case.number, (name,), said(part)) for part in split(text, LONGEST)]
    for facts in entry.facts.get("evidence", ()) if isinstance(entry.facts.get("evidence"), list) else ():
        one = files.get(facts["id"])
        if one and one.sha256:
            found.append(Post(case.number, (f"{name} {one.id}",), file_call(one, wording, language)))
    return found


def told(entry: Entry, case: Case, wording: Wording, language: str) -> str:
    """Nothing for what is not told here."""
    if entry.what in OPENED:
        return opened(case, entry, wording, language)
    if entry.what not in TOLD or (entry.what == "replied" and entry.actor.endswith(FROM_HERE)):
        return ""
    facts = entry.facts
    values: dict[str, Value] = {"agent": entry.actor.partition(":")[2]}
    values |= {key: facts[key] for key in ("reason", "what", "words", "photos") if key in facts}
    if facts.get("amount") is not None:
        values["amount"] = Money(facts["amount"])
    return wording.text(language, f"staff.{entry.what}", **values)


def opened(case: Case, entry: Entry, wording: Wording, language: str) -> str:
    lines = [
        wording.text(
            language, "staff.opened", number=case.number, order=case.order_number, photos=case.submitted_evidence,
            reason=wording.text(language, f"reasons.reason-{case.reason}"),
            wish=wording.text(language, f"reasons.wish-{case.wish}"), day=case.promised_on,
        )
    ]  # fmt: skip
    for key, value in entry.facts.get("more", {}).items():
        lines += answer(key, value, wording, language)
    if case.details:
        lines.append(wording.text(language, "staff.said", words=case.details))
    return "\n".join(lines)


def answer(key: str, value: str, wording: Wording, language: str) -> Sequence[str]:
    """A line, as the customer read it too."""
    shown: Value = date.fromisoformat(value) if key in DAYS else value
    if key == "category":
        shown = wording.text(language, f"refund.category-{value}")
    elif key == "courier":
        shown = wording.text(language, f"couriers.name-{value}")
    try:
        return [wording.text(language, f"refund.own-{key}", value=shown)]
    except KeyError:
        return [f"{key}: {shown}"]


def file_call(one: Evidence, wording: Wording, language: str) -> Call:
    """A picture's small copy, which has no metadata; of other files the original."""
    shot = {"caption": wording.text(language, f"reasons.shot-{one.shot}")} if one.shot else {}
    if one.view_sha256:
        return upload(File(f"object/{one.view_sha256}", f"{one.id}.jpg", "image/jpeg"), shot)
    return upload(File(f"object/{one.sha256}", one.name, "application/octet-stream"), shot)


def words_post(name: str, words: Words, wording: Wording, language: str) -> list[Post]:
    text = wording.text(language, "staff.said", words=words.text)
    return [Post(words.case_number, (name,), said(part)) for part in split(text, LONGEST)]


def together(posts: Sequence[Post]) -> list[Post]:
    """Texts about one case that follow each other, as one: a group hears so many messages a minute and no more."""
    found: list[Post] = []
    for post in posts:
        last = found[-1] if found else None
        text = joined(last, post) if last else ""
        if last and text:
            call = replace(last.call, fields={**last.call.fields, "text": text})
            found[-1] = Post(last.case_number, (*last.names, *post.names), call)
        else:
            found.append(post)
    return found


def joined(last: Post, post: Post) -> str:
    """Nothing when they do not go together."""
    texts: list[Any] = [one.call.fields.get("text") for one in (last, post)]
    if last.case_number != post.case_number or not all(texts) or sum(map(len, texts)) > LONGEST // 2:
        return ""
    return "\n\n".join(texts)
