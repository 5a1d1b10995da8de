"""The command line's door: nonsense gets a sentence, and the token goes to nobody but the server that wrote it down."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot import control_routes
from bot.app import App, DataLock
from bot.control_fields import ACTIONS, DECISIONS
from bot.event_loop import new_runner
from bot.settings import Settings
from tests.customers import arrive
from tests.fakes import NOTHING_READ
from tests.servers import Server, running

TOKEN = "t" * 43
Body = bytes | Iterator[bytes]


class Door:
    """The door of an App in this process, without a socket."""

    def __init__(self, app: App) -> None:
        self._asgi = Starlette(routes=control_routes.routes(app.control, TOKEN))

    async def ask(self, action: str, body: bytes) -> tuple[int, Any]:
        """The status, and the JSON of the answer."""
        scope = {
            "type": "http", "method": "POST", "path": f"/control/{action}", "query_string": b"", "root_path": "",
            "headers": [(b"authorization", f"Bearer {TOKEN}".encode())], "http_version": "1.1", "scheme": "http",
        }  # fmt: skip
        to_come = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return to_come.pop(0) if to_come else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._asgi(scope, receive, send)
        return sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent[1:]))


@asynccontextmanager
async def open_door(data: Path) -> AsyncIterator[Door]:
    app = App(Settings(data=data, evidence=NOTHING_READ))
    await app.database.migrate()
    app.add(app.platforms())
    dispatching = asyncio.create_task(app.dispatcher.run())
    try:
        yield Door(app)
    finally:
        dispatching.cancel()
        await app.stop()


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, bytes], tuple[int, Any]]]:
    """Ask the door from a function that is not async, as hypothesis calls it."""
    with new_runner() as runner:
        door_of = open_door(tmp_path_factory.mktemp("door") / "data")
        door = runner.run(door_of.__aenter__())
        yield lambda action, body: runner.run(door.ask(action, body))
        runner.run(door_of.__aexit__(None, None, None))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
NAMES = sorted({name for fields in (*ACTIONS.values(), *DECISIONS.values()) for name in fields.model_fields})
LIKELY = st.sampled_from(["KS-222-222-222", "webchat:1", ":", "approve", "reply", "view", "li", "59", "\ud800", "\0"])
OBJECTS = st.dictionaries(
    st.sampled_from(NAMES), VALUES | LIKELY | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3), max_size=8
)
BODIES = st.binary(max_size=200) | (OBJECTS | VALUES).map(lambda value: json.dumps(value).encode())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(action=st.sampled_from([*ACTIONS, "nothing"]), body=BODIES)
def test_whatever_the_body_is_the_answer_is_a_result_or_a_sentence(
    ask: Callable[[str, bytes], tuple[int, Any]], action: str, body: bytes
) -> None:
    status, answer = ask(action, body)

    assert status == 200 or (400 <= status < 500 and len(answer["error"]) > 5), (status, answer)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "JSON"),
        (b"{", 400, "JSON"),
        (b'"\xff"', 400, "JSON"),
        ("{}".encode("utf-16"), 400, "number"),
        (b"[" * 100_000, 400, "JSON"),
        (b"[]", 400, "dictionary"),
        (b"{}", 400, "number"),
        (b'{"number": 5, "agent": "li"}', 400, "number"),
        (b'{"number": "KS-1", "agent": "li", "more": 1}', 400, "more"),
        (b'{"number": "\\ud800", "agent": "li"}', 400, "number"),
        (b'{"number": "KS-1", "agent": "li"}', 409, "KS-1"),
        (b" " * (1 << 21), 413, "larger"),
    ],
)
def test_wrong_body_is_told_with_the_field(
    ask: Callable[[str, bytes], tuple[int, Any]], body: bytes, status: int, words: str
) -> None:
    answered, answer = ask("case.show", body)

    assert answered == status
    assert words in answer["error"]


# Who has the port


class Impostor:
    """Another program on a port that was ours: it answers whatever it is asked and keeps what it heard."""

    def __init__(self, port: int, answer: bytes) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self._answer = answer
        self.heard = b""
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                while piece := connection.recv(65536):
                    self.heard += piece
                    connection.sendall(self._answer)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def http_answer(body: Mapping[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content


ANSWERS = {
    "a web server": http_answer({"result": {"said": ["done"], "cases": [], "waiting": []}}),
    "one that knows what is asked": http_answer({"proof": "0" * 64, "result": {"cases": [], "waiting": []}}),
    "no HTTP": b"220 mail.example ESMTP\r\n",
}


@contextmanager
def impostor_in_place_of(server: Server, answer: bytes) -> Iterator[Impostor]:
    server.kill()
    impostor = Impostor(server.port, answer)
    try:
        yield impostor
    finally:
        impostor.close()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    """A running server, and a case in it."""
    with running(tmp_path / "data") as server:
        async with aiohttp.ClientSession() as http:
            anna = await arrive(http, server.url, "en")
            yield server, await anna.claims("My kettle arrived with a crack, I want a refund, order 2100000000001")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_program_on_the_old_port_learns_nothing_and_agents_go_on(shop: tuple[Server, str], answer: bytes) -> None:
    server, number = shop
    token = json.loads((server.data / "server.json").read_text())["token"]
    with impostor_in_place_of(server, answer) as impostor:
        told = await asyncio.to_thread(server.shouhou, "case", "approve", number, "--amount", "59.00")

        assert told.returncode == 0, told.stderr
        assert "59.00" in told.stdout
        assert "No server runs" in told.stderr
        assert str(server.data) in told.stderr
        assert impostor.heard.startswith(b"GET /control/proof?nonce=")
        assert token.encode() not in impostor.heard
        assert number.encode() not in impostor.heard
    assert json.loads((server.data / "server.json").read_text())["token"] == token


async def test_nothing_is_done_here_while_another_program_has_the_folder(shop: tuple[Server, str]) -> None:
    server, number = shop
    with impostor_in_place_of(server, ANSWERS["a web server"]) as impostor:
        lock = DataLock(server.data)
        assert lock.take()
        try:
            told = await asyncio.to_thread(server.shouhou, "case", "approve", number, "--amount", "59.00")
        finally:
            lock.release()

    assert told.returncode == 1
    assert "another program of Shouhou is using" in told.stderr
    assert "Traceback" not in told.stderr
    assert b"Bearer" not in impostor.heard


async def test_proof_is_for_a_nonce_alone(shop: tuple[Server, str]) -> None:
    server, _ = shop
    async with aiohttp.ClientSession() as http:
        for nonce in ("", "x", "0" * 63, "0" * 65, "G" * 64):
            async with http.get(f"{server.url}/control/proof", params={"nonce": nonce}) as response:
                assert response.status == 404
        async with http.get(f"{server.url}/control/proof", params={"nonce": "0" * 64}) as response:
            assert len((await response.json())["proof"]) == 64
