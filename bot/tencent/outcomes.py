"""What an error of the platform means for the message that was being sent."""

import structlog

from bot.adapter import Blocked, Closed, Later, MediaGoneError, MediaLaterError, Outcome, Refused, TakenOver
from bot.tencent.api import ApiError
from bot.tencent.codes import Follows, code_of

FILE_IS_GONE = frozenset({40007, 40009, 41006})
logger = structlog.get_logger()


def outcome_of(error: ApiError, platform: str) -> Outcome:
    code = code_of(error.code, platform)
    match code.follows:
        case Follows.AGAIN:
            return Later(code.seconds)
        case Follows.OPERATOR:
            logger.error("platform_refuses", platform=platform, why=str(error))
            return Blocked(problem_of(error, platform))
        case Follows.CUSTOMER:
            return Closed()
        case Follows.PEOPLE:
            return TakenOver()
        case Follows.NEVER:
            return Refused(problem_of(error, platform))


def is_for_the_operator(error: Exception, platform: str) -> bool:
    return isinstance(error, ApiError) and code_of(error.code, platform).follows is Follows.OPERATOR


def problem_of(error: ApiError, platform: str) -> str:
    """Return the number and what it says, without what only logs may have, such as this machine's address."""
    return f"{error.code}: {code_of(error.code, platform).meaning}"


def file_error(error: ApiError, platform: str) -> Exception:
    """Return what to raise where a customer's file cannot be had because of this."""
    if error.code in FILE_IS_GONE:
        return MediaGoneError(str(error))
    if is_for_the_operator(error, platform):
        logger.error("platform_refuses", platform=platform, why=str(error))
        return MediaLaterError(problem_of(error, platform))
    return error
