"""The command line's side of the door: through the running server; without one, the same actions in this process."""

import asyncio
import hmac
import json
import secrets
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import click

from bot import event_loop
from bot.door import PROOF_PATH, proof
from bot.settings import Settings

SECONDS = 30
PROOF_SECONDS = 10
SLOW = {"evidence.pack": 900, "evidence.get": 900}
"""Seconds for what moves many bytes."""
LARGEST_PROOF = 1000
DOOR = "server.json"


class NotOursError(Exception):
    """Nobody answers at the door's address, or who answers is not the server that wrote the door."""


def ask(settings: Settings, action: str, fields: dict[str, Any]) -> Any:
    """Raises LookupError with the sentence that says why not."""
    fields["request"] = secrets.token_hex(16)
    try:
        door = json.loads((settings.data / DOOR).read_text("utf-8"))
        url, token = str(door["url"]), str(door["token"])
    except (OSError, ValueError, LookupError, TypeError):
        url = token = ""
    try:
        return ask_through(url, token, action, fields)
    except NotOursError:  # it was killed, and its door is still there
        return event_loop.run(act_here(settings, action, fields, url))


def ask_through(url: str, token: str, action: str, fields: dict[str, Any]) -> Any:
    """Raises NotOursError before anything has left, else LookupError with the sentence that says why not."""
    if not token:
        raise NotOursError
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
    except ValueError as error:
        raise NotOursError from error
    with closing(HTTPConnection(host, port, timeout=PROOF_SECONDS)) as connection:
        prove(connection, token)
        connection.auto_open = False
        # The same connection: the other end is who has just proved to have the token, whatever comes to the port meanwhile.
        connection.sock.settimeout(SLOW.get(action, SECONDS))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/control/{action}", json.dumps(fields), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            raise LookupError(
                f"the server at {url} gave no answer ({type(error).__name__}): look whether it was done before you repeat it"
            ) from error
    if response.status == 200:
        return answer["result"]
    raise LookupError(answer["error"])


def prove(connection: HTTPConnection, token: str) -> None:
    """Raises NotOursError unless the other end has the token too. It is not shown to them."""
    nonce = secrets.token_hex(32)
    try:
        connection.request("GET", f"/{PROOF_PATH}?nonce={nonce}")
        response = connection.getresponse()
        answer = json.loads(response.read(LARGEST_PROOF))
        is_ours = hmac.compare_digest(str(answer["proof"]).encode(), proof(token, nonce).encode())
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        raise NotOursError from error
    if not is_ours or connection.sock is None:
        raise NotOursError


async def act_here(settings: Settings, action: str, fields: dict[str, Any], url: str) -> Any:
    """`url` is where a server was, by its door."""
    from bot.app import App, DataLock
    from bot.control import ControlError

    lock = DataLock(settings.data)
    if not lock.take():
        where = f"; what answers at {url}, or does not, is not it" if url else ""
        raise LookupError(
            f"another program of Shouhou is using {settings.data}{where}: a server that is starting or stopping, or "
            "`shouhou chat`. Try again in a moment, or end that terminal"
        )
    click.echo(
        f"No server runs on {settings.data}, so this is done here; what customers are to be told goes out when one does: "
        f"`./run`, or `shouhou start --data {settings.data}`.",
        err=True,
    )
    app = App(settings)
    try:
        await app.database.migrate()
        app.add(app.platforms())
        dispatching = asyncio.create_task(app.dispatcher.run())
        try:
            return await app.control.do(action, fields)
        except ControlError as error:
            raise LookupError(str(error)) from error
        finally:
            dispatching.cancel()
    finally:
        await app.stop()
        lock.release()
