"""A case, or a conversation that waits for a person, as a text for agents: all that a decision needs, in the order it is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.hints import another_order, hints_about
from bot.model.case import Case, CaseStatus
from bot.model.conversation import Conversation
from bot.model.evidence import Evidence, EvidenceState
from bot.model.messages import Message
from bot.pack.gather import Gathered
from bot.pack.html import visible
from bot.pack.whose import Chat, chats
from bot.pack.words import CaseWords
from bot.wording import money_words
from bot.workdays import SHANGHAI, day_in_shanghai

IN = "  "
WIDE = 14
"""Of a name before its value."""
PROMISED = {
    CaseStatus.UNDER_REVIEW: "a decision was promised by",
    CaseStatus.NEED_MORE: "the customer was asked for more, and has until",
    CaseStatus.APPROVED: "the money was promised by",
}
DAYS = ("promised", "received")
LOST = {
    EvidenceState.FETCHING: "its bytes have not come yet",
    EvidenceState.REFUSED: "not usable, and not kept",
    EvidenceState.REMOVED: "taken out by the customer",
}


@dataclass(frozen=True, slots=True)
class CaseText:
    """`same`: by the evidence's id, what else is the same file or looks alike, as bot/lookalikes.py tells it. `reach`: why nothing
    that we say would arrive now, or nothing.
    """

    words: CaseWords
    gathered: Gathered
    same: Mapping[str, Sequence[Mapping[str, Any]]]
    reach: str
    now: datetime

    def text(self) -> str:
        return "\n".join(
            (
                *self._top(),
                *self._request(),
                *self._evidence(),
                *(line for chat in chats(self.gathered) for line in self._chat(chat)),
                *self._log(),
            )
        )

    @property
    def _case(self) -> Case:
        return self.gathered.mine.case

    def _top(self) -> Iterator[str]:
        case = self._case
        yield f"{case.number}: {self.words.status(case.status)}" + " " * 4 + "(all times are Beijing time)"
        if case.status in PROMISED:
            expected = " (expected: that year's holidays are not published)" if case.is_estimate else ""
            over = ", WHICH IS OVER" if case.promised_on < day_in_shanghai(self.now) else ""
            yield f"{PROMISED[case.status]} {day(case.promised_on)}, 24:00{expected}{over}"
        if asked_at := self.gathered.conversation.person_asked_at:
            yield f"the customer waits for a person since {minute(asked_at)}"
        if self.reach:
            yield f"the customer {self.reach}"

    def _request(self) -> Iterator[str]:
        case = self._case
        yield ""
        yield named("submitted", minute(case.submitted_at))
        yield named("order", one_line(case.order_number) or "the customer has no number at hand")
        yield named("reason", self.words.reason(case.reason))
        yield named("wish", self.words.wish(case.wish))
        for name, value in case.more.items():
            yield named(self.words.known(f"packs.more-{name}", name).lower(), self._answer(name, value))
        if case.amount is not None:
            yield named("approved", money(case.amount))
        yield named("story", "(the customer's own words)")
        yield from block(case.details, IN * 2)

    def _answer(self, name: str, value: str) -> str:
        if name == "paid":
            return f"CN¥{one_line(value)} (says the customer)"
        if name in DAYS:
            return day(date.fromisoformat(value))
        return one_line(self.words.answer(name, value))

    def _evidence(self) -> Iterator[str]:
        found = self.gathered.mine.evidence
        yield ""
        yield f"Evidence (evidence_count {self._case.evidence_count})" if found else "Evidence: none"
        numbers = numbers_of(found)
        for one in found:
            if one.state is EvidenceState.WAIVED:
                why = one_line(one.caption) or "no reason given"
                yield f"{IN}–  {self.words.shot(one.shot) or one.shot}: the customer cannot send it: {why}"
            else:
                yield f"{IN}{numbers.get(one.id, '–')}  {self._shot(one)}: {file_words(one)}, came {minute(one.received_at)}"
                yield from (f"{IN}   - {line}" for line in self._about(one, numbers))

    def _shot(self, one: Evidence) -> str:
        return self.words.shot(one.shot) or f"{one.sort}, for no shot"

    def _about(self, one: Evidence, numbers: Mapping[str, int]) -> Iterator[str]:
        if one.state in LOST:
            yield LOST[one.state]
        if one.caption:
            yield f"said with it: {one_line(one.caption)}"
        yield from (one_line(hint) for hint in hints_about(one, self._case))
        yield from self._read(one)
        for other in self.same.get(one.id, ()):
            yield self._same(other, numbers)

    def _read(self, one: Evidence) -> Iterator[str]:
        order, amount = str(one.found.get("order", "")), one.found.get("amount")
        if order and not another_order(one, self._case):
            its = ", the case's" if order == self._case.order_number else ""
            yield f"read in it: order {one_line(order)}{its}"
        if amount:
            yield f"read in it: {money(amount)}"
        for code in one.found.get("codes", ()):
            text = one_line(code["text"])
            if courier := code.get("courier"):
                told = ", the one that the customer told" if text == self._case.more.get("waybill") else ""
                yield f"read in it: waybill {text} of {self.words.answer('courier', courier)}{told}"
            else:
                yield f"read in it: {code['kind']} {text}"

    def _same(self, other: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
        how = "the same file as" if other["how"] == "same file" else "looks like"
        if other["case"] == self._case.number:
            return f"{how} {numbers.get(other['evidence'], '–')} of this case"
        return f"{how} a file of ANOTHER case, {other['case']}"

    def _chat(self, chat: Chat) -> Iterator[str]:
        numbers = numbers_of(self.gathered.mine.evidence)
        yield ""
        yield f"Conversation ({one_line(chat.address)}), as far as it is about this case"
        left_out = 0
        for line in chat.lines:
            if not line.is_mine:
                left_out += 1
                continue
            yield from not_shown(left_out, chat)
            left_out = 0
            yield from said(line.message, numbers, changed=line.instead_of is not None)
        yield from not_shown(left_out, chat)

    def _log(self) -> Iterator[str]:
        yield ""
        yield "Log"
        for entry in self.gathered.mine.entries:
            who = one_line(entry.actor.replace("agent:", "agent "))
            yield f"{IN}{minute(entry.at)}  {who:<9} {one_line(self.words.did(entry))}"


def conversation_text(conversation: Conversation, messages: Sequence[Message], cases: Sequence[str], reach: str) -> str:
    """All that was said in one chat; `cases` are the numbers of its customer's."""
    address = one_line(conversation.address)
    lines = [f"Conversation {address}" + " " * 4 + "(all times are Beijing time)"]
    if conversation.person_asked_at:
        lines.append(f"the customer waits for a person since {minute(conversation.person_asked_at)}")
    if reach:
        lines.append(f"the customer {reach}")
    lines.append(f"the customer's cases: {', '.join(cases) or 'none'}")
    lines += ["", *(line for message in messages for line in said(message, {}))]
    return "\n".join([*lines, "", f'To answer: shouhou case reply {address} "…"'])


def said(message: Message, numbers: Mapping[str, int], *, changed: bool = False) -> Iterator[str]:
    """One message; whatever is in it, its lines cannot be taken for another's."""
    head = f"{IN}{minute(message.at)}  {message.author.value:<9}"
    words = visible(message.text).split("\n") if message.text else []
    if changed:
        words.insert(0, "(changed an earlier message to this)")
    if message.photo:
        number = numbers.get(message.photo.id)
        words.append(f"({one_line(message.photo.name)}{f', evidence {number}' if number else ''})")
    words += [f"(with {one_line(file.name)})" for file in message.files]
    if message.buttons:
        words.append(" ".join(f"[{one_line(button.label)}]" for button in message.buttons))
    for index, line in enumerate(words or [""]):
        yield f"{head if index == 0 else ' ' * len(head)} {line}".rstrip()


def not_shown(count: int, chat: Chat) -> Iterator[str]:
    if count:
        yield f"{IN}({count} message{'s' * (count > 1)} about something else: `shouhou case show {one_line(chat.address)}` has all)"


def numbers_of(found: Sequence[Evidence]) -> dict[str, int]:
    """By the evidence's id: as the files are numbered that `evidence get` and packs give out."""
    kept = [one for one in found if one.state is EvidenceState.KEPT]
    return {one.id: index for index, one in enumerate(kept, 1)}


def file_words(one: Evidence) -> str:
    size = f" {one.width} × {one.height}" if one.is_picture else ""
    seconds = f", {one.found['seconds']} s" if one.found.get("seconds") else ""
    called = f", called {one_line(one.name)}" if one.name else ""
    return f"{one.kind or one.sort}{size}{seconds}, {one.size / 1000:,.0f} kB{called}"


def named(name: str, value: str) -> str:
    return f"{IN}{name:<{WIDE}}{value}"


def block(text: str, indent: str) -> Iterator[str]:
    yield from (f"{indent}{line}" for line in visible(text).split("\n"))


def one_line(text: str) -> str:
    return visible(" ".join(str(text).split()))


def money(fen: int) -> str:
    return money_words(fen, "en")


def minute(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%a %Y-%m-%d %H:%M}"


def day(on: date) -> str:
    return f"{on:%a %Y-%m-%d}"
