"""Secrets of the server's own, made at the first start and kept in the data folder."""

import secrets
from pathlib import Path

from bot.durable import ASIDE, write_durably
from bot.start_error import StartError

SECRET_BYTES = 32


def secret_in(file: Path, when_removed: str) -> bytes:
    """Return the secret in the file, which is made when there is none.

    `when_removed` tells the operator what happens when they remove it. Raises StartError when it is no secret: what a power cut
    leaves of a file is often empty, or zeros.
    """
    if not file.exists():
        write_durably(file, secrets.token_bytes(SECRET_BYTES))
    for unfinished in file.parent.glob(f"{file.name}.*{ASIDE}"):  # of a process that was killed
        unfinished.unlink(missing_ok=True)
    secret = file.read_bytes()
    if len(secret) < SECRET_BYTES or not any(secret):
        what = "only zeros" if secret and not any(secret) else f"{len(secret)} bytes instead of {SECRET_BYTES}"
        raise StartError(
            f"{file} has {what}, so anybody could guess it; most likely the power failed while it was written. "
            f"Put it back from the backup, or remove it: a new one is made at the next start, and {when_removed}."
        )
    return secret
