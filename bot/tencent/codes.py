"""The error numbers of Tencent's platforms: what each says, and what follows for the message that was being sent.

One table for the official account, the mini program and WeCom. A number that is not in it is somebody's to look up: nothing is
lost because of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Follows(StrEnum):
    """What becomes of the message."""

    AGAIN = "again"
    """The platform is busy: it is tried again in a moment."""
    OPERATOR = "operator"
    """Somebody has to do something first: it waits, and is tried again in growing pauses."""
    CUSTOMER = "customer"
    """It waits until the customer writes."""
    PEOPLE = "people"
    """People of the shop have the conversation in the platform's own desk."""
    NEVER = "never"
    """The platform will never take this message."""


class Code(NamedTuple):
    """`seconds` until the next try, where it is AGAIN."""

    follows: Follows
    meaning: str
    seconds: float = 0.0


AGAIN, OPERATOR, CUSTOMER, PEOPLE, NEVER = Follows
UNKNOWN = Code(OPERATOR, "see the platform's list of errors")
CODES: Mapping[int, Code] = {
    -1: Code(AGAIN, "the platform is busy", 2.0),
    45011: Code(AGAIN, "too many calls in a minute", 30.0),
    # The token, the secret and the app
    40001: Code(OPERATOR, "the token or the secret is wrong, or another program fetches tokens for this account"),
    40002: Code(OPERATOR, "the platform gives tokens in another way: look at `api`"),
    40013: Code(OPERATOR, "the app id is wrong"),
    40014: Code(OPERATOR, "the token is wrong"),
    40125: Code(OPERATOR, "the secret is wrong: set it anew"),
    40164: Code(OPERATOR, "this machine's address is not in the account's IP whitelist: add it there"),
    41001: Code(OPERATOR, "the token is missing: look at what stands between here and the platform"),
    42001: Code(OPERATOR, "the token has ended"),
    60020: Code(OPERATOR, "this machine's address is not among the trusted ones of the app: add it there"),
    # Rights and quotas
    45009: Code(OPERATOR, "the day's calls are used up"),
    48001: Code(OPERATOR, "the account may not do this: it must be verified, and have the permission"),
    48004: Code(OPERATOR, "the platform has blocked this call for the account"),
    47003: Code(OPERATOR, "the template has other keywords: look at subscribe_template"),
    48006: Code(OPERATOR, "the day's calls may not be counted anew any more"),
    50002: Code(OPERATOR, "the account is limited"),
    61004: Code(OPERATOR, "this machine's address is not registered"),
    # The state of a WeCom account
    95000: Code(OPERATOR, "there is no such customer service account"),
    95004: Code(OPERATOR, "there is no such customer service account (any more)"),
    95007: Code(OPERATOR, "the callback's token has ended"),
    95011: Code(OPERATOR, "customer service is managed in the platform's own pages: hand it to the API there"),
    95012: Code(OPERATOR, "customer service is managed by another app: hand it to this one"),
    95014: Code(OPERATOR, "who takes conversations over is not active in WeCom"),
    95017: Code(OPERATOR, "the API of customer service is switched off: switch it on in WeCom"),
    # The customer, and the time in which one may write
    40003: Code(CUSTOMER, "there is no such customer"),
    40096: Code(CUSTOMER, "there is no such customer"),
    43004: Code(CUSTOMER, "the customer does not follow the account"),
    43101: Code(CUSTOMER, "the customer does not subscribe to such notices (any more)"),
    45015: Code(CUSTOMER, "the time in which one may write to the customer is over"),
    45047: Code(CUSTOMER, "as many messages were sent as the customer's last one allows"),
    48002: Code(CUSTOMER, "the customer refuses messages"),
    95001: Code(CUSTOMER, "as many messages were sent as the customer's last one allows"),
    95002: Code(CUSTOMER, "the time in which one may write to the customer is over"),
    95013: Code(CUSTOMER, "the conversation has ended: the customer must write again"),
    95016: Code(CUSTOMER, "the conversation's state does not allow it"),
    95018: Code(PEOPLE, "people of the shop have the conversation: the API may not write in it"),
    # The message itself
    40004: Code(NEVER, "the platform takes no files of this kind"),
    40007: Code(NEVER, "the file is gone"),
    40008: Code(NEVER, "the platform takes no messages of this kind"),
    40009: Code(NEVER, "the picture is too large"),
    40033: Code(NEVER, "there are characters in it that the platform does not take"),
    40058: Code(NEVER, "a field of the message is wrong"),
    40063: Code(NEVER, "a field of the message is empty or too long"),
    40200: Code(NEVER, "this kind of account cannot send menus"),
    44004: Code(NEVER, "the text is empty"),
    45002: Code(NEVER, "the text is too long"),
    47001: Code(NEVER, "the message is not what the platform can read"),
    45081: Code(NEVER, "typing is shown already"),
    87014: Code(NEVER, "the platform takes the text for forbidden"),
}
IN_WECOM: Mapping[int, Code] = {
    48002: Code(OPERATOR, "the app may not do this: give it the right in 微信客服 → API"),
}
"""Numbers that say something else there."""


def code_of(number: int, platform: str = "") -> Code:
    """Return what a number says on this platform."""
    return (IN_WECOM.get(number) if platform == "wecom" else None) or CODES.get(number, UNKNOWN)
