"""`python -m tests.mutants [NAME …]`: plant each fault in a copy of the tree and run the tests that guard it; none may survive."""

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.planted import MUTANTS, Mutant

ROOT = Path(__file__).parent.parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".venv-*", "__pycache__", ".*_cache", "data", "*.lock", "node_modules"
)
AT_ONCE = 2
LONGEST_SECONDS = 900
FAILED, PASSED = 1, 0
"""What pytest returns; everything else says that the tests did not run."""


def stale() -> list[str]:
    """The faults whose text does not stand exactly once in its file, each with what to do."""
    found = []
    for mutant in MUTANTS:
        file = ROOT / mutant.file
        count = file.read_text("utf-8").count(mutant.old) if file.exists() else 0
        if count != 1:
            found.append(
                f"'{mutant.name}': {mutant.old!r} stands {count} times in {mutant.file}: mend tests/mutants/planted.py"
            )
    return found


@contextmanager
def planted(tree: Path, mutant: Mutant) -> Iterator[None]:
    file = tree / mutant.file
    sound = file.read_text("utf-8")
    file.write_text(sound.replace(mutant.old, mutant.new), "utf-8")
    try:
        yield
    finally:
        file.write_text(sound, "utf-8")


def run_tests(tree: Path, words: Sequence[str]) -> tuple[int, str]:
    """What pytest returns, and the end of what it prints. The tree comes before the checkout, in its processes too."""
    variables = {**os.environ, "PYTHONPATH": str(tree), "SHOUHOU_GENEROUS_SECONDS": "30"}
    with tempfile.TemporaryDirectory(dir=tree.parent) as folder:
        command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-p", "no:cacheprovider", f"--basetemp={folder}/t"]
        try:
            done = subprocess.run(
                [*command, *words], cwd=tree, env=variables, capture_output=True, text=True,
                timeout=LONGEST_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return FAILED, "it hung"
    return done.returncode, (done.stdout + done.stderr)[-2000:]


def main(names: Sequence[str]) -> int:
    """Return how many survived or could not be tried."""
    if problems := stale():
        sys.exit("\n".join(problems))
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    trees: queue.Queue[Path] = queue.Queue()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for number in range(AT_ONCE):
            tree = Path(folder, str(number))
            shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
            trees.put(tree)

        def tried(mutant: Mutant) -> tuple[str, str, float]:
            """How it ended, with the sound tree and then with the fault."""
            tree, began = trees.get(), time.monotonic()
            try:
                code, output = run_tests(tree, mutant.tests)
                if code != PASSED:
                    return "FAILS WITHOUT IT", output, time.monotonic() - began
                with planted(tree, mutant):
                    code, output = run_tests(tree, mutant.tests)
            finally:
                trees.put(tree)
            how = {FAILED: "dies", PASSED: "SURVIVES"}.get(code, "CANNOT BE TRIED")
            return how, output, time.monotonic() - began

        wrong = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for mutant, (how, output, seconds) in zip(chosen, pool.map(tried, chosen), strict=True):
                print(f"{how:16} {mutant.name:58} {mutant.file:40} {seconds:5.0f} s", flush=True)
                if how != "dies":
                    wrong += 1
                    print(output, flush=True)
    print(f"{len(chosen)} faults, {wrong} survived or could not be tried")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
