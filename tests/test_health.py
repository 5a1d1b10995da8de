"""What operators' tools ask: does it live, can it work, what has it done."""

import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.customers import arrive
from tests.servers import Server, running
from tests.waiting import GENEROUS_SECONDS

A_MINUTE_AGO_AND_TEN = "2026-01-01T00:00:00.000000+00:00"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("health") / "data") as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def ask(server: Server, what: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"{server.url}/{what}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=GENEROUS_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def ready(server: Server) -> tuple[int, Any]:
    status, body = ask(server, "readyz")
    return status, json.loads(body)


def count(server: Server, line: str) -> float:
    _, body = ask(server, "metrics")
    return next((float(one.rpartition(" ")[2]) for one in body.splitlines() if one.startswith(line + " ")), 0.0)


def database(server: Server) -> sqlite3.Connection:
    return sqlite3.connect(server.data / "shouhou.db", timeout=10)


def test_server_that_has_just_started_is_well(server: Server) -> None:
    assert ask(server, "healthz") == (200, '{"ok":true}')
    status, answer = ready(server)
    assert status == 200
    assert {name: check["ok"] for name, check in answer["checks"].items()} == {
        "store": True, "evidence": True, "tasks": True, "platforms": True, "outbox": True, "errands": True,
    }  # fmt: skip


def test_locked_database_is_not_ready_and_then_ready_again(server: Server) -> None:
    with closing(database(server)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, answer = ready(server)
        assert (status, answer["checks"]["store"]) == (503, {"ok": False})
        assert ask(server, "healthz")[0] == 200
        other.execute("ROLLBACK")

    assert ready(server)[0] == 200


def test_full_disk_is_not_ready_and_then_ready_again(server: Server) -> None:
    with server.full_disk():
        assert ready(server)[0] == 503

    assert ready(server)[0] == 200


def test_errand_that_nobody_does_is_not_ready(server: Server) -> None:
    with closing(database(server)) as other, other:
        row = ("1", "webchat", "webchat:1", "unheard-of", "1", "{}", "due", A_MINUTE_AGO_AND_TEN, 0)
        other.execute("PRAGMA foreign_keys = OFF")
        columns = "id, platform, address, kind, subject, details, state, due_at, failures"
        other.execute(f"INSERT INTO errands ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    status, answer = ready(server)

    assert (status, answer["checks"]["errands"]["ok"]) == (503, False)
    with closing(database(server)) as other, other:
        other.execute("UPDATE errands SET state = 'done'")
    assert ready(server)[0] == 200


async def test_what_was_done_is_counted(http: aiohttp.ClientSession, server: Server) -> None:
    anna = await arrive(http, server.url, "en")
    before = count(server, 'shouhou_turns_total{kind="text",platform="webchat"}')

    for _ in range(3):
        await anna.say("hello")
    await anna.press("status")

    assert count(server, 'shouhou_turns_total{kind="text",platform="webchat"}') == before + 3
    assert count(server, 'shouhou_turns_total{kind="pressed",platform="webchat"}') == 1
    assert count(server, 'shouhou_accept_seconds_count{platform="webchat"}') >= 4
    assert count(server, "shouhou_set_aside_waiting") == 0
    assert "anna" not in ask(server, "metrics")[1]


def test_metrics_are_for_this_machine_or_for_who_has_the_token(server: Server, tmp_path: Path) -> None:
    assert ask(server, "metrics")[0] == 200
    assert ask(server, "metrics", **{"X-Forwarded-For": "203.0.113.7"})[0] == 404
    with running(tmp_path / "data", {"SHOUHOU_WEB__METRICS_TOKEN": "s3cret"}) as guarded:
        assert ask(guarded, "metrics")[0] == 404
        assert ask(guarded, "metrics", Authorization="Bearer wrong")[0] == 404
        assert ask(guarded, "metrics", Authorization="Bearer s3cret")[0] == 200
        assert "s3cret" not in guarded.shouhou("settings").stdout
