"""A bare webhook with a durable inbox, which decides nothing: PORT SECRET FILE. It commits before it says 200, and answers nobody."""

import asyncio
import hmac
import json
import sqlite3
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

port, secret, file = sys.argv[1:4]
database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, raw TEXT)")
Waiting = tuple[int, str, asyncio.Future[None]]
arrived: asyncio.Queue[Waiting] = asyncio.Queue()


def store(waiting: list[Waiting]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT OR IGNORE INTO inbox VALUES (?, ?)", [(id_, raw) for id_, raw, _ in waiting])
    database.execute("COMMIT")


async def store_all() -> None:
    """What came during a commit shares the next."""
    while True:
        waiting = [await arrived.get()]
        while not arrived.empty():
            waiting.append(arrived.get_nowait())
        await asyncio.to_thread(store, waiting)
        for _, _, stored in waiting:
            stored.set_result(None)


async def take(request: Request) -> Response:
    given = request.headers.get("x-telegram-bot-api-secret-token", "")
    if not hmac.compare_digest(given.encode(), secret.encode()):
        return Response(status_code=403)
    update = json.loads(await request.body())
    stored = asyncio.get_running_loop().create_future()
    arrived.put_nowait((update["update_id"], json.dumps(update), stored))
    await stored
    return Response()


async def main() -> None:
    storing = asyncio.create_task(store_all())
    app = Starlette(routes=[Route("/telegram", take, methods=["POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, lifespan="off")
    await uvicorn.Server(config).serve()
    storing.cancel()


uvloop.run(main())
