"""For operators and their tools: does the process live, can it work, what has it done."""

import asyncio
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.app import App
from bot.store import errands, outbox, setaside
from bot.store.database import StoreUnavailableError

LONGEST_WAIT = timedelta(minutes=5)
"""A message or an errand that is due for longer is stuck."""
CHECK_SECONDS = 4.5
A_WRITE = text("UPDATE alembic_version SET version_num = version_num")
"""Changes nothing, and is written to the disk all the same."""
LOOPBACK = ("127.0.0.1", "::1")


class Health:
    def __init__(self, app: App) -> None:
        self._app = app
        self._token = app.settings.web.metrics_token.get_secret_value()

    def routes(self) -> Sequence[BaseRoute]:
        async def live(_request: Request) -> Response:
            return JSONResponse({"ok": True})

        async def ready(_request: Request) -> Response:
            checks = await self.checks()
            is_ready = all(check["ok"] for check in checks.values())
            return JSONResponse({"ok": is_ready, "checks": checks, "understanding": "tf-idf"}, 200 if is_ready else 503)

        async def metrics(request: Request) -> Response:
            if not self._may_read(request):
                return PlainTextResponse("not here\n", 404)
            await self._measure()
            return Response(generate_latest(self._app.metrics.registry), media_type=CONTENT_TYPE_LATEST)

        return (Route("/healthz", live), Route("/readyz", ready), Route("/metrics", metrics))

    async def checks(self) -> dict[str, dict[str, Any]]:
        """By name: `ok`, the seconds that the oldest due thing has waited, the parts that are `down`."""
        can_write, due = await asyncio.gather(self._can_write(), self._due_if_readable())
        checks: dict[str, dict[str, Any]] = {
            "store": {"ok": can_write and due is not None},
            "tasks": self._tasks(),
        }
        for what, (_, seconds) in (due or {}).items():
            checks[what] = {"ok": seconds <= LONGEST_WAIT.total_seconds(), "oldest_due_seconds": round(seconds)}
        return checks

    def _tasks(self) -> dict[str, Any]:
        down = self._app.supervisor.down
        return {"ok": not down, **({"down": down} if down else {})}

    async def _can_write(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_SECONDS), self._app.database.transaction() as connection:
                await connection.execute(A_WRITE)
        except (StoreUnavailableError, TimeoutError):
            return False
        return True

    async def _due_if_readable(self) -> dict[str, tuple[int, float]] | None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._due()
        except (StoreUnavailableError, TimeoutError):
            return None

    async def _due(self) -> dict[str, tuple[int, float]]:
        """How many are due, and for how many seconds the oldest."""
        platforms, now = tuple(self._app.adapters), self._app.clock()
        async with self._app.database.reading() as connection:
            found = {
                "outbox": await outbox.due_since(connection, platforms, now),
                "errands": await errands.due_since(connection, platforms, now),
            }
        return {
            what: (count, max(0.0, (now - since).total_seconds()) if since else 0.0)
            for what, (count, since) in found.items()
        }

    async def _measure(self) -> None:
        metrics = self._app.metrics
        metrics.parts_down.set(len(self._app.supervisor.down))
        try:
            for what, (count, seconds) in (await self._due()).items():
                metrics.due.labels(what).set(count)
                metrics.oldest_due.labels(what).set(seconds)
            async with self._app.database.reading() as connection:
                metrics.set_aside_waiting.set(len(await setaside.waiting(connection)))
        except StoreUnavailableError:
            return  # what is counted in memory is told all the same

    def _may_read(self, request: Request) -> bool:
        if self._token:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            return hmac.compare_digest(given.encode(), self._token.encode())
        forwarded = "forwarded" in request.headers or "x-forwarded-for" in request.headers
        return request.client is not None and request.client.host in LOOPBACK and not forwarded
