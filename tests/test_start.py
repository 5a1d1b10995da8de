"""What keeps Shouhou from starting, or a command from being done, is said in one sentence with what to do; never in a traceback."""

import json
import resource
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, contextmanager, suppress
from ctypes import CDLL
from pathlib import Path

import pytest

from bot.settings import DATABASE
from tests import migrated
from tests.servers import SHOUHOU, Server, environment, free_port, running
from tests.waiting import block_until

COMMANDS = {
    "start": ("start",),
    "chat": ("chat",),
    "case list": ("case", "list"),
    "set aside": ("setaside", "list"),
    "evidence check": ("evidence", "check"),
    "evidence pack": ("evidence", "pack", "KS-1", "-o", "case.zip"),
}
PAGE_BYTES = 4096
DROP_FROM_BOUNDING_SET, OVERRIDE, READ_SEARCH, BIND_SERVICE = 24, 1, 2, 10
"""prctl's and Linux's numbers: root without these rights is refused what other users are refused."""


def without_root_rights() -> None:
    for right in (OVERRIDE, READ_SEARCH, BIND_SERVICE):
        CDLL(None).prctl(DROP_FROM_BOUNDING_SET, right, 0, 0, 0)


def on_a_full_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def run(
    data: Path, *words: str, prepare: Callable[[], None] | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A command on this data folder, which ends by itself."""
    return subprocess.run(
        [str(SHOUHOU), *words],
        cwd=data.parent,
        env=environment() | {"SHOUHOU_DATA": str(data), "SHOUHOU_WEB__PORT": str(free_port())} | variables,
        preexec_fn=prepare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_is_a_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("Error: ")], done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def shop(data: Path) -> Path:
    """An empty one of this version. Returns its database."""
    (data / "evidence").mkdir(parents=True)
    migrated.fill(data / DATABASE)
    return data / DATABASE


every_command = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)


@every_command
def test_database_that_is_none(tmp_path: Path, words: tuple[str, ...]) -> None:
    shop(tmp_path / "data").write_bytes(b"not a database " * 1000)

    assert_is_a_sentence(run(tmp_path / "data", *words), DATABASE, "damaged", "backup")


@every_command
def test_database_of_a_newer_version(tmp_path: Path, words: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(shop(tmp_path / "data"))) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9001'")

    assert_is_a_sentence(run(tmp_path / "data", *words), DATABASE, "newer version", "9001", "backup")


@every_command
def test_database_of_another_program(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE)) as database, database:
        database.execute("CREATE TABLE notes (text)")

    assert_is_a_sentence(run(tmp_path / "data", *words), DATABASE, "another program", "another data folder")


@every_command
def test_folder_that_may_not_be_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    shop(tmp_path / "data")
    (tmp_path / "data").chmod(0o500)

    done = run(tmp_path / "data", *words, prepare=without_root_rights)

    assert_is_a_sentence(done, str(tmp_path / "data"), "user")


@every_command
def test_folder_that_may_not_be_looked_into(tmp_path: Path, words: tuple[str, ...]) -> None:
    shop(tmp_path / "data")
    (tmp_path / "data").chmod(0)

    done = run(tmp_path / "data", *words, prepare=without_root_rights)

    assert_is_a_sentence(done, str(tmp_path / "data"), "user")


@every_command
def test_database_that_is_a_folder(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "data" / DATABASE).mkdir(parents=True)

    assert_is_a_sentence(run(tmp_path / "data", *words), DATABASE)


@pytest.mark.parametrize("page", [0, 1, 2, -1])
def test_database_with_a_damaged_page_starts_or_says_so(tmp_path: Path, page: int) -> None:
    """Which page it is decides what notices it; nothing says so by a traceback."""
    whole = shop(tmp_path / "data").read_bytes()
    at = page * PAGE_BYTES % len(whole)
    (tmp_path / "data" / DATABASE).write_bytes(whole[:at] + b"\xff" * PAGE_BYTES + whole[at + PAGE_BYTES :])
    server = Server(tmp_path / "data")

    with suppress(AssertionError):  # it has ended
        server.start()
    block_until(lambda: server.log.stat().st_size or server.has_ended())  # it says so a moment after it answers
    server.kill()

    log = server.log.read_text("utf-8")
    assert "Traceback" not in log
    assert "damaged" in log or "Shouhou is running" in log


@pytest.mark.parametrize("words", [COMMANDS["start"], COMMANDS["chat"]], ids=["start", "chat"])
@pytest.mark.parametrize("place", ["data", "data/deeper"])
def test_file_in_place_of_the_folder(tmp_path: Path, words: tuple[str, ...], place: str) -> None:
    (tmp_path / "data").write_text("a file")

    assert_is_a_sentence(run(tmp_path, *words, SHOUHOU_DATA=str(tmp_path / place)), "data", "a file stands")


@pytest.mark.parametrize("words", [COMMANDS["start"], COMMANDS["chat"]], ids=["start", "chat"])
def test_full_disk(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert_is_a_sentence(run(tmp_path / "data", *words, prepare=on_a_full_disk), "make room")

    shop(tmp_path / "shop")
    assert_is_a_sentence(run(tmp_path / "shop", *words, prepare=on_a_full_disk), "make room")


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "shouhou.toml"
    file.mkdir()
    assert_is_a_sentence(run(tmp_path / "data", "settings"), "shouhou.toml")
    file.rmdir()
    file.write_text("")
    file.chmod(0)
    assert_is_a_sentence(run(tmp_path / "data", "settings", prepare=without_root_rights), "shouhou.toml")


@contextmanager
def listening(port: int = 0):  # type: ignore[no-untyped-def]
    with socket.create_server(("127.0.0.1", port)) as listener:
        yield listener.getsockname()[1]


def test_port_that_is_taken(tmp_path: Path) -> None:
    with listening() as port:
        done = run(tmp_path / "data", "start", SHOUHOU_WEB__PORT=str(port))

    assert_is_a_sentence(done, f"127.0.0.1 port {port}", "another program listens there", "SHOUHOU_WEB__PORT")
    assert not (tmp_path / "data" / "server.json").exists()


def test_address_of_another_machine(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "start", SHOUHOU_WEB__HOST="203.0.113.7")

    assert_is_a_sentence(done, "203.0.113.7", "no such address", "SHOUHOU_WEB__HOST")
    assert "another program" not in done.stderr


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "a" * 300, "127.0.0.1:8080"])
def test_host_that_nobody_knows(tmp_path: Path, host: str) -> None:
    done = run(tmp_path / "data", "start", SHOUHOU_WEB__HOST=host)

    assert_is_a_sentence(done, host, "SHOUHOU_WEB__HOST")
    assert "another program" not in done.stderr


def test_port_that_is_for_root(tmp_path: Path) -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first <= 1:
        pytest.skip("this machine lets everybody listen at all ports")

    done = run(tmp_path / "data", "start", SHOUHOU_WEB__PORT=str(first - 1), prepare=without_root_rights)

    assert_is_a_sentence(done, str(first - 1), "this user may not listen there")
    assert "another program" not in done.stderr


def test_name_with_several_addresses_is_served_at_each(tmp_path: Path) -> None:
    with running(tmp_path / "data", {"SHOUHOU_WEB__HOST": "localhost"}) as server:
        assert server.is_up()


def test_terminal_that_is_closed_stops_the_server_as_ctrl_c_does(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        server.signal(signal.SIGHUP)

        assert server.wait(20) == 0

    assert not (tmp_path / "data" / "server.json").exists()
    assert json.loads(server.log.read_text("utf-8").splitlines()[-1])["event"] == "stopped"


def test_terminal_that_is_closed_does_not_stop_a_server_under_nohup(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does, and children inherit it
    try:
        server = Server(tmp_path / "data")
        server.start()
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        server.signal(signal.SIGHUP)
        ignored = int(
            next(
                line for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if "SigIgn" in line
            ).split()[1],
            16,
        )

        assert ignored & 1 << (signal.SIGHUP - 1)
        assert server.is_up()
    finally:
        server.stop()
    block_until(server.has_ended)
