"""Forms: questions in order, then what to do with the answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from bot.answers import MOST_BUTTONS, Again, Answer, Done, More, Turned, is_confirmed
from bot.language import ONE_SCRIPT
from bot.model.conversation import OpenForm
from bot.model.events import Pressed, Upload
from bot.model.messages import Button
from bot.turn import Option, Turn, new_id

Answers = Mapping[str, Any]
MISTYPED = re.compile(
    r"打错|写错|发错了?号|输错|填错|抄错|更正|应该是|不对|\b(typo|mistyped|wrong number|correction|i meant|should be|sorry)\b",
    re.I,
)


class Reader(Protocol):
    """Reads one kind of answer. What it accepts is JSON. `reads_numbers`: a number in it is never another form's subject."""

    reads_numbers: bool

    def read_text(self, turn: Turn, text: str, answers: Answers) -> Answer: ...

    def read_button(self, turn: Turn, argument: str, answers: Answers) -> Answer: ...

    def options(self, turn: Turn, answers: Answers) -> Sequence[str]:
        """The arguments of its buttons; a label is the sentence FORM.STEP-ARGUMENT, or what `label` says."""
        ...

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str: ...

    def volunteered(self, turn: Turn, text: str) -> Any | None:
        """The answer, when the text holds it although something else was asked; else None."""
        ...


def always(_answers: Answers) -> bool:
    return True


def not_found(_turn: Turn, _answers: Answers) -> Any | None:
    return None


def nothing(_turn: Turn, _answers: Answers) -> Mapping[str, Any]:
    return {}


def no_more(_turn: Turn, _value: Any) -> None:
    return


def not_noted(_turn: Turn, _text: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the sentence FORM.NAME with what `shows` gives for its variables.

    `found` gives the answer when it is there before the question, like photos that came first. `taken` does at once what
    follows from a new answer. `subject`: it names what the form is about; a text about another one is not mixed in.
    """

    name: str
    reader: Reader
    when: Callable[[Answers], bool] = always
    shows: Callable[[Turn, Answers], Mapping[str, Any]] = nothing
    found: Callable[[Turn, Answers], Any | None] = not_found
    taken: Callable[[Turn, Any], None] = no_more
    subject: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Asked from the top; then the answers are shown (`review`), each can be changed, and Submit calls `finish`. `note` keeps what a
    text tells beside the answer that it gives.

    `into` is a dataclass with a field for each question. Raise `version` when a question's meaning changes: an open form of
    another version starts over.
    """

    name: str
    version: int
    steps: tuple[Ask, ...]
    into: type
    finish: Callable[[Turn, Any, str], None]
    review: Callable[[Turn, Answers], Mapping[str, Any]]
    note: Callable[[Turn, str], bool] = not_noted

    def __post_init__(self) -> None:
        asked, taken = [step.name for step in self.steps], [field.name for field in fields(self.into)]
        if asked != taken:
            raise TypeError(f"form '{self.name}' asks {asked} but {self.into.__name__} has {taken}")

    def step(self, name: str) -> Ask | None:
        return next((step for step in self.steps if step.name == name), None)


def opened_form(turn: Turn, forms: Mapping[str, Form]) -> Form | None:
    opened = turn.conversation.form
    if opened is None or opened.is_paused:
        return None
    form = forms.get(opened.name)
    return form if form and form.version == opened.version else None


def open_form(turn: Turn, form: Form, text: str = "") -> None:
    """Begin; the text that led here may answer some questions already."""
    began = turn.heard.position if turn.heard else turn.conversation.position
    turn.update(form=OpenForm(form.name, form.version, new_id(), turn.now, position=began))
    volunteer(turn, form, text)
    go_on(turn, form)


def resume(turn: Turn, form: Form, text: str = "") -> None:
    """Go on with a draft, which the text may answer; one whose questions have changed since starts over."""
    opened = turn.conversation.form
    if opened is None or opened.version != form.version:
        open_form(turn, form, text)
        return
    turn.update(form=replace(opened, is_paused=False, changed_at=turn.now))
    volunteer(turn, form, text)
    go_on(turn, form)


def pause(turn: Turn) -> None:
    """Keep it as a draft."""
    if turn.conversation.form:
        turn.update(form=replace(turn.conversation.form, is_paused=True))


def take(turn: Turn, form: Form, text: str) -> bool:
    """A text while the form is open. False: it is no answer, and nothing was said."""
    opened = turn.conversation.form
    assert opened
    step = form.step(opened.asking)
    if names_another(turn, form, opened, text):
        return True
    if step is None and is_confirmed(text):
        act(turn, form, opened, "submit")
        return True
    if step is None:
        return volunteer(turn, form, text, only_missing=False) and went_on(turn, form)
    match step.reader.read_text(turn, text, opened.answers):
        case Done(value):
            put(turn, form, step.name, value)
            volunteer(turn, form, text)
            if step.subject and value:  # it is a part of the text
                form.note(turn, text)
            go_on(turn, form)
        case More(goes_on):
            turn.form_was_asked = True
            if goes_on:
                go_on(turn, form)
        case Again(say):
            if volunteer(turn, form, text):
                return went_on(turn, form)
            if say is None:
                return is_confirmed(text) and went_on(turn, form)  # "OK" alone is a nod
            turn.say(say, options=step_options(turn, form, step))
            turn.form_was_asked = True
    return True


def typed_button(turn: Turn, form: Form, text: str) -> str | None:
    """The button of the open question whose label was typed, also when something else was offered since."""
    named = (option for option in fresh_options(turn, form) if isinstance(option, Button))
    return next((button.id for button in named if button.label == text.strip()), None)


def names_another(turn: Turn, form: Form, opened: OpenForm, text: str) -> bool:
    """True, and the customer is asked, when the text is about something else than this form."""
    asking = form.step(opened.asking)
    if asking and asking.reader.reads_numbers:
        return False
    for step in form.steps:
        kept = opened.answers.get(step.name)
        if step.subject and kept and step.name != opened.asking:
            other = step.reader.volunteered(turn, text)
            if other and other != kept and MISTYPED.search(text.translate(ONE_SCRIPT)):
                put(turn, form, step.name, other)
                turn.say(f"{form.name}.{step.name}_corrected", value=other)
                return went_on(turn, form)
            if other and other != kept:
                change = Button(
                    f"{form.name}.{step.name}:{other}", turn.text(f"{form.name}.{step.name}-change", other=other)
                )
                stay = Button(f"{form.name}.do:go_on", turn.text(f"{form.name}.{step.name}-stay", kept=kept))
                turn.say(f"{form.name}.{step.name}_other", options=(stay, change), kept=kept, other=other)
                turn.form_was_asked = True
                return True
    return False


def press(turn: Turn, form: Form) -> None:
    """A button of the form: FORM.do:submit, FORM.do:change.STEP or FORM.STEP:ANSWER. One of an earlier question changes that answer."""
    assert isinstance(turn.body, Pressed)
    opened = turn.conversation.form
    if opened is None or opened.name != form.name or opened.version != form.version:
        turn.say(f"{form.name}.not_open", options=(form.name, "status"))
        return
    if opened.is_paused:
        opened = replace(opened, is_paused=False)
        turn.update(form=opened)
    name = turn.body.name.partition(".")[2]
    if name == "do":
        act(turn, form, opened, turn.body.argument)
        return
    step = form.step(name)
    if step is None or not step.when(opened.answers):
        ask_again(turn, form)
        return
    match step.reader.read_button(turn, turn.body.argument, opened.answers):
        case Done(value):
            put(turn, form, step.name, value)
            go_on(turn, form)
        case Turned(options):
            turn.form_was_asked = True
            buttons = as_buttons(turn, form, step, options)
            turn.say(f"{form.name}.{step.name}", options=buttons, **step.shows(turn, opened.answers))
        case More(goes_on):
            turn.form_was_asked = True
            if goes_on:
                go_on(turn, form)
        case Again(say):
            if say:
                turn.say(say)
            go_on(turn, form)


def act(turn: Turn, form: Form, opened: OpenForm, argument: str) -> None:
    name = argument.removeprefix("change.")
    if argument == "submit" and first_missing(form, opened.answers) is None:
        answers = {
            step.name: opened.answers.get(step.name) if step.when(opened.answers) else None for step in form.steps
        }
        turn.update(form=None)
        turn.form_was_asked = True
        form.finish(turn, form.into(**answers), opened.intake)
    elif name != argument and form.step(name):
        turn.update(form=replace(opened, asking=name, changed_at=turn.now))
        forget(turn, name)
        ask_again(turn, form)
    elif argument == "change" or argument.startswith("more."):
        offer_changes(turn, form, opened.answers, argument.partition(".")[2])
    else:
        go_on(turn, form)


def put(turn: Turn, form: Form, name: str, value: Any) -> None:
    opened, step = turn.conversation.form, form.step(name)
    assert opened
    assert step
    is_new = opened.answers.get(name) != value
    turn.update(form=replace(opened, answers={**opened.answers, name: value}, changed_at=turn.now))
    if is_new:
        step.taken(turn, value)


def forget(turn: Turn, name: str) -> None:
    """Take an answer back: the question is open again."""
    opened = turn.conversation.form
    assert opened
    turn.update(form=replace(opened, answers={key: value for key, value in opened.answers.items() if key != name}))


def volunteer(turn: Turn, form: Form, text: str, *, only_missing: bool = True) -> bool:
    """Take what the text answers without having been asked. True if there was anything."""
    opened = turn.conversation.form
    assert opened
    found = False
    for step in form.steps:
        opened = turn.conversation.form or opened
        if text and step.when(opened.answers) and not (only_missing and opened.answers.get(step.name)):
            value = step.reader.volunteered(turn, text)
            if value is not None and value != opened.answers.get(step.name):
                put(turn, form, step.name, value)
                found = True
    return found


def went_on(turn: Turn, form: Form) -> bool:
    go_on(turn, form)
    return True


def first_missing(form: Form, answers: Answers) -> Ask | None:
    return next((step for step in form.steps if step.name not in answers and step.when(answers)), None)


def go_on(turn: Turn, form: Form) -> None:
    """Ask the first open question, or show everything for submitting."""
    opened = turn.conversation.form
    assert opened
    step = first_missing(form, opened.answers)
    if step and (value := step.found(turn, opened.answers)) is not None:
        put(turn, form, step.name, value)
        go_on(turn, form)
        return
    asking = step.name if step else ""
    if isinstance(turn.body, Upload) and asking == opened.asking:
        turn.form_was_asked = True  # what was sent gets a receipt, and that goes on
        return
    turn.update(form=replace(opened, asking=asking))
    ask_again(turn, form)


def ask_again(turn: Turn, form: Form) -> None:
    """Ask the open question, or show everything for submitting."""
    opened = turn.conversation.form
    assert opened
    turn.form_was_asked = True
    step = form.step(opened.asking)
    shown = step.shows(turn, opened.answers) if step else form.review(turn, opened.answers)
    name = step.name if step else "review"
    turn.say(f"{form.name}.{name}", options=fresh_options(turn, form), **shown)


def fresh_options(turn: Turn, form: Form) -> list[Option]:
    opened = turn.conversation.form
    assert opened
    step = form.step(opened.asking)
    if step:
        return step_options(turn, form, step)
    return [do_button(turn, form, "submit"), do_button(turn, form, "change"), "cancel"]


def options_now(turn: Turn, form: Form) -> list[Option]:
    """The buttons of the question that is open, as they were offered when it was asked."""
    opened = turn.conversation.form
    assert opened
    offered = turn.conversation.offered
    was_asked = any(button.id.startswith(f"{form.name}.{opened.asking or 'do'}:") for button in offered)
    return list(offered) if was_asked else fresh_options(turn, form)


def do_button(turn: Turn, form: Form, what: str) -> Button:
    return Button(f"{form.name}.do:{what}", turn.text(f"{form.name}.do-{what.partition('.')[0]}"))


def offer_changes(turn: Turn, form: Form, answers: Answers, start: str) -> None:
    """The answers that can be changed, a few buttons at a time from `start` on."""
    steps = [step for step in form.steps if step.when(answers)]
    names = [step.name for step in steps]
    first = names.index(start) if start in names else 0
    shown = steps if len(steps) <= MOST_BUTTONS else steps[first : first + MOST_BUTTONS - 1]
    options: list[Option] = [
        Button(f"{form.name}.do:change.{step.name}", turn.text(f"{form.name}.change-{step.name}")) for step in shown
    ]
    if len(shown) < len(steps):
        after = first + len(shown)
        options.append(do_button(turn, form, f"more.{names[after] if after < len(names) else names[0]}"))
    turn.form_was_asked = True
    turn.say(f"{form.name}.change", options=[*options, do_button(turn, form, "go_on")])


def back(turn: Turn, form: Form) -> None:
    """Ask the question before this one again."""
    opened = turn.conversation.form
    assert opened
    names = [step.name for step in form.steps if step.when(opened.answers)]
    before = names[: names.index(opened.asking)] if opened.asking in names else names
    if before:
        turn.update(form=replace(opened, asking=before[-1], changed_at=turn.now))
        forget(turn, before[-1])
    ask_again(turn, form)


def step_options(turn: Turn, form: Form, step: Ask) -> list[Option]:
    opened = turn.conversation.form
    assert opened
    return as_buttons(turn, form, step, step.reader.options(turn, opened.answers))


def as_buttons(turn: Turn, form: Form, step: Ask, arguments: Sequence[str]) -> list[Option]:
    """And the way out, which every question has."""
    label = step.reader.label
    buttons = [Button(f"{form.name}.{step.name}:{one}", label(turn, form.name, step.name, one)) for one in arguments]
    return [*buttons, "cancel"]
