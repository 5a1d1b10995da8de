"""No test hangs on the speed of the machine: tests/waiting.py is the one place where they spend time, with a generous end."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SLOW_BY_DESIGN = ("waiting.py", "early_answers.py", "early_photos.py")
"""The helper; and programs with a slow disk planted."""
SHORTEST_END = 30
SLEEPS = ("sleep", "wait_for_timeout")
ENDS = ("timeout", "wait_for")


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_fixed(value: ast.expr) -> bool:
    """A number other than 0, or the name of one."""
    return (isinstance(value, ast.Constant) and bool(value.value)) or (
        isinstance(value, ast.Name) and value.id.isupper()
    )


def numbers_in(call: ast.Call) -> Iterator[float]:
    """Those that say when it ends."""
    values = [*call.args, *(word.value for word in call.keywords if word.arg in ("timeout", "delay"))]
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
            yield value.value


def faults(source: str) -> list[int]:
    """The lines that sleep for a fixed time, or end what they wait for within less than SHORTEST_END seconds."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if (name_of(call) in SLEEPS and call.args and is_fixed(call.args[0]))
        or (name_of(call) in ENDS and any(0 < number < SHORTEST_END for number in numbers_in(call)))
    ]


@pytest.mark.parametrize(
    "line",
    ["asyncio.sleep(0.1)", "time.sleep(SLOW)", "page.wait_for_timeout(400)", "asyncio.timeout(5)", "wait_for(x, 10)"],
)
def test_fixed_time_is_found(line: str) -> None:
    assert faults(f"first()\n{line}") == [2]


@pytest.mark.parametrize("line", ["asyncio.sleep(0)", "sleep(luck.uniform(0, 1))", "asyncio.timeout(GENEROUS_SECONDS)"])
def test_chance_and_a_generous_end_are_fine(line: str) -> None:
    assert faults(line) == []


def test_no_test_sleeps_for_a_fixed_time() -> None:
    found = {
        f"{file.relative_to(TESTS)}:{line}"
        for file in TESTS.rglob("*.py")
        if file.name not in SLOW_BY_DESIGN
        for line in faults(file.read_text("utf-8"))
    }

    assert found == set(), "wait for a condition with `until` of tests/waiting.py"
