"""The running server: the web page, the platforms' callbacks and the command line's door, until a signal stops it."""

import asyncio
import gc
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
import uvicorn
from starlette.applications import Starlette

from bot import control_routes
from bot.app import App, DataLock
from bot.control import write_door
from bot.health import Health
from bot.limited_http import HttpLimits, allow_connections, protocol_under
from bot.log import where
from bot.settings import Settings

GRACE_SECONDS = 5
DOOR = "server.json"
GARBAGE_EVERY = 50_000
"""New objects until the collector looks for cycles among them. Python's 700 cost a tenth of a busy bot's time; we make few cycles."""
logger = structlog.get_logger()


class StartError(Exception):
    """Why the server cannot start, in a sentence for its operator."""


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: everything stops together, not the HTTP part first."""
        yield


async def serve(settings: Settings) -> None:
    """Until SIGINT or SIGTERM. Raises StartError."""
    lock = DataLock(settings.data)
    if not lock.take():
        raise StartError(f"Shouhou is already running on {settings.data}: {running_url(settings)}")
    app = App(settings)
    gc.enable()
    if why := await app.objects.refusal():
        raise StartError(why)
    await app.database.migrate()
    app.add(app.platforms())
    await app.take_over()
    gc.freeze()
    gc.set_threshold(GARBAGE_EVERY)
    url = f"http://{url_host(settings.web.host)}:{settings.web.port}/"
    token = write_door(settings.data / DOOR, url)
    routes = [
        *control_routes.routes(app.control, token),
        *Health(app).routes(),
        *(route for one in app.adapters.values() for route in one.routes(app.dispatcher.accept)),
    ]
    server = Server(
        uvicorn.Config(
            Starlette(routes=routes),
            host=settings.web.host,
            port=settings.web.port,
            http=protocol_under(limits_for(app)),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            lifespan="off",
        )
    )
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    app.start()
    polling = [asyncio.create_task(adapter.run(app.dispatcher.accept)) for adapter in app.adapters.values()]
    serving = asyncio.create_task(listen(server))
    stop = asyncio.create_task(stopping.wait())
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        if server.started:
            print(f"Shouhou is running: {url}\nCtrl-C stops it.", flush=True)  # noqa: T201
        await asyncio.wait({serving, stop, *app.tasks, *polling}, return_when=asyncio.FIRST_COMPLETED)
        ended = [name_of(task) for task in (*app.tasks, *polling) if task.done()]
        for task in polling:
            task.cancel()
        await asyncio.gather(*polling, return_exceptions=True)
        server.should_exit = True
        if await serving is False:
            raise StartError(
                f"port {settings.web.port} of {settings.web.host} is taken: choose another with --port or SHOUHOU_WEB__PORT"
            )
        if ended:
            raise StartError(f"a part of the bot ended that never should, so the rest was stopped: {', '.join(ended)}")
    finally:
        await app.stop()
        (settings.data / DOOR).unlink(missing_ok=True)
        lock.release()
        logger.info("stopped")


def name_of(ended: asyncio.Task[None]) -> str:
    """Which coroutine it was, and where it failed."""
    error = None if ended.cancelled() else ended.exception()
    return f"{getattr(ended.get_coro(), '__qualname__', '')} ({where(error) if error else 'no error'})"


async def listen(server: Server) -> bool:
    """False when the port cannot be had."""
    try:
        await server.serve()
    except SystemExit:  # uvicorn's way of saying so
        return False
    return True


def limits_for(app: App) -> HttpLimits:
    web = app.settings.web
    return HttpLimits(
        head_bytes=web.head_bytes,
        head_seconds=web.head_seconds,
        connections=allow_connections(web.most_connections),
        connections_an_address=web.most_connections_an_address,
        crowded=app.wording.text(app.settings.language, "web.crowded"),
    )


def url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def running_url(settings: Settings) -> str:
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads((settings.data / DOOR).read_text("utf-8"))["url"])
    return "it is just starting or stopping"
