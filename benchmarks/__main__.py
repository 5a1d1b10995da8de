"""`python -m benchmarks [--quick] [NAME …]`: every measurement, or these; each prints its table, under the commit that it measured.

`--quick` tells only whether each still measures what it says: its figures are worth nothing.
"""

import importlib
import subprocess
import sys
import time
from pathlib import Path

NAMES = (
    "events", "turns", "status", "start", "web", "page", "telegram", "webhook", "wechat", "lookalikes", "intake", "libraries",
)  # fmt: skip


def main(words: list[str]) -> None:
    is_quick, wanted = "--quick" in words, [word for word in words if word != "--quick"]
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.exit(f"there is no benchmark '{unknown[0]}'; there are: {', '.join(NAMES)}")
    for name in wanted or NAMES:
        print(f"# {name}, commit {commit()}", flush=True)
        began = time.perf_counter()
        module = importlib.import_module(f"benchmarks.{name}")
        if is_quick:
            for constant, value in module.QUICK.items():
                setattr(module, constant, value)
        module.main()
        print(f"({time.perf_counter() - began:.0f} s)\n", flush=True)


def commit() -> str:
    """The tree's, with a + when it has been changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    main(sys.argv[1:])
