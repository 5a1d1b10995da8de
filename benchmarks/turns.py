"""What a turn costs, by handler: the conversations of the tests, with the time spent between loading and saving."""

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from bot.app import App
from bot.log import set_up
from bot.router import Handler
from bot.turn import Turn
from tests.player import play

ROUNDS = 3
CHATS = sorted(Path("tests/conversations").glob("*.chat"))
QUICK = {"ROUNDS": 1, "CHATS": CHATS[:2]}
FORM = "the form's own"
"""An answer to a question of the open form, or one of its buttons: no handler is asked."""


class Stopwatch:
    """Times each turn, under the name of the first handler that it reaches after the first contact."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self._name = ""

    def prepare(self, app: App) -> None:
        routes = app.dispatcher._routes
        for (kind, _), handler in list(routes._handlers.items()):
            if kind != "first_contact":
                routes._handlers[kind, _] = self._named(handler)
        handle = routes.handle

        def timed(turn: Turn) -> None:
            self._name = FORM
            began = time.perf_counter()
            handle(turn)
            self.seconds[self._name].append(time.perf_counter() - began)

        routes.handle = timed  # type: ignore[method-assign]

    def _named(self, handler: Handler) -> Handler:
        name = f"{handler.__module__.removeprefix('handlers.')}.{handler.__name__}"

        def call(turn: Turn) -> None:
            if self._name == FORM:
                self._name = name
            handler(turn)

        return call


async def play_all(prepare: Callable[[App], None]) -> None:
    for _ in range(ROUNDS):
        for file in CHATS:
            with tempfile.TemporaryDirectory() as folder:
                await play(file, Path(folder), "straight", prepare)


def main() -> None:
    set_up("critical")
    watch = Stopwatch()
    asyncio.run(play_all(watch.prepare))
    assert watch.seconds[FORM], "somebody has answered a form"
    print("                                     turns   median us   p99 us   share")
    total = sum(sum(seconds) for seconds in watch.seconds.values())
    for name, seconds in sorted(watch.seconds.items(), key=lambda pair: -sum(pair[1])):
        slow = quantiles(seconds, n=100)[-1] if len(seconds) > 1 else seconds[0]
        print(
            f"{name:34} {len(seconds):7,} {median(seconds) * 1e6:11.0f} {slow * 1e6:8.0f} {sum(seconds) / total:6.1%}"
        )
