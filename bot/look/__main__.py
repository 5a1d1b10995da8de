"""A child that looks at files: `python -m bot.look pictures|texts [GROWN]`. Requests and results are lines of JSON.

It says `{"ready": true}` first. It ends when its input does, when nothing has come for a while, and after so many files or when it has
grown: then the last result has `"ends": true`.
"""

import json
import os
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.look import limits

MOST_FILES = 500
MEMORY = {"pictures": 290 * limits.MB, "texts": 900 * limits.MB}
"""Resident at most."""
GROWN = {"pictures": 60 * limits.MB, "texts": 450 * limits.MB}
"""What may stay resident after a file beyond that before the first; a model keeps what it has once needed."""
IDLE_SECONDS = 120.0
PATHS = ("file", "folder")
Work = Callable[..., dict[str, Any]]


def looks_at_pictures() -> dict[str, Work]:
    from bot.look.codes import read_codes
    from bot.look.looking import look

    return {"look": look, "codes": read_codes}


def reads_texts() -> dict[str, Work]:
    from bot.look.texts import read_text, reader

    reader()
    return {"text": read_text}


KINDS = {"pictures": looks_at_pictures, "texts": reads_texts}


def main(kind: str, *grown: int) -> None:
    # Libraries print what they like: the pipe is ours alone.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    work = KINDS[kind]()
    limits.limit(MEMORY[kind])
    most_grown = grown[0] if grown else GROWN[kind]
    say(out, {"ready": True})
    small = limits.memory("VmRSS")
    for left in reversed(range(MOST_FILES)):
        if not select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
            return
        asked = sys.stdin.readline()
        if not asked.endswith("\n"):
            return
        result = answer(work, json.loads(asked))
        ends = left == 0 or limits.memory("VmRSS") - small > most_grown
        say(out, {**result, "ends": True} if ends else result)
        if ends:
            return


def answer(work: dict[str, Work], request: dict[str, Any]) -> dict[str, Any]:
    do = work[request.pop("do")]
    limits.allow(limits.LEAST_SECONDS)
    try:
        return do(**{key: Path(value) if key in PATHS else value for key, value in request.items()})
    except MemoryError:
        return {"refused": "too_many_pixels"}
    except OSError:
        return {"unwritten": True}  # a full disk is no fault of the picture's
    finally:
        limits.allow(0)


def say(out: Any, line: dict[str, Any]) -> None:
    out.write(json.dumps(line) + "\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
