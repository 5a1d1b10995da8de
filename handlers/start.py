"""Beginnings: a customer says hello, asks what this is, or wants another language."""

from bot.answers import order_in
from bot.model.case import as_case_number
from bot.model.events import Pressed, Unusable
from bot.model.numbers import Kind, private_kinds
from bot.router import Router
from bot.turn import Option, Turn
from handlers.case_status import show_one
from handlers.questions import show_or_start, waiting_case

PRIVACY_NOTICE = "2026-11"
"""The version of `start.privacy`; a new one is shown to everybody again."""

router = Router("start")


@router.first_contact
def say_who_we_are(turn: Turn) -> None:
    """Before anything else is answered, once; /start and a hello are answered with all of it anyway."""
    if isinstance(turn.body, Unusable) and turn.body.kind == "group":
        return
    turn.told_notice(PRIVACY_NOTICE)
    words = turn.event.words.strip().lower()
    if not words.startswith(("/start", "/help")) and turn.event.reading.sure != "act.greeting":
        turn.say("start.first_contact", shop=turn.settings.shop.name)


@router.meaning("act.greeting")
def greet_back(turn: Turn) -> None:
    """Who we are was said once; after that a hello is a hello."""
    if turn.was_new:
        greet(turn)
        return
    turn.say("start.here", options=() if is_filling_in(turn) else menu(turn))


@router.meaning("act.wait")
def wait(turn: Turn) -> None:
    turn.say("start.no_hurry", options=() if is_filling_in(turn) else menu(turn))


@router.arrived
def welcome(turn: Turn) -> None:
    """Once: who opens the chat again knows us."""
    if turn.conversation.is_new:
        turn.told_notice(PRIVACY_NOTICE)
        greet(turn)


@router.command("start")
def begin(turn: Turn) -> None:
    """A link may bring an order's or a case's number along, such as one printed on a card in the parcel."""
    assert isinstance(turn.body, Pressed)
    order, case = order_in(turn.body.argument), as_case_number(turn.body.argument)
    if not order and not case:
        greet(turn)
        return
    turn.say("start.first_contact", shop=turn.settings.shop.name)
    if case:
        show_one(turn, case)
    elif order:
        show_or_start(turn, order)


@router.command("help")
@router.button("help")
def greet(turn: Turn) -> None:
    turn.say_text(f"{turn.text('start.hello', shop=turn.settings.shop.name)}\n{turn.text('start.safety')}")
    if turn.settings.shop.greeting:
        turn.say_text(turn.settings.shop.greeting)
    turn.say("start.privacy", options=menu(turn), shop=turn.settings.shop.name, version=PRIVACY_NOTICE)


@router.notice(
    r"验证码|转账|转帐|银行卡|卡号|密码|屏幕共享|共享屏幕|verification code|bank card|card number|password|screen.?shar"
)
def warn(turn: Turn) -> None:
    """The words of the fraud that looks like us (after-sales callers who want a code, a card or a transfer)."""
    turn.say("start.safety")


@router.notice_if(private_kinds)
def spare_private_numbers(turn: Turn) -> None:
    """Somebody sends a number that no request needs: it is neither kept in one nor repeated (PIPL art. 6)."""
    kinds = private_kinds(turn.event.words)
    if kinds == [Kind.PHONE] and waiting_case(turn):
        return  # an agent may have asked for it
    options = () if is_filling_in(turn) or turn.event.reading.sure else ("refund", "status", "human")
    turn.say(f"start.private-{kinds[0]}" if len(kinds) == 1 else "start.private-several", options=options)


@router.meaning("act.thanks")
def accept_thanks(turn: Turn) -> None:
    turn.say("start.thanks", options=("status", "help"))


@router.command("privacy")
@router.meaning("act.privacy")
def explain_privacy(turn: Turn) -> None:
    options = ("human", "status")
    turn.say("start.privacy", options=options, shop=turn.settings.shop.name, version=PRIVACY_NOTICE)


@router.command("language")
@router.button("language")
@router.meaning("act.language")
def offer_languages(turn: Turn) -> None:
    turn.say("start.languages", options=[f"language.{one}" for one in turn.shared.wording.languages])


@router.button("language.*")
def switch_language(turn: Turn) -> None:
    assert isinstance(turn.body, Pressed)
    language = turn.body.name.partition(".")[2]
    if language not in turn.shared.wording.languages:
        offer_languages(turn)
        return
    turn.update(language=language, language_chosen=True)
    turn.say("start.language_set", options=menu(turn))


@router.button("?")
def explain_dead_button(turn: Turn) -> None:
    if is_filling_in(turn):
        turn.say("start.old_button")
        return
    turn.say("start.unknown_button", options=menu(turn))


def is_filling_in(turn: Turn) -> bool:
    """Then the form's question follows whatever is said."""
    opened = turn.conversation.form
    return opened is not None and not opened.is_paused


def menu(turn: Turn) -> list[Option]:
    return ["refund", "status", "ask", "human", "language"]
