"""What a child may use: memory for its whole life, processor time for each file."""

import resource
import signal
from pathlib import Path

MB = 1 << 20
LEAST_SECONDS = 2.0
SECONDS_A_MEGAPIXEL = 0.1
MOST_SECONDS = 10.0
OPEN_FILES = 64
LARGEST_FILE = 64 * MB
STATUS = Path("/proc/self/status")


def memory(key: str) -> int:
    """Bytes: VmRSS (resident), VmHWM (at its highest), VmData (what RLIMIT_DATA counts). 0 where there is no /proc."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else ()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:")), 0)


def limit(resident: int) -> None:
    """From now on at most so many bytes resident, all imports included: what is not resident yet can only come from new data."""
    most = memory("VmData") + resident - memory("VmRSS")
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def allow(seconds: float) -> None:
    """Processor time from now on; then the process ends, whatever library it is in. 0: as long as it likes."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def allow_for(pixels: int) -> None:
    allow(min(MOST_SECONDS, LEAST_SECONDS + pixels / 1e6 * SECONDS_A_MEGAPIXEL))
