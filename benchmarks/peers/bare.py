"""A bare loop on aiohttp with a durable inbox, which decides nothing: URL TOKEN FILE. It commits before it confirms."""

import asyncio
import json
import sqlite3
import sys
from typing import Any

import aiohttp
import uvloop

url, token, file = sys.argv[1:4]
LANES = 32


async def main() -> None:
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, raw TEXT)")
    lanes: list[asyncio.Queue[Any]] = [asyncio.Queue() for _ in range(LANES)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def call(method: str, **fields: Any) -> Any:
            body = json.dumps(fields).encode()
            headers = {"Content-Type": "application/json"}
            async with http.post(f"{url}/bot{token}/{method}", data=body, headers=headers) as response:
                return json.loads(await response.read()).get("result")

        async def answer(lane: asyncio.Queue[Any]) -> None:
            while True:
                message = (await lane.get())["message"]
                await call("sendMessage", chat_id=message["chat"]["id"], text=message["text"])

        def store(updates: list[Any]) -> None:
            database.execute("BEGIN IMMEDIATE")
            rows = [(update["update_id"], json.dumps(update)) for update in updates]
            database.executemany("INSERT OR IGNORE INTO inbox VALUES (?, ?)", rows)
            database.execute("COMMIT")

        workers = [asyncio.create_task(answer(lane)) for lane in lanes]
        offset = 0
        while workers:
            updates = await call("getUpdates", offset=offset, timeout=25)
            if updates:
                await asyncio.to_thread(store, updates)
                offset = updates[-1]["update_id"] + 1
                for update in updates:
                    lanes[update["message"]["chat"]["id"] % LANES].put_nowait(update)


uvloop.run(main())
