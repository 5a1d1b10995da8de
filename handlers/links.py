"""Links: a customer joins their chats on two platforms, by a code that only they can have. Never by a name or a number."""

from dataclasses import replace

from bot.model.events import Pressed
from bot.model.link import LinkState, new_link
from bot.router import Router
from bot.turn import Turn

PLATFORMS = ("webchat", "telegram", "wechat")

router = Router("links")


@router.command("link")
def link(turn: Turn) -> None:
    assert isinstance(turn.body, Pressed)
    if turn.body.argument:
        use_code(turn, turn.body.argument)
    else:
        give_code(turn)


def give_code(turn: Turn) -> None:
    opened, code = new_link(turn.conversation.address, turn.conversation.customer, turn.now)
    turn.save_link(opened)
    turn.say("links.code", options=("status", "help"), copy=f"/link {code}", code=code)


def use_code(turn: Turn, code: str) -> None:
    """A wrong code and none at all get the same answer, so nobody learns which links there are."""
    found = turn.link
    if found is None or not found.is_open(turn.now):
        turn.say("links.unknown", options=("status", "human"))
    elif not found.is_opened_by(code):
        turn.save_link(found.after_wrong_try())
        turn.say("links.unknown", options=("status", "human"))
    elif found.address == turn.conversation.address:
        turn.say("links.same_chat", options=("status", "help"))
    elif found.customer == turn.conversation.customer:
        turn.say("links.already", options=("status", "help"))
    else:
        here, customer = turn.conversation.address, turn.conversation.customer
        turn.save_link(replace(found, state=LinkState.USED, joined=here, joined_customer=customer))
        turn.say("links.joined", options=("status", f"unlink:{found.id}"), platform=platform(turn, found.address))
        turn.tell(found.address, "linked", found.id)


@router.due("linked")
def tell_the_other_chat(turn: Turn) -> None:
    assert turn.link
    turn.say("links.joined", options=("status", f"unlink:{turn.link.id}"), platform=platform(turn, turn.link.joined))


@router.button("unlink")
def undo(turn: Turn) -> None:
    found, here = turn.link, turn.conversation.address
    if found is None or found.state is not LinkState.USED or not found.is_of(here):
        turn.say("links.not_joined", options=("status", "help"))
        return
    turn.save_link(replace(found, state=LinkState.UNDONE))
    turn.say("links.undone", options=("status", "help"))
    turn.tell(found.joined if here == found.address else found.address, "unlinked", found.id)


@router.due("unlinked")
def tell_the_other_chat_that_it_is_undone(turn: Turn) -> None:
    turn.say("links.undone", options=("status", "help"))


def platform(turn: Turn, address: str) -> str:
    name = address.partition(":")[0]
    return turn.text(f"links.platform-{name if name in PLATFORMS else 'other'}")
