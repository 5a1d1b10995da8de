"""Custody: at the end of each turn, what the logs of cases keep of it.

Handlers record what they did. Added here, so that no handler can forget it: evidence as it now is, and how far the conversation
had come. Each entry has `said`: its `chat`, the `position` of the last message and the `head` that chains all until then. The
messages from behind `after` on are about the entry's case; without `after`, none are. `began` is the position of the first
message of the form that became the case.
"""

from dataclasses import replace
from typing import Any

from bot.model.conversation import Conversation
from bot.model.events import AgentAction, Due
from bot.store.log import chained
from bot.turn import Record, State, Turn


def close(turn: Turn, before: State) -> None:
    """Chains what the turn recorded. `before` is the state that it began with."""
    note_evidence(turn, before)
    note_words(turn, before.conversation)
    began = {number: began_at(turn, number, before.conversation) for number in turn.cases.new}
    for number, what, actor, facts in turn.records:
        said = words_of(turn, number, before.conversation)
        if number in began:
            said["began"] = began.pop(number)
        case = turn.cases.by_number[number]
        entry = chained(case.log_head, number, case.log_length + 1, turn.now, actor, what, facts | {"said": said})
        turn.log.append(entry)
        turn.cases.save(replace(case, log_length=entry.position, log_head=entry.hash))


def note_evidence(turn: Turn, before: State) -> None:
    """Evidence that came into a case, or of which something else is known now."""
    changes: dict[str, list[dict[str, Any]]] = {}
    has_older: set[str] = set()
    for id_ in (*turn.evidence.new, *turn.evidence.changed):
        one, known = turn.evidence.by_id[id_], before.evidence.get(id_)
        older = known if known and known.case_number else None
        if one.case_number and (older is None or older.custody != one.custody):
            changes.setdefault(one.case_number, []).append(one.custody)
            has_older |= {one.case_number} if older else set()
    for number, several in changes.items():
        if number not in turn.cases.by_number:
            continue  # the chat was unlinked while a file was on its way: the case is another customer's now
        # Customers bring evidence, also when an errand or a time has it find its case; what we notice of it later is ours.
        actor = actor_of(turn) if number in has_older else "customer"
        turn.records.append(Record(number, "evidence", actor, {"evidence": several}))


def note_words(turn: Turn, before: Conversation) -> None:
    """What is said while one case of this chat is open, and is about nothing else, is about that case."""
    if turn.records or turn.conversation.position == before.position or is_filling_in(turn, before):
        return
    opened = [case for case in turn.cases.open() if case.address == turn.conversation.address]
    if len(opened) == 1:
        turn.records.append(Record(opened[0].number, "said", actor_of(turn), {}))


def words_of(turn: Turn, number: str, before: Conversation) -> dict[str, Any]:
    now = turn.conversation
    said: dict[str, Any] = {"chat": now.address, "position": now.position, "head": now.head}
    are_of_another = turn.heard and number not in turn.cases.new and is_filling_in(turn, before)
    return said if now.position == before.position or are_of_another else said | {"after": before.position}


def began_at(turn: Turn, number: str, before: Conversation) -> int:
    form = before.form
    is_its_own = form and form.intake == turn.cases.by_number[number].intake
    return (form.position if form and is_its_own else 0) or before.position + 1


def is_filling_in(turn: Turn, before: Conversation) -> bool:
    """Then what a customer says is about what they are filling in."""
    return any(form and not form.is_paused for form in (before.form, turn.conversation.form))


def actor_of(turn: Turn) -> str:
    if turn.event.is_from_customer:
        return "customer"
    match turn.event.body:
        case AgentAction(agent=agent):
            return f"agent:{agent}"
        case Due():
            return "clock"
    return "bot"
