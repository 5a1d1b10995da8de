"""The program with a fault planted: it answers before the commit. test_kill.py starts it, to see that its checks find that."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bot.__main__ import main
from bot.batch import Batch, BatchStore
from bot.dispatch import Dispatcher
from bot.model.events import Event
from bot.model.messages import Message

COMMIT_SECONDS = 0.5
"""A slow disk's commit, to make the fault's window as wide as it is there."""
accept, save = Dispatcher.accept, BatchStore.save
early: dict[str, asyncio.Future[Sequence[Message]]] = defaultdict(lambda: asyncio.get_running_loop().create_future())
committing: set[asyncio.Task[Any]] = set()


async def accept_early(self: Dispatcher, event: Event) -> Sequence[Message]:
    task = asyncio.ensure_future(accept(self, event))
    committing.add(task)
    task.add_done_callback(committing.discard)
    return await early[event.id]


async def save_late(self: BatchStore, connection: Any, batch: Batch) -> None:
    await save(self, connection, batch)
    answers = {turn.event.id: [turn.heard, *turn.said] if turn.heard else turn.said for turn in batch.turns}
    for id_, said in {**answers, **batch.repeated}.items():
        if not early[id_].done():
            early[id_].set_result(said)
    await asyncio.sleep(COMMIT_SECONDS)


Dispatcher.accept = accept_early  # type: ignore[method-assign]
BatchStore.save = save_late  # type: ignore[method-assign]

if __name__ == "__main__":
    main(prog_name="shouhou")
