"""What happens to a case, as it is told in its topic of the staff group. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.adapters.telegram.render import LONGEST, Call, said, split, upload
from bot.model.case import Case
from bot.model.evidence import Evidence
from bot.model.messages import File
from bot.pack.words import CaseWords
from bot.store.log import Entry
from bot.store.news import Words
from bot.wording import Money, Value

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


def title(case: Case, words: CaseWords) -> str:
    return f"{case.number} · {words.reason(case.reason)}"[:LONGEST_TITLE]


def posts_of(name: str, entry: Entry, case: Case, files: Mapping[str, Evidence], words: CaseWords) -> list[Post]:
    text = told(entry, case, words)
    found = [Post(case.number, (f"{name} text",), said(part)) for part in split(text, LONGEST)]
    for facts in entry.facts.get("evidence", ()) if isinstance(entry.facts.get("evidence"), list) else ():
        one = files.get(facts["id"])
        if one and one.sha256:
            found.append(Post(case.number, (f"{name} {one.id}",), file_call(one, words)))
    return found


def told(entry: Entry, case: Case, words: CaseWords) -> str:
    """Nothing for what is not told here."""
    if entry.what in OPENED:
        return opened(case, entry, words)
    if entry.what not in TOLD or (entry.what == "replied" and entry.actor.endswith(FROM_HERE)):
        return ""
    facts = entry.facts
    values: dict[str, Value] = {"agent": entry.actor.partition(":")[2]}
    values |= {key: facts[key] for key in ("reason", "what", "words", "photos") if key in facts}
    if facts.get("amount") is not None:
        values["amount"] = Money(facts["amount"])
    return say(words, entry.what, **values)


def opened(case: Case, entry: Entry, words: CaseWords) -> str:
    lines = [
        say(
            words, "opened", number=case.number, order=case.order_number, photos=case.submitted_evidence,
            reason=words.reason(case.reason), wish=words.wish(case.wish), day=case.promised_on,
        )
    ]  # fmt: skip
    lines += [answer(key, value, words) for key, value in entry.facts.get("more", {}).items()]
    if case.details:
        lines.append(say(words, "said", words=case.details))
    return "\n".join(lines)


def say(words: CaseWords, key: str, /, **values: Value) -> str:
    return words.wording.text(words.language, f"staff.{key}", **values)


def answer(key: str, value: str, words: CaseWords) -> str:
    """Return a line, as the customer read it too."""
    shown: Value = date.fromisoformat(value) if key in DAYS else words.answer(key, value)
    return words.known(f"refund.own-{key}", f"{key}: {shown}", value=shown)


def file_call(one: Evidence, words: CaseWords) -> Call:
    """Return how to send a picture's small copy, which has no metadata, or another file's original; what it shows is its caption."""
    caption = words.shot(one.shot)
    shot = {"caption": caption} if caption else {}
    if one.view_sha256:
        return upload(File(f"object/{one.view_sha256}", f"{one.id}.jpg", "image/jpeg"), shot)
    return upload(File(f"object/{one.sha256}", one.name, "application/octet-stream"), shot)


def posts_of_words(name: str, heard: Words, words: CaseWords) -> list[Post]:
    """Return what a customer wrote, as its posts."""
    text = say(words, "said", words=heard.text)
    return [Post(heard.case_number, (name,), said(part)) for part in split(text, LONGEST)]


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
