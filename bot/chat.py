"""A conversation in the terminal. Beside a running server it uses the same store, and leaves the server's platforms alone."""

import asyncio
import sys

from bot.adapters.console import ConsoleAdapter
from bot.app import App, DataLock
from bot.settings import DATABASE, Settings
from bot.store.database import Database

PROMPT = "me:   "
NEWS_SECONDS = 0.5
"""How often to look for what a server has to say here."""
ANSWERED_SECONDS = 30
"""How long to wait for the last answers when the lines end."""


async def talk(settings: Settings, name: str, language: str | None) -> None:
    app = App(settings, database=Database(settings.data / DATABASE, checkpoints=False))
    await migrate(app)
    adapter = ConsoleAdapter(name, language, read_line, show)
    app.add([adapter], longest_nap=NEWS_SECONDS)
    await app.check_evidence_store()
    await app.take_over(reminders=False)
    app.start(reminders=False)

    async def accept(event: object) -> object:
        said = await app.dispatcher.accept(event)  # type: ignore[arg-type]
        await settled(app)  # a terminal reads better when the answer comes before the next line
        return said

    try:
        await adapter.run(accept)  # type: ignore[arg-type]
        await asyncio.wait_for(settled(app), ANSWERED_SECONDS)
    except (asyncio.CancelledError, TimeoutError):
        return
    finally:
        await app.stop()


async def migrate(app: App) -> None:
    """Not at the same time as another terminal. A running server holds the lock, and has migrated."""
    lock = DataLock(app.settings.data)
    lock.take()
    try:
        await app.database.migrate()
    finally:
        lock.release()


async def settled(app: App) -> None:
    """Until nothing is left to do or to say here."""
    from bot.store import errands, outbox

    while True:
        async with app.database.reading() as connection:
            to_do = await errands.next_due(connection, tuple(app.adapters), app.errands.kinds)
            to_say = [await outbox.next_due(connection, platform) for platform in app.adapters]
        if to_do is None and not any(to_say):
            return
        await asyncio.sleep(0.01)


def read_line() -> str | None:
    if sys.stdin.isatty():
        try:
            return input(PROMPT)
        except EOFError:
            return None
    line = sys.stdin.readline()
    if line:
        show(PROMPT + line.rstrip("\n"))
    return line or None


def show(text: str) -> None:
    print(text, flush=True)  # noqa: T201
