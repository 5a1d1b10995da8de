"""Runs a piece of Python in a process whose power fails at a chosen line of ours: what was not waited for is lost then."""

import subprocess
import sys
from pathlib import Path

from tests.servers import environment

CUT = 86
"""The exit code of a process whose power failed."""
WITH_A_CUT = """
import os, sys
from pathlib import Path

folder, step, program = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
on_disk, really_sync, lines = set(), os.fsync, 0

def sync(handle):
    really_sync(handle)
    on_disk.add(os.fstat(handle).st_ino)

def lose_what_was_not_waited_for():
    for file in folder.iterdir():
        if file.is_file() and file.stat().st_ino not in on_disk:
            os.truncate(file, 0)  # its name is there, its bytes are not: what ext4 and xfs leave
    os._exit(86)

def count(frame, event, _argument):
    global lines
    if "/bot/" not in frame.f_code.co_filename or frame.f_code.co_name == "<module>":
        return None
    if event == "line":
        lines += 1
        if lines == step:
            lose_what_was_not_waited_for()
    return count

os.fsync = sync
sys.settrace(count)
exec(program)
sys.settrace(None)
"""


def run(program: str, folder: Path, step: int) -> int:
    """Its exit code: CUT when the power failed before line `step` of ours, and 0 when the program ended before that."""
    command = [sys.executable, "-c", WITH_A_CUT, str(folder), str(step), program]
    done = subprocess.run(command, env=environment(), timeout=60, check=False)
    assert done.returncode in (0, CUT)
    return done.returncode
