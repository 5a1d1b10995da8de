"""Gathers what the store has about a case, as it is at one moment."""

from collections.abc import Collection, Sequence
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

    def said_in(self, chats: Collection[str]) -> Sequence[Entry]:
        return [entry for entry in self.entries if entry.facts.get("said", {}).get("chat") in chats]


@dataclass(frozen=True, slots=True)
class Gathered:
    """`others`: the same customer's other cases; nothing of them goes into a pack. `told` is by chat, from where its head begins.

    `once`: other ids that a chat had before.
    """

    mine: Custody
    others: Sequence[Custody]
    conversation: Conversation
    told: dict[str, list[Told]]
    once: dict[str, list[str]]


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
        named = sorted({entry.facts["said"]["chat"] for entry in mine.entries if "said" in entry.facts})
        found = await conversations.load(connection, [case.address, *named])
        began = await conversations.heads_from(connection, list(found))
        told = {
            chat: [one for one in await messages.whole(connection, chat) if one.message.position >= began[chat]]
            for chat in found
        }
    once = {case.address: [chat for chat in named if chat not in found]}  # a chat keeps its cases when its id changes
    return Gathered(mine, others, found[case.address], told, once)


async def custody_of(connection: AsyncConnection, case: Case) -> Custody:
    return Custody(case, await evidence.of_case(connection, case.number), await log.of_case(connection, case.number))
