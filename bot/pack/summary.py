"""The summary: the pack for reading, one page without scripts or anything from outside, in the case's language."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bot.model.case import Case
from bot.model.checklist import Checklist
from bot.model.evidence import Evidence, EvidenceState
from bot.model.messages import Message
from bot.pack.gather import Gathered
from bot.pack.html import Html, Part, foreign, image, join, tag
from bot.pack.manifest import Stamp, calendar_json, decisions
from bot.pack.whose import Chat
from bot.pack.words import CaseWords
from bot.store.log import Entry
from bot.wording import Value, Wording, money_words
from bot.workdays import SHANGHAI

STYLE = Path(__file__).with_name("summary.css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class Summary:
    """`views` are the small copies without metadata, by evidence id."""

    def __init__(
        self,
        wording: Wording,
        checklist: Checklist,
        gathered: Gathered,
        chats: Sequence[Chat],
        names: Mapping[str, str],
        views: Mapping[str, bytes],
        stamp: Stamp,
    ) -> None:
        self._language = gathered.conversation.language
        self._in_words = CaseWords(wording, checklist, self._language)
        self._gathered = gathered
        self._case: Case = gathered.mine.case
        self._chats = chats
        self._names = names
        self._views = views
        self._stamp = stamp

    def page(self) -> bytes:
        title = self._say("title", number=self._case.number)
        head = join(
            Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
            tag("title", title),
            Html(f"<style>{STYLE.read_text('utf-8')}</style>"),
        )
        body = tag(
            "main",
            self._top(title),
            self._section("request", self._request()),
            self._section("evidence", *self._evidence()),
            self._section("decisions", *self._decisions()),
            self._section("words", *(part for chat in self._chats for part in self._words(chat))),
            self._section("log", self._log()),
            self._section("calendar", *self._calendar()),
        )
        page = tag("html", tag("head", head), tag("body", body), lang=self._language)
        return f"<!doctype html>\n{page}\n".encode()

    def _say(self, key: str, /, **values: Value) -> str:
        return self._in_words.say(key, **values)

    def _section(self, key: str, *inside: Part) -> Html:
        return tag("section", tag("h2", self._say(key)), *inside)

    def _pairs(self, *pairs: tuple[str, Part]) -> Html:
        return tag(
            "dl",
            *(
                tag("div", tag("dt", self._in_words.known(f"packs.{key}", key)), tag("dd", value))
                for key, value in pairs
                if value is not None
            ),
        )

    def _top(self, title: str) -> Html:
        made = self._gathered.mine.entries[-1].at
        how = [self._say("place"), self._say("how-verify")]
        if self._stamp.is_in_pack:
            how.append(self._say("how-stamp"))
        elif self._stamp.asked:
            how.append(self._say("how-no_stamp", asked=self._stamp.asked))
        return tag(
            "header",
            tag("h1", title),
            tag("p", self._say("made", at=second(made), version=version("shouhou")), " · ", self._say("times")),
            tag("div", tag("p", self._say("shows")), *(tag("p", one) for one in how), cls="shows"),
        )

    def _request(self) -> Html:
        case = self._case
        day = f"{case.promised_on.isoformat()} 24:00"
        promised = self._say("estimate", day=day) if case.is_estimate else day
        return self._pairs(
            ("order", foreign(case.order_number) if case.order_number else self._say("no_order")),
            ("reason", self._in_words.reason(case.reason)),
            ("wish", self._in_words.wish(case.wish)),
            ("details", foreign(case.details, cls="words")),
            *((f"more-{name}", foreign(self._in_words.answer(name, value))) for name, value in case.more.items()),
            ("status", self._in_words.status(case.status)),
            ("submitted", second(case.submitted_at)),
            ("promised", promised),
            ("amount", money_words(case.amount, self._language) if case.amount is not None else None),
        )

    def _evidence(self) -> list[Html]:
        found = self._gathered.mine.evidence
        if not found:
            return [tag("p", self._say("no_evidence"))]
        return [tag("div", *(self._piece(one) for one in found), cls="pieces")]

    def _piece(self, one: Evidence) -> Html:
        shot = self._in_words.shot(one.shot)
        file = self._names.get(one.id)
        view = self._views.get(one.id)
        shown: Part = None
        if view:
            shown = image(f"data:image/jpeg;base64,{base64.b64encode(view).decode()}", shot or str(file))
        elif file:
            shown = tag("p", self._say("no_picture"), cls="empty")
        is_waived = one.state is EvidenceState.WAIVED
        return tag(
            "figure",
            shown,
            tag("p", self._say("still"), cls="meta") if view and not one.is_picture else None,
            tag("figcaption", tag("b", shot) if shot else None, self._state(one)),
            self._pairs(
                ("waived", foreign(one.caption or self._say("no_reason_given"), cls="words") if is_waived else None),
                ("original", tag("code", file) if file else None),
                ("called", foreign(one.name) if one.name else None),
                ("caption", foreign(one.caption, cls="words") if one.caption and not is_waived else None),
                ("received", second(one.received_at)),
                ("source", foreign(one.source) if one.source else None),
            ),
            tag("p", "SHA-256 ", tag("code", one.sha256), f" · {one.size:,} B") if one.sha256 else None,
        )

    def _state(self, one: Evidence) -> Html | None:
        if one.state in (EvidenceState.KEPT, EvidenceState.WAIVED):
            return None
        return tag("span", self._say(one.state.value), cls="state")

    def _decisions(self) -> list[Html]:
        made = decisions(self._gathered.mine.entries)
        if not made:
            return [tag("p", self._say("no_decisions"))]
        return [tag("ol", *(tag("li", tag("time", second(one.at)), " ", self._did(one)) for one in made), cls="plain")]

    def _words(self, chat: Chat) -> list[Html]:
        found: list[Html] = []
        left_out = 0
        for line in chat.lines:
            if not line.is_mine:
                left_out += 1
                continue
            found += self._left_out(left_out)
            left_out = 0
            found.append(self._message(line.message, line.instead_of))
        if not found:
            found.append(tag("p", self._say("no_words")))
        found += self._left_out(left_out)
        return [tag("h3", foreign(chat.address)), tag("div", *found, cls="words-said")]

    def _left_out(self, count: int) -> list[Html]:
        return [tag("p", self._say("left_out", count=count), cls="left-out")] if count else []

    def _message(self, message: Message, instead_of: int | None) -> Html:
        files = [message.photo.name] if message.photo else [file.name for file in message.files]
        labels = " · ".join(button.label for button in message.buttons)
        return tag(
            "article",
            tag(
                "p",
                tag("b", self._say(f"by-{message.author.value}")),
                " ",
                tag("time", second(message.at)),
                f" · {message.position}",
                cls="meta",
            ),
            tag("p", self._say("changed", position=instead_of), cls="changed") if instead_of else None,
            tag("p", foreign(message.text, cls="words")) if message.text else None,
            *(tag("p", foreign(self._say("with_file", name=name)), cls="meta") for name in files),
            tag("p", foreign(self._say("buttons", labels=labels)), cls="meta") if labels else None,
            cls=f"by-{message.author.value}",
        )

    def _log(self) -> Html:
        head = tag("tr", *(tag("th", self._say(key)) for key in ("entry", "when", "who", "what")), tag("th", "SHA-256"))
        rows = [
            tag(
                "tr",
                tag("td", str(entry.position)),
                tag("td", second(entry.at)),
                tag("td", self._actor(entry)),
                tag("td", self._did(entry)),
                tag("td", tag("code", entry.hash[:16])),
            )
            for entry in self._gathered.mine.entries
        ]
        return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), cls="wide")

    def _actor(self, entry: Entry) -> str:
        """Agents without their names: a reader needs to know that a person decided."""
        who = entry.actor.partition(":")[0]
        return self._in_words.known(f"packs.by-{who}", who)

    def _did(self, entry: Entry) -> Html:
        return foreign(self._in_words.did(entry), cls="words")

    def _calendar(self) -> list[Html]:
        used = calendar_json(self._gathered)
        found = [
            tag("p", self._say("calendar_span", start=used["after"], end=used["until"], source=used["source"])),
        ]
        if not used["is_known"]:
            found.append(tag("p", self._say("calendar_unknown")))
        elif not used["holidays"] and not used["make_up_workdays"]:
            found.append(tag("p", self._say("calendar_usual")))
        days = {"holidays": used["holidays"], "make_up": used["make_up_workdays"]}
        pairs = [
            (key, ", ".join(f"{day} ({name})" for day, name in several)) for key, several in days.items() if several
        ]
        return [*found, self._pairs(*pairs)] if pairs else found


def second(at: datetime) -> str:
    """In Shanghai, to the second."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
