"""The running server: the web page, the platforms' callbacks and the command line's door, until a signal stops it."""

import asyncio
import gc
import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
import structlog
import uvicorn
from starlette.applications import Starlette

from bot import control_routes
from bot.app import App, DataLock
from bot.control import write_door
from bot.health import Health
from bot.limited_http import HttpLimits, allow_connections, protocol_under
from bot.listening import listening_sockets
from bot.settings import Settings
from bot.start_error import StartError

GRACE_SECONDS = 5
ASK_SECONDS = 10.0
DOOR = "server.json"
GARBAGE_EVERY = 50_000
"""New objects until the collector looks for cycles among them. Python's 700 cost a tenth of a busy bot's time; we make few cycles."""
logger = structlog.get_logger()


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: everything stops together, not the HTTP part first."""
        yield


async def serve(settings: Settings) -> None:
    """Until SIGINT, SIGTERM or SIGHUP. Raises StartError."""
    lock = DataLock(settings.data)
    if not lock.take():
        raise StartError(f"Shouhou is already running on {settings.data}: {running_url(settings)}")
    app = App(settings)
    gc.enable()
    is_new = not app.database.path.exists()
    await app.database.migrate()
    app.add(app.platforms())
    try:
        await app.check_evidence_store()
    except StartError:
        if is_new:  # commands would find it and say that there are no cases
            await app.database.discard()
        raise
    await app.take_over()
    gc.freeze()
    gc.set_threshold(GARBAGE_EVERY)
    sockets = listening_sockets(settings.web)
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
    for name in stop_signals():
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    app.start()
    app.start_adapters()
    serving = asyncio.create_task(server.serve(sockets))
    stop = asyncio.create_task(stopping.wait())
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        if server.started:
            print(f"Shouhou is running: {url}\nCtrl-C stops it.", flush=True)  # noqa: T201
        await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
        await app.stop_adapters()
        server.should_exit = True
        await serving
    finally:
        await app.stop()
        (settings.data / DOOR).unlink(missing_ok=True)
        lock.release()
        logger.info("stopped")


def stop_signals() -> list[signal.Signals]:
    """A terminal that is closed stops the server as Ctrl-C does, unless whoever started it (nohup) wants it to go on."""
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *hang_up]


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


async def checks_of_server(settings: Settings) -> Mapping[str, Any] | None:
    """Return the checks that the running server tells in /readyz, by name; None where no server answers."""
    timeout = aiohttp.ClientTimeout(total=ASK_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{running_url(settings)}readyz") as answer:
            checks = (await answer.json())["checks"]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        return None
    return checks if isinstance(checks, dict) else None
