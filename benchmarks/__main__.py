"""`python -m benchmarks [NAME …]`: every measurement, or these; each prints its table."""

import importlib
import sys
import time

NAMES = ("events", "turns", "status", "start", "web", "page", "telegram", "wechat", "lookalikes", "intake", "libraries")


def main(wanted: list[str]) -> None:
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.exit(f"there is no benchmark '{unknown[0]}'; there are: {', '.join(NAMES)}")
    for name in wanted or NAMES:
        print(f"# {name}", flush=True)
        started = time.perf_counter()
        importlib.import_module(f"benchmarks.{name}").main()
        print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
