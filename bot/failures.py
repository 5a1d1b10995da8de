"""What a failure of the machine means for an operator: a disk, a folder or a database that cannot be used, in a sentence."""

import errno
import getpass
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bot.start_error import StartError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
IN_THE_WAY = (errno.ENOTDIR, errno.EEXIST)
LONGEST_CHAIN = 10


def sentence_of(error: BaseException, database: Path) -> str | None:
    """Say what is wrong with the machine and what to do; None when the error is about something else, such as a fault of ours."""
    for cause in causes(error):
        if isinstance(cause, StartError):
            return str(cause)
        if isinstance(cause, sqlite3.Error):
            return about_database(getattr(cause, "sqlite_errorname", ""), database)
        if isinstance(cause, OSError):
            return about_file(cause)
    from bot.store.database import StoreUnavailableError  # it takes long to load, and is loaded when it was raised

    return f"{database} cannot be used just now: {error}" if isinstance(error, StoreUnavailableError) else None


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised for; SQLAlchemy keeps the driver's error in `orig`."""
    cause: BaseException | None = error
    for _ in range(LONGEST_CHAIN):
        if cause is None:
            return
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__


def about_database(name: str, database: Path) -> str | None:
    """`name` is SQLite's for the error, such as SQLITE_IOERR_READ."""
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_FORMAT")):
        return (
            f"{database} is damaged, or no database of Shouhou's. Keep a copy of the data folder as it is, then put back "
            "the last backup (docs/operate.md, Backup)"
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
        return (
            f"{database} cannot be opened for writing by {user()}: {database.parent} and the files shouhou.db* in it must "
            "belong to that user"
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE")):
        return f"{database} cannot grow: make room on its disk, then try again"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{database} is held by another program: wait for its end, or end it, then try again"
    if name.startswith("SQLITE_IOERR"):
        return f"{database} cannot be read or written ({name}): look at the machine's log for its disk"
    return None


def about_file(error: OSError) -> str | None:
    file = error.filename
    if error.errno in FULL:
        return f"{file or 'the disk'} cannot be written, for its disk is full: make room, then try again"
    if file is None:
        return None
    if error.errno in CLOSED:
        return f"{file} is closed to {user()} ({error.strerror}): give it to that user, or name another place"
    if error.errno in IN_THE_WAY:
        return f"{file}: a file stands where a folder must be: name another place, or take the file away"
    return f"{file}: {error.strerror}"


def user() -> str:
    try:
        return f"the user '{getpass.getuser()}'"
    except (KeyError, OSError):
        return "this user"
