"""Each benchmark still measures what it says: it runs for a moment, and asserts of itself that claims were filed and messages sent."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from tests.machine import needed
from tests.servers import environment
from tests.waiting import GENEROUS_SECONDS

ROOT = Path(__file__).parent.parent
FIGURES = {
    "events": r"mix +5 .* [1-9][\d,]* ",
    "turns": r"the form's own +[1-9]",
    "status": r"ratio of the medians: \d",
    "start": r"100 +[1-9]\d",
    "web": r"Shouhou +[1-9]",
    "page": r"first answer: median \d",
    "telegram": r"ratio: median \d",
    "webhook": r"Shouhou.* [1-9][\d,]*$",
    "wechat": r"Shouhou, real, menu .* [1-9][\d,]*$",
    "lookalikes": r"noise, with their rows +\d",
    "libraries": r"its keyboard +\d",
    "intake": r"whole intake +[1-9]",
}
"""A line that each prints: it has something above 0 in it."""


@pytest.mark.parametrize("name", NAMES)
def test_benchmark_measures_what_it_says(name: str) -> None:
    if name == "page":
        needed("chromium")

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", name], cwd=ROOT, env=environment(),
        capture_output=True, text=True, timeout=GENEROUS_SECONDS, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert re.search(rf"^# {name}, commit \w+", done.stdout), "it says what it measured"
    assert re.search(FIGURES[name], done.stdout, re.M), done.stdout
