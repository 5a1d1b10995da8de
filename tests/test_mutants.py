"""The faults that `./run mutants` plants: each still has its line, and its tests."""

import re
from pathlib import Path

import pytest

from tests.mutants.__main__ import planted, stale
from tests.mutants.planted import MUTANTS, Mutant

ROOT = Path(__file__).parent.parent
ENOUGH = 40


def test_each_fault_still_has_its_line() -> None:
    assert stale() == []


def test_there_are_enough_of_them_and_no_name_twice() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= ENOUGH


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_fault_is_still_python_and_its_tests_are_there(mutant: Mutant) -> None:
    compile((ROOT / mutant.file).read_text("utf-8").replace(mutant.old, mutant.new), mutant.file, "exec")
    for word in mutant.tests:
        file, _, name = word.partition("::")
        if file.startswith("tests/"):
            assert re.search(rf"def {name.partition('[')[0]}", (ROOT / file).read_text("utf-8"))


def test_fault_is_gone_again_afterwards(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one = 1\n")
    with planted(tmp_path, Mutant("a", "a.py", "= 1", "= 2", ())):
        assert (tmp_path / "a.py").read_text() == "one = 2\n"
    assert (tmp_path / "a.py").read_text() == "one = 1\n"
