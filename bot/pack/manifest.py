"""The manifest: everything that is known of a case, as one JSON value, with the hashes that hold it together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from bot.model.evidence import Evidence
from bot.model.messages import Message
from bot.pack.gather import Gathered
from bot.pack.names import media_type
from bot.pack.verify import FORMAT
from bot.pack.whose import Chat, Line
from bot.store.log import Entry, digest_of
from bot.store.values import time_text
from bot.workdays import calendar_source, day_in_shanghai, unusual_days, work_on

NO_DECISIONS = frozenset({"viewed", "downloaded", "packed", "replied", "evidence", "said"})
"""What agents do besides deciding."""
SHOWS = (
    "Integrity since receipt: what is in here is as it was received or written, and nothing is missing, added or moved. "
    "Not integrity since capture: what was done to a picture before it was sent cannot be told from it."
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Whether a time stamp was asked for, and whether it is in the pack."""

    asked: str = ""
    is_in_pack: bool = False


def manifest(
    gathered: Gathered, chats: Sequence[Chat], names: Mapping[str, str], files: Mapping[str, Any], stamp: Stamp
) -> dict[str, Any]:
    """`names`: the file of each piece of evidence. `files`: the SHA-256 and size of every file that the pack is to have."""
    mine = gathered.mine
    return {
        "format": FORMAT,
        "shows": SHOWS,
        "program": {"name": "shouhou", "version": version("shouhou")},
        "made_at": time_text(mine.entries[-1].at),
        "case": case_json(gathered),
        "evidence": [evidence_json(one, names.get(one.id)) for one in mine.evidence],
        "conversations": [chat_json(chat) for chat in chats],
        "log": [entry_json(entry) for entry in mine.entries],
        "decisions": [decision_json(entry) for entry in decisions(mine.entries)],
        "calendar": calendar_json(gathered),
        "time_stamp": {"asked": stamp.asked, "is_in_pack": stamp.is_in_pack},
        "files": dict(files),
    }


def case_json(gathered: Gathered) -> dict[str, Any]:
    case = gathered.mine.case
    return {
        "number": case.number,
        "order": case.order_number,
        "reason": case.reason,
        "details": case.details,
        "wish": case.wish,
        "more": case.more,
        "status": case.status.value,
        "amount_fen": case.amount,
        "submitted_at": time_text(case.submitted_at),
        "promised_on": case.promised_on.isoformat(),
        "is_estimate": case.is_estimate,
        "paused_on": case.paused_on.isoformat() if case.paused_on else None,
        "language": gathered.conversation.language,
        "log_length": case.log_length,
        "log_head": case.log_head,
    }


def evidence_json(one: Evidence, file: str | None) -> dict[str, Any]:
    """`custody` is what the log has of it. What looking at it found is for agents and may name others: it is not here."""
    return {
        "custody": one.custody,
        "file": file,
        "type": media_type(one) if file else "",
        "width": one.width,
        "height": one.height,
    }


def chat_json(chat: Chat) -> dict[str, Any]:
    return {
        "chat": chat.address,
        "once": list(chat.once),
        "start": {"position": chat.start, "head": chat.head},
        "messages": [line_json(line) for line in chat.lines],
    }


def line_json(line: Line) -> dict[str, Any]:
    if not line.is_mine:
        return {"position": line.message.position, "digest": digest_of(line.message)}
    shown = message_json(line.message)
    return shown | {"instead_of": line.instead_of} if line.instead_of else shown


def message_json(message: Message) -> dict[str, Any]:
    """As `digest_of` in bot/store/log.py takes it."""
    return {
        "position": message.position,
        "at": time_text(message.at),
        "author": message.author.value,
        "text": message.text,
        "buttons": [[button.id, button.label] for button in message.buttons],
        "photo": [message.photo.id, message.photo.name] if message.photo else None,
        "files": [[file.key, file.name, file.kind] for file in message.files],
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "at": time_text(entry.at),
        "actor": entry.actor,
        "what": entry.what,
        "facts": entry.facts,
        "hash": entry.hash,
    }


def decisions(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.actor.startswith("agent:") and entry.what not in NO_DECISIONS]


def decision_json(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.position,
        "at": time_text(entry.at),
        "actor": entry.actor,
        "what": entry.what,
        "facts": entry.facts,
    }


def calendar_json(gathered: Gathered) -> dict[str, Any]:
    """The days between submission and promise on which the week is not as usual."""
    case = gathered.mine.case
    start, end = day_in_shanghai(case.submitted_at), case.promised_on
    unusual = unusual_days(start, end)
    return {
        "time_zone": "Asia/Shanghai",
        "source": calendar_source(),
        "after": start.isoformat(),
        "until": end.isoformat(),
        "is_known": work_on(end)[1],
        "holidays": [[one.day.isoformat(), one.holiday] for one in unusual if not one.is_workday],
        "make_up_workdays": [[one.day.isoformat(), one.holiday] for one in unusual if one.is_workday],
    }
