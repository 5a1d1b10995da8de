"""Which handler an event goes to. Each handler file has a Router; the first one with a match wins."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

from bot.answers import order_alone, order_in
from bot.forms import Form, ask_again, opened_form, press, take, typed_button
from bot.language import ONE_SCRIPT
from bot.model.case import WRITTEN, case_number_in
from bot.model.events import (
    UNREAD,
    AgentAction,
    Arrived,
    Due,
    ErrandDone,
    Pressed,
    Reachable,
    Subscribed,
    Text,
    Unreadable,
    Untold,
    Unusable,
    Upload,
)
from bot.turn import Turn

Handler = Callable[[Turn], None]
MOST_BESIDE = 3
"""Characters beside a case's number, as in KS-… 那张: who says more wants something of it."""
PLACE = re.compile(
    r"第([一二三四五六1-6])[个张条单项](?:单?子)?的?|(?:the )?(first|second|third|fourth|fifth|sixth)(?: one)?"
)
PLACES = {
    word: place
    for place, words in enumerate(
        ("一 1 first", "二 2 second", "三 3 third", "四 4 fourth", "五 5 fifth", "六 6 sixth"), 1
    )
    for word in words.split()
}


class Router:
    """The routes of one handler file. A meaning or button may end in `*`: everything that begins so."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.handlers: dict[tuple[str, str], Handler] = {}
        self.forms: list[Form] = []
        self.notices: list[tuple[Callable[[str], object], Handler]] = []

    def command(self, name: str) -> Callable[[Handler], Handler]:
        return self._add("command", name)

    def button(self, name: str) -> Callable[[Handler], Handler]:
        return self._add("button", name)

    def meaning(self, label: str) -> Callable[[Handler], Handler]:
        """A label of the phrases, `act.status`, or a family of them, `reason.*`."""
        return self._add("meaning", label)

    def agent(self, action: str) -> Callable[[Handler], Handler]:
        return self._add("agent", action)

    def errand(self, kind: str) -> Callable[[Handler], Handler]:
        return self._add("errand", kind)

    def due(self, kind: str) -> Callable[[Handler], Handler]:
        return self._add("due", kind)

    def upload(self, handler: Handler) -> Handler:
        return self._add("upload", "")(handler)

    def unusable(self, handler: Handler) -> Handler:
        """Something that we can do nothing with."""
        return self._add("unusable", "")(handler)

    def case_number(self, handler: Handler) -> Handler:
        """A text that is a case's number and nothing else, whatever is asked at the moment."""
        return self._add("case_number", "")(handler)

    def first_contact(self, handler: Handler) -> Handler:
        return self._add("first_contact", "")(handler)

    def edited(self, handler: Handler) -> Handler:
        """A customer changed words that they had sent before."""
        return self._add("edited", "")(handler)

    def arrived(self, handler: Handler) -> Handler:
        """A customer opened the chat without a word."""
        return self._add("arrived", "")(handler)

    def otherwise(self, handler: Handler) -> Handler:
        """Nothing else fits."""
        return self._add("otherwise", "")(handler)

    def notice(self, pattern: str) -> Callable[[Handler], Handler]:
        """Words that bring a sentence before the answer, whatever else the text says. In simplified Chinese and small letters."""
        return self.notice_if(re.compile(pattern).search)

    def notice_if(self, holds: Callable[[str], object]) -> Callable[[Handler], Handler]:
        """The same for a text of which `holds` is true."""

        def keep(handler: Handler) -> Handler:
            self.notices.append((holds, handler))
            return handler

        return keep

    def form(self, form: Form) -> Form:
        self.forms.append(form)
        return form

    def _add(self, kind: str, name: str) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            if iscoroutinefunction(handler) or isasyncgenfunction(handler) or isgeneratorfunction(handler):
                raise TypeError(f"{handler!r} of router '{self.name}' awaits or yields: a handler is a plain def")
            self.handlers[kind, name] = handler
            return handler

        return keep


class UnreadableError(Exception):
    """Its adapter could not read this event: the dispatcher sets it aside."""


class Routes:
    """All routers as one table. An event is tried as command or button, then by the open form, then by its meaning."""

    def __init__(self, routers: Sequence[Router]) -> None:
        self._handlers: dict[tuple[str, str], Handler] = {}
        for router in reversed(routers):
            self._handlers.update(router.handlers)
        self._notices = [one for router in routers for one in router.notices]
        self._forms = {form.name: form for router in routers for form in router.forms}

    def handle(self, turn: Turn) -> None:
        match turn.body:
            case AgentAction(action=action):
                self._handlers["agent", action](turn)
            case ErrandDone(kind=kind):
                self._handlers["errand", kind](turn)
            case Due(kind=kind):
                self._handlers["due", kind](turn)
            case Reachable(is_reachable):
                turn.update(reachable=is_reachable)
            case Subscribed():
                pass  # what the platform lets us say is the delivery's matter
            case Untold():
                pass  # its place in the inbox makes it news again
            case Unreadable():
                raise UnreadableError
            case Arrived():
                turn.update(reachable=True)
                self._handlers["arrived", ""](turn)
            case _:
                self._handle_customer(turn)

    def _handle_customer(self, turn: Turn) -> None:
        if turn.event.is_edit and not turn.conversation.is_new:  # of a new one's words this is all that we know
            self._handlers["edited", ""](turn)
            return
        if turn.conversation.is_new:
            self._handlers["first_contact", ""](turn)
        match turn.body:
            case Pressed():
                self._press(turn)
            case Upload(caption=caption):
                self._handlers["upload", ""](turn)
                self._notice(turn, caption)
                if caption.strip() and not turn.words_are_used:
                    self._read(turn, caption)
            case Unusable():
                self._handlers["unusable", ""](turn)
            case Text(text=text):
                form = opened_form(turn, self._forms)
                button = offered_button(turn, text) or (typed_button(turn, form, text) if form else None)
                if button:
                    turn.body = Pressed(button)
                    turn.event = replace(turn.event, reading=UNREAD)
                    self._press(turn)
                elif case_number_beside(text, 0):
                    self._handlers["case_number", ""](turn)
                elif not self._command(turn, text):
                    self._notice(turn, text)
                    self._read(turn, text)
        form = opened_form(turn, self._forms)
        if form and not turn.form_was_asked:
            ask_again(turn, form)

    def _notice(self, turn: Turn, text: str) -> None:
        plain = text.lower().translate(ONE_SCRIPT)
        for holds, handler in self._notices:
            if holds(plain):
                handler(turn)

    def _command(self, turn: Turn, text: str) -> bool:
        if not text.startswith("/"):
            return False
        name, _, rest = text[1:].partition(" ")
        handler = self._handlers.get(("command", name.lower()))
        if handler is None:
            return False
        turn.body = Pressed(f"{name.lower()}:{rest.strip()}")
        handler(turn)
        return True

    def _press(self, turn: Turn) -> None:
        assert isinstance(turn.body, Pressed)
        name = turn.body.name
        form = self._forms.get(name.partition(".")[0])
        handler = self._handlers.get(("button", name)) or self._handlers.get(("button", name.partition(".")[0] + ".*"))
        if handler:
            handler(turn)
        elif form:
            press(turn, form)
        else:
            self._handlers["button", "?"](turn)

    def _read(self, turn: Turn, text: str) -> None:
        form = opened_form(turn, self._forms)
        if form and take(turn, form, text):
            return
        label = turn.event.reading.sure or ""
        handler = self._handlers.get(("meaning", label)) or self._handlers.get(
            ("meaning", label.partition(".")[0] + ".*")
        )
        if handler:
            turn.update(misses=0)
            handler(turn)
        elif not isinstance(turn.body, Upload):
            self._handlers["otherwise", ""](turn)


def offered_button(turn: Turn, text: str) -> str | None:
    """Return the id of the button offered last that a typed place, label or number means; None if it means none.

    A case's or an order's number means the one button that shows it: "KS-7R4-M2X-H9F Damaged" where it was asked which case. A
    button that only acts on that case, such as [Get my evidence], is not meant: who types a number wants to see how it stands.
    """
    typed = text.strip()
    offered = turn.conversation.offered
    if (place := place_in(typed)) is not None:
        return offered[place - 1].id if 1 <= place <= len(offered) else None
    same = next((button.id for button in offered if button.label == typed), None)
    if same:
        return same
    number = case_number_beside(typed, MOST_BESIDE) or order_alone(typed)
    showing = [
        button.id for button in offered if number and number in (case_number_in(button.label), order_in(button.label))
    ]
    return showing[0] if len(showing) == 1 else None


def case_number_beside(typed: str, most_chars: int) -> str | None:
    """Return the case number that stands in a text with at most `most_chars` characters beside it."""
    beside = WRITTEN.sub("", typed).strip(" ，。,.#")
    return case_number_in(typed) if len(beside) <= most_chars else None


def place_in(typed: str) -> int | None:
    """`2`, 第二个, the second one."""
    if typed.isdecimal() and len(typed) <= 2:
        return int(typed)
    found = PLACE.fullmatch(typed.lower().translate(ONE_SCRIPT))
    return PLACES[found.group(1) or found.group(2)] if found else None
