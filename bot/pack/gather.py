"""Gathers what the store has about a case, as it is at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.case import Case
from bot.model.conversation import Conversation
from bot.model.evidence import Evidence
from bot.store import cases, conversations, evidence, log, messages
from bot.store.database import Database
from bot.store.log import Entry
from bot.store.messages import Told


@dataclass(frozen=True, slots=True)
class Custody:
    """A case with its evidence and its log."""

    case: Case
    evidence: Sequence[Evidence]
    entries: Sequence[Entry]

    def said_in(self, chat: str) -> Sequence[Entry]:
        return [entry for entry in self.entries if entry.facts.get("said", {}).get("chat") == chat]


@dataclass(frozen=True, slots=True)
class Gathered:
    """`others`: the same customer's other cases; nothing of them goes into a pack. `told` is by chat."""

    mine: Custody
    others: Sequence[Custody]
    conversation: Conversation
    told: dict[str, list[Told]]


async def gather(database: Database, number: str) -> Gathered:
    """Raises LookupError when there is no such case."""
    async with database.reading() as connection:
        case = await cases.one(connection, number)
        if case is None:
            raise LookupError(f"there is no case {number}")
        mine = await custody_of(connection, case)
        others = [
            await custody_of(connection, other)
            for other in await cases.of_customers(connection, [case.customer])
            if other.number != case.number
        ]
        chats = {case.address: None} | {
            entry.facts["said"]["chat"]: None for entry in mine.entries if "said" in entry.facts
        }
        told = {chat: await messages.whole(connection, chat) for chat in chats}
        found = await conversations.load(connection, [case.address])
    return Gathered(mine, others, found[case.address], told)


async def custody_of(connection: AsyncConnection, case: Case) -> Custody:
    return Custody(case, await evidence.of_case(connection, case.number), await log.of_case(connection, case.number))
