"""The child processes that look at files: long-lived, replaced, and never more than one file's misfortune."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.look.workers import Child, Workers, environment
from tests.looked import child
from tests.pictures import jpeg
from tests.waiting import GENEROUS_SECONDS

SIZE = (96, 64)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    ours = Workers(most=1)
    yield ours
    await ours.stop()


@pytest.fixture
def photo(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "photo.jpg"
    file.write_bytes(jpeg(size=SIZE))
    return {"do": "look", "file": str(file), "folder": str(tmp_path)}


async def test_one_child_looks_at_many(workers: Workers, photo: dict[str, object]) -> None:
    said = [await workers.ask(photo, "1") for _ in range(5)]

    assert all(one["kind"] == "JPEG" for one in said)
    assert len(workers._idle) == 1


async def test_file_that_kills_its_child_is_tried_twice_and_then_failed(
    workers: Workers, photo: dict[str, object], tmp_path: Path
) -> None:
    with capture_logs() as lines:
        said = await workers.ask({**photo, "do": "nothing that it knows"}, "errand 7")

    assert said == {"refused": "failed"}
    assert [line["tried"] for line in lines] == [1, 2]
    assert all(line["id"] == "errand 7" and str(tmp_path) not in str(line) for line in lines)
    assert (await workers.ask(photo, "8"))["kind"] == "JPEG"


async def test_child_that_hangs_is_ended(photo: dict[str, object]) -> None:
    workers = Workers(most=1, seconds=0.2)
    pipe = Path(str(photo["folder"])) / "pipe"
    os.mkfifo(pipe)  # opening it waits for a writer, for ever

    async with asyncio.timeout(GENEROUS_SECONDS):
        said = await workers.ask({**photo, "file": str(pipe)}, "1")

    assert said == {"refused": "failed"}
    await workers.stop()


def dies_of(sent: signal.Signals) -> Callable[[Child], None]:
    return lambda child: os.kill(child._process.pid, sent)


def hangs_with_its_pipe_closed(child: Child) -> None:
    os.kill(child._process.pid, signal.SIGSTOP)
    child.leave()


def wait_behind_the_loop(pid: int) -> None:
    """Until the process has ended, without letting the loop run (which may have been quicker all the same)."""
    with suppress(ChildProcessError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


GOING = {
    "left": Child.leave,
    "killed": dies_of(signal.SIGKILL),  # as the kernel does for memory
    "crashed": dies_of(signal.SIGSEGV),
    "asked to end": dies_of(signal.SIGTERM),
}


@pytest.mark.parametrize("go", GOING.values(), ids=GOING)
async def test_child_that_has_gone_between_two_files_costs_nothing(
    workers: Workers, photo: dict[str, object], go: Callable[[Child], None]
) -> None:
    """Such as one that had nothing to do for two minutes."""
    await workers.ask(photo, "1")
    go(workers._idle[0])
    await workers._idle[0].ended()

    with capture_logs() as lines:
        answer = await workers.ask(photo, "2")

    assert answer["kind"] == "JPEG"
    assert lines == []


@pytest.mark.parametrize("go", GOING.values(), ids=GOING)
async def test_child_is_gone_and_the_loop_has_not_heard_of_it(
    workers: Workers, photo: dict[str, object], go: Callable[[Child], None]
) -> None:
    await workers.ask(photo, "1")
    go(workers._idle[0])
    await asyncio.sleep(0)  # closing a pipe takes the loop one round
    wait_behind_the_loop(workers._idle[0]._process.pid)

    assert (await workers.ask(photo, "2"))["kind"] == "JPEG"


async def test_child_whose_pipe_is_closed_is_not_waited_for(workers: Workers, photo: dict[str, object]) -> None:
    await workers.ask(photo, "1")
    stuck = workers._idle[0]
    hangs_with_its_pipe_closed(stuck)

    with capture_logs() as lines:
        answer = await workers.ask(photo, "2")

    assert answer["kind"] == "JPEG"
    assert lines == []
    await stuck.ended()


async def test_all_children_are_killed_and_the_next_photo_is_seen_all_the_same(photo: dict[str, object]) -> None:
    """Each would cost a try of two, though none of it is the photo's fault."""
    workers = Workers(most=2)
    await asyncio.gather(workers.ask(photo, "1"), workers.ask(photo, "2"))
    pids = [child._process.pid for child in workers._idle]
    assert len(pids) == 2
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        wait_behind_the_loop(pid)

    assert (await workers.ask(photo, "3"))["kind"] == "JPEG"
    await workers.stop()


async def test_photo_that_is_looked_at_while_all_stops_is_looked_at_again_later(photo: dict[str, object]) -> None:
    """It is not refused, and its child does not stay."""
    workers = Workers(most=1)
    await workers.ask(photo, "1")
    child = workers._idle[0]
    pipe = Path(str(photo["folder"])) / "pipe"
    os.mkfifo(pipe)
    asking = asyncio.create_task(workers.ask({**photo, "file": str(pipe)}, "2"))
    while workers._idle:
        await asyncio.sleep(0)

    async with asyncio.timeout(GENEROUS_SECONDS):
        await workers.stop()

    with pytest.raises(OSError, match="stopped"):
        await asking
    assert not child.is_running


async def test_others_do_not_notice_that_a_child_is_killed(photo: dict[str, object]) -> None:
    workers = Workers(most=2)

    bad, *good = await asyncio.gather(
        workers.ask({**photo, "do": "nothing that it knows"}, "bad"),
        *(workers.ask(photo, str(number)) for number in range(10)),
    )

    assert bad == {"refused": "failed"}
    assert all(one["kind"] == "JPEG" for one in good)
    await workers.stop()


async def test_given_up_request_takes_its_child_along(workers: Workers, photo: dict[str, object]) -> None:
    """Or its late answer would be taken for that of the next file."""
    await workers.ask(photo, "1")
    child = workers._idle[0]
    pipe = Path(str(photo["folder"])) / "pipe"
    os.mkfifo(pipe)
    asking = asyncio.create_task(workers.ask({**photo, "file": str(pipe)}, "2"))
    while workers._idle:
        await asyncio.sleep(0)

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(GENEROUS_SECONDS):
        await child.ended()
    assert (await workers.ask(photo, "3"))["kind"] == "JPEG"


async def test_copies_that_cannot_be_written_are_no_fault_of_the_photo(
    workers: Workers, photo: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="copies"):
        await workers.ask({**photo, "folder": str(tmp_path / "no folder")}, "1")


async def test_child_that_cannot_start_is_no_fault_of_the_photo(photo: dict[str, object]) -> None:
    with pytest.raises(OSError, match="did not start"):
        await Workers("no such kind").ask(photo, "1")


async def test_reading_leaves_a_child_to_those_who_wait(photo: dict[str, object]) -> None:
    workers = Workers(most=2)
    pipes = [Path(str(photo["folder"])) / f"pipe {number}" for number in range(3)]
    for pipe in pipes:
        os.mkfifo(pipe)
    reading = [asyncio.create_task(workers.ask({"do": "codes", "file": str(pipe)}, "r", later=True)) for pipe in pipes]
    await asyncio.sleep(0)

    async with asyncio.timeout(GENEROUS_SECONDS):
        assert (await workers.ask(photo, "1"))["kind"] == "JPEG"

    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    await workers.stop()


async def test_stop_leaves_no_child(photo: dict[str, object]) -> None:
    workers = Workers(most=2)
    await asyncio.gather(*(workers.ask(photo, str(number)) for number in range(4)))
    pids = [one._process.pid for one in workers._idle]

    await workers.stop()

    assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_child_is_replaced_when_it_has_grown(tmp_path: Path) -> None:
    """What a library does not give back would add up."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(size=SIZE))
    with child("pictures", "0") as one:
        said = one.ask(do="look", file=photo, folder=tmp_path).seen

    assert said
    assert said["ends"] is True


def test_child_ends_with_its_input() -> None:
    with child() as one:
        pass

    assert one.process.returncode == 0


def test_child_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUHOU_TELEGRAM__TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://name:secret@proxy")

    assert not any("secret" in value for value in environment().values())
