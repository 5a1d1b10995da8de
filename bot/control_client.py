"""The command line's side of the door: through the running server; without one, the same actions in this process."""

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from typing import Any

from bot import event_loop
from bot.settings import Settings

SECONDS = 30
SLOW = {"evidence.pack": 900, "evidence.get": 900}
"""Seconds for what moves many bytes."""


def ask(settings: Settings, action: str, fields: dict[str, Any]) -> Any:
    """Raises LookupError with the sentence that says why not."""
    fields["request"] = secrets.token_hex(16)
    try:
        door = json.loads((settings.data / "server.json").read_text("utf-8"))
    except (OSError, ValueError):
        return event_loop.run(act_here(settings, action, fields))
    request = urllib.request.Request(  # noqa: S310 - our own server's address
        f"{door['url']}control/{action}",
        data=json.dumps(fields).encode(),
        headers={"Authorization": f"Bearer {door['token']}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=SLOW.get(action, SECONDS)) as response:  # noqa: S310
            return json.load(response)["result"]
    except urllib.error.HTTPError as error:
        if error.code == 409:
            raise LookupError(json.load(error)["error"]) from error
        raise LookupError(f"the server at {door['url']} answered {error.code}") from error
    except urllib.error.URLError:
        return event_loop.run(act_here(settings, action, fields))  # it was killed: its door is still there


async def act_here(settings: Settings, action: str, fields: dict[str, Any]) -> Any:
    from bot.app import App, DataLock
    from bot.control import ControlError

    lock = DataLock(settings.data)
    if not lock.take():
        raise LookupError(f"a server is starting or stopping on {settings.data}: try again in a moment")
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
