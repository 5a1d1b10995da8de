"""Logs: one JSON object a line, with ids, kinds and durations, and never what people wrote."""

import io
import logging
import os
import traceback
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


class Libraries(logging.Handler):
    """What libraries report, as lines of ours. Of a message only its first line as it is written in their code, without values."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        details = {"where": where(error)} if error else {}
        said = str(record.msg).partition("\n")[0]
        structlog.get_logger().log(record.levelno, "library", name=record.name, said=said, **details)


def where(error: BaseException) -> str:
    """Where it failed, without any value of a customer's: the exception's type and the lines it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return " < ".join([type(error).__name__, *reversed(lines)])


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
    logging.basicConfig(level=logging.WARNING, handlers=[Libraries()], force=True)
