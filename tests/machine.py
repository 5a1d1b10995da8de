"""What the tests need of the machine beside Python's packages, and getting it: `python -m tests.machine`.

Who tests on a fresh machine needs no list of packages: what is not there is installed where that is allowed, and what cannot be had
is said in one sentence. Its tests are skipped, and pytest names each of them at the end.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/opt/chromium.org/chromium/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CACHES = (Path.home() / ".cache" / "ms-playwright", Path.home() / "Library" / "Caches" / "ms-playwright")
IN_CACHE = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
DEBIAN_SECONDS = 900
DOWNLOAD_SECONDS = 600
TRIED = Path(sys.prefix) / "tried-to-install"
"""Names what could not be had, so that not each run tries again; after a day one does."""
A_DAY = 24 * 3600


def browser() -> Path | None:
    """Return SHOUHOU_TEST_BROWSER, or the machine's Chromium or Chrome, or else the one that playwright keeps."""
    if chosen := os.environ.get("SHOUHOU_TEST_BROWSER"):
        return Path(chosen)
    return next((path for path in browsers() if path.is_file() and os.access(path, os.X_OK)), None)


def browsers() -> Iterator[Path]:
    yield from (Path(path) for name in BROWSERS if (path := shutil.which(name)))
    yield from map(Path, PLACES)
    caches = (Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"]),) if "PLAYWRIGHT_BROWSERS_PATH" in os.environ else CACHES
    yield from (path for cache in caches for pattern in IN_CACHE for path in sorted(cache.glob(pattern)))


def openssl() -> Path | None:
    return tool("openssl")


def strace() -> Path | None:
    return tool("strace")


def weed() -> Path | None:
    """Return SeaweedFS, which a package brings where it has one for this kind of machine."""
    beside = Path(sys.executable).with_name("weed")
    return beside if beside.is_file() else tool("weed")


def tool(name: str) -> Path | None:
    path = shutil.which(name)
    return Path(path) if path else None


NEEDS: dict[str, tuple[Callable[[], Path | None], str]] = {
    "chromium": (browser, "the tests of the page in a browser"),
    "openssl": (openssl, "the tests of time stamps"),
    "strace": (strace, "the tests that slow the disk down or see it written to"),
    "weed": (weed, "the tests of an S3 store"),
}
"""By the name of Debian's package; SeaweedFS is none of them."""
DEBIAN = ("chromium", "openssl", "strace")


def missing() -> list[str]:
    return [name for name, (look, _) in NEEDS.items() if look() is None]


def needed(name: str) -> Path:
    """Return where it is. Skip the test that needs it where it is not; fail it in CI, which has all."""
    path = NEEDS[name][0]()
    if path is None:
        why = f"{name} is not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{why}, and CI needs it")
        pytest.skip(why)
    return path


def sentence(names: Sequence[str]) -> str:
    """What cannot be had, and what that costs."""
    skipped = " and ".join(NEEDS[name][1] for name in names)
    return f"Not on this machine and not to be had: {', '.join(names)}; {skipped} are skipped, and named at the end."


def install(names: Sequence[str]) -> None:
    """Try what may help, Debian's packages where they may be installed, and playwright's browser. Raise nothing."""
    packages = [name for name in names if name in DEBIAN]
    if packages and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {', '.join(packages)} for the tests (minutes, once) ...", file=sys.stderr, flush=True)
        run(DEBIAN_SECONDS, "apt-get", "update", "-q")
        run(DEBIAN_SECONDS, "apt-get", "install", "-q", "-y", "--no-install-recommends", *packages)
    if "chromium" in names and browser() is None:
        print("Downloading playwright's browser for the tests (a minute, once) ...", file=sys.stderr, flush=True)
        run(DOWNLOAD_SECONDS, sys.executable, "-m", "playwright", "install", "chromium-headless-shell")
        path = browser()
        if path and not run(60, str(path), "--version"):
            print(f"{path} lacks libraries of the system and does not start.", file=sys.stderr)


def run(seconds: float, *command: str) -> bool:
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=variables, capture_output=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def was_tried(names: Sequence[str]) -> bool:
    """Whether all of these were tried within the last day."""
    if not TRIED.exists() or time.time() - TRIED.stat().st_mtime > A_DAY:
        return False
    return set(names) <= set(TRIED.read_text("utf-8").split())


def main() -> None:
    names = missing()
    if names and not was_tried(names):
        install(names)
        names = missing()
        TRIED.write_text(" ".join(names), "utf-8")
    if names:
        print(sentence(names), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
