"""Logs: one JSON object a line, with ids, kinds and durations, and never what people wrote."""

import io
import logging
import os
from contextlib import suppress
from typing import TextIO, cast

import structlog

STANDARD_ERROR = 2


class Lines(io.TextIOBase):
    """Standard error, unbuffered. A log on a full disk or into a closed pipe costs its lines, never what is being done."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            os.write(STANDARD_ERROR, text.encode())
        return len(text)


def set_up(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, Lines())),
        cache_logger_on_first_use=True,
    )
