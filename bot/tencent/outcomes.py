"""What an error of the platform means for the message that was being sent."""

import structlog

from bot.adapter import Closed, Later, Outcome, Refused, TakenOver
from bot.tencent.api import BUSY, ApiError

WINDOW_IS_OVER = frozenset({43101, 45015, 45047, 95001, 95002, 95013, 95016})
LATER = {BUSY: 2.0, 45009: 600.0, 45011: 30.0, 40164: 60.0, 60020: 60.0, 40001: 60.0, 40125: 300.0, 50002: 600.0}
"""Seconds until the next try: the platform is busy, or an operator has to do something first."""
FOR_THE_OPERATOR = frozenset({40001, 40013, 40125, 40164, 45009, 48001, 48004, 50002, 60020, 95000, 95011})
TAKEN_OVER = 95018
logger = structlog.get_logger()


def outcome_of(error: ApiError, platform: str) -> Outcome:
    if error.code in FOR_THE_OPERATOR:
        logger.error("platform_refuses", platform=platform, why=str(error))
    if error.code in WINDOW_IS_OVER:
        return Closed()
    if error.code == TAKEN_OVER:
        return TakenOver()
    if error.code in LATER:
        return Later(LATER[error.code])
    return Refused(str(error))
