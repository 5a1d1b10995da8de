"""What an error of the Bot API means for the message that was to be sent."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.adapter import Later, MaybeSent, Moved, Outcome, Refused
from bot.adapters.telegram.transport import BrokenError, NotSentError

UNREACHED_SECONDS = 5.0
"""Until a message that found no connection is tried again: nothing was asked of Telegram, so there is no reason to wait longer."""
THREAD_GONE = ("thread not found", "topic_deleted", "topic_id_invalid", "topic deleted", "topic_closed", "topic closed")
NOBODY = ("chat not found", "user not found", "user is deactivated", "PEER_ID_INVALID")


def outcome_of(error: TelegramError) -> Outcome | None:
    """None: surely not sent, to be tried again after growing pauses."""
    match error:
        case RetryAfter():
            return Later(seconds_of(error))
        case ChatMigrated():
            return Moved(str(error.new_chat_id))
        case Forbidden():
            return Refused("the customer blocked us or is gone", is_unreachable=True)
        case BadRequest():
            is_unreachable = any(one.lower() in error.message.lower() for one in NOBODY)
            return Refused(f"Telegram says: {error.message[:100]}", is_unreachable)
        case TimedOut() | BrokenError():
            return MaybeSent(type(error).__name__)
        case NotSentError():
            return Later(UNREACHED_SECONDS)
        case InvalidToken() | Conflict():
            return None
        case NetworkError() if error.__cause__ is None:
            return None  # the Bot API itself says that it could not
        case _:
            return MaybeSent("an answer that is not the Bot API's")  # a proxy's page: who knows what is behind it


def is_thread_gone(error: BadRequest) -> bool:
    """Return whether the topic that was written to takes no messages."""
    return any(words in error.message.lower() for words in THREAD_GONE)


def seconds_of(error: RetryAfter) -> float:
    assert isinstance(error.retry_after, timedelta)
    return error.retry_after.total_seconds()
