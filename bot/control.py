"""The command line's way into the running server: agents' actions and what was set aside, over loopback with a token."""

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.adapter import Accept
from bot.case_text import CaseText, conversation_text
from bot.control_fields import FieldsError, fields_of
from bot.dispatch import ActionRefusedError
from bot.durable import write_durably
from bot.hints import hints_about
from bot.lookalikes import Lookalikes
from bot.model.case import Case, as_case_number
from bot.model.events import Address, AgentAction, Event
from bot.model.evidence import EvidenceState
from bot.pack.gather import gather
from bot.pack.manifest import message_json
from bot.pack.packs import Packs
from bot.pack.words import CaseWords
from bot.store import cases, conversations, evidence, log, messages, outbox, setaside, windows
from bot.store.database import Database, StoreUnavailableError
from bot.store.log import Entry
from bot.store.values import time_text

MOST_LISTED = 200
Do = Callable[[dict[str, Any]], Awaitable[Any]]


class ControlError(Exception):
    """A no, with the sentence that says why, and the HTTP status for it."""

    def __init__(self, why: str, status: int = 409) -> None:
        super().__init__(why)
        self.status = status


class Control:
    """What an operator at this machine can do; each change is an event like any other."""

    def __init__(
        self, database: Database, accept: Accept, clock: Callable[[], datetime], packs: Packs, words: CaseWords
    ) -> None:
        self._database = database
        self._accept = accept
        self._clock = clock
        self._lookalikes = Lookalikes(database)
        self._packs = packs
        self._words = words
        self._actions: dict[str, Do] = {
            "case.list": self.list_cases,
            "case.show": self.show_case,
            "case.act": self.act,
            "evidence.pack": self.pack_evidence,
            "evidence.get": self.get_evidence,
            "setaside.list": self.list_setaside,
            "setaside.show": self.show_setaside,
            "setaside.retry": self.retry_setaside,
            "setaside.drop": self.drop_setaside,
        }

    async def do(self, action: str, fields: object) -> Any:
        """JSON in, JSON out. Raises ControlError."""
        if action not in self._actions:
            raise ControlError(f"there is no action '{action}'", 404)
        try:
            return await self._actions[action](fields_of(action, fields))
        except FieldsError as error:
            raise ControlError(f"{action}: {error}", 400) from error
        except ActionRefusedError as error:
            raise ControlError(str(error)) from error
        except StoreUnavailableError as error:
            raise ControlError(f"the store cannot be used just now ({error}); nothing was changed", 503) from error

    async def list_cases(self, fields: dict[str, Any]) -> Any:
        async with self._database.reading() as connection:
            found = await cases.listed(connection, only_open=not fields.get("all"), limit=MOST_LISTED)
            files = await evidence.load(connection, (), (), [case.number for case in found])
            waiting = await conversations.asking_for_a_person(connection)
        of_case: dict[str | None, Counter[str]] = defaultdict(Counter)
        for one in files:
            of_case[one.case_number][one.sort if one.state is EvidenceState.KEPT else one.state.value] += 1
        return {
            "cases": [brief(case) | {"files": of_case[case.number]} for case in found],
            "waiting": [
                {"address": one.address, "since": time_text(one.person_asked_at)}
                for one in waiting
                if one.person_asked_at
            ],
        }

    async def show_case(self, fields: dict[str, Any]) -> Any:
        """`text`: as `{"text": …}` for people. An address in place of a number shows that conversation."""
        if ":" in fields["number"]:
            return await self._show_conversation(fields["number"], as_text=bool(fields.get("text")))
        case = await self._case(fields["number"])
        gathered = await gather(self._database, case.number)
        case, files, entries = gathered.mine.case, gathered.mine.evidence, gathered.mine.entries
        look = AgentAction(fields["agent"], "view", case.number, case.evidence_count, {})
        await self._accept(event(case.address, look))
        others = await self._lookalikes.others(files, case.number)
        if fields.get("text"):
            reach = await self._out_of_reach(case.address)
            return {"text": CaseText(self._words, gathered, others, reach, self._clock()).text()}
        shown = brief(case) | {"details": case.details, "evidence_count": case.evidence_count}
        shown["evidence"] = [
            {
                "id": one.id,
                "name": one.name,
                "state": one.state,
                "size": one.size,
                "kind": one.kind,
                "sha256": one.sha256,
                "shot": one.shot,
                "caption": one.caption,
                "found": one.found,
                "hints": hints_about(one, case),
                "same_as": others[one.id],
            }
            for one in files
        ]
        if out_of_reach := await self._out_of_reach(case.address):
            shown["reach"] = out_of_reach
        shown["log"] = [[time_text(entry.at), entry.actor, entry.what, shown_facts(entry)] for entry in entries]
        return shown

    async def _show_conversation(self, address: str, *, as_text: bool) -> Any:
        async with self._database.reading() as connection:
            found = (await conversations.load(connection, [address])).get(address)
            if found is None:
                raise ControlError(f"there is no conversation {address}")
            told = [one.message for one in await messages.whole(connection, address)]
            theirs = [case.number for case in await cases.of_customers(connection, [found.customer])]
        reach = await self._out_of_reach(address)
        if as_text:
            return {"text": conversation_text(found, told, theirs, reach)}
        since = time_text(found.person_asked_at) if found.person_asked_at else None
        said = [message_json(message) for message in told]
        return {"address": address, "waiting_since": since, "cases": theirs, "reach": reach, "messages": said}

    async def act(self, fields: dict[str, Any]) -> Any:
        """`request`: who does not know whether an action was done asks again with the same; it is done once."""
        if fields["action"] == "reply" and ":" in fields["number"]:
            address, number, seen = fields["number"], "", None
            async with self._database.reading() as connection:
                if not await conversations.load(connection, [address]):
                    raise ControlError(f"there is no conversation {address}")
        else:
            case = await self._case(fields["number"])
            address, number = case.address, case.number
            seen = fields.get("seen")
            seen = await self._seen(case, fields["agent"]) if seen is None else seen
        action = AgentAction(fields["agent"], fields["action"], number, seen, fields["fields"])
        said = await self._accept(event(address, action, fields.get("request")))
        return {"said": [message.text for message in said], "reach": await self._out_of_reach(address) if said else ""}

    async def pack_evidence(self, fields: dict[str, Any]) -> Any:
        """The pack is a file in a folder of its own, both of which the caller takes away."""
        case = await self._case(fields["number"])
        await self._note_download(case, fields, "pack", originals=True)
        built = await self._packs.build(case.number)
        await self._accept(event(case.address, AgentAction(fields["agent"], "packed", case.number, None, built.facts)))
        more = {"asked": built.stamp.asked, "places": list(built.places), "problem": built.problem}
        return built.facts | {"file": str(built.file)} | more

    async def get_evidence(self, fields: dict[str, Any]) -> Any:
        """The files are in a folder of their own, which the caller takes away."""
        case = await self._case(fields["number"])
        ids = await self._note_download(case, fields, "files", originals=fields["original"])
        folder, listed = await self._packs.copy(case.number, ids, originals=fields["original"])
        return {"number": case.number, "folder": str(folder), "files": listed}

    async def _note_download(self, case: Case, fields: dict[str, Any], files: str, *, originals: bool) -> Sequence[str]:
        """In the log before anything is handed out. Returns the ids of what there is."""
        async with self._database.reading() as connection:
            found = await evidence.of_case(connection, case.number)
        ids = [one.id for one in found if one.state is EvidenceState.KEPT]
        taken = {"files": files, "originals": originals, "ids": ids}
        action = AgentAction(fields["agent"], "download", case.number, None, taken)
        await self._accept(event(case.address, action, fields.get("request")))
        return ids

    async def _out_of_reach(self, address: str) -> str:
        """Why a message would not arrive now; else nothing."""
        async with self._database.reading() as connection:
            found = (await conversations.load(connection, [address])).get(address)
            opened = (await windows.load(connection, [address])).get(address, [])
            unsaid = (await outbox.to_say(connection, [address])).get(address, [])
        if found and not found.reachable:
            return "cannot be reached: they blocked or left us, and it is theirs to come back"
        waiting = sum(one.state == "waiting" for one in unsaid)
        now = self._clock()
        opened = [one for one in opened if one.act != windows.SUBSCRIPTION]
        if waiting or (opened and not any(one.ends_at > now and one.free > 0 for one in opened)):
            return f"cannot be reached until they write ({waiting} messages wait for that)"
        return ""

    async def _case(self, number: str) -> Case:
        async with self._database.reading() as connection:
            case = await cases.one(connection, as_case_number(number) or number)
        if case is None:
            raise ControlError(f"there is no case {number}")
        return case

    async def _seen(self, case: Case, agent: str) -> int:
        """The evidence that this agent has seen: at the last look, else what there was when the case was submitted."""
        async with self._database.reading() as connection:
            entries = await log.of_case(connection, case.number)
        looks = [entry for entry in entries if entry.what == "viewed" and entry.actor == f"agent:{agent}"]
        return int(looks[-1].facts["seen"]) if looks else case.submitted_evidence

    async def list_setaside(self, fields: dict[str, Any]) -> Any:
        async with self._database.reading() as connection:
            found = await setaside.waiting(connection)
        return [{"id": one.id, "at": time_text(one.at), "retries": one.retries, "error": one.error} for one in found]

    async def show_setaside(self, fields: dict[str, Any]) -> Any:
        from bot.model.event_json import event_to_json

        one = await self._setaside(fields["id"])
        return {
            "id": one.id,
            "state": one.state,
            "retries": one.retries,
            "error": one.error,
            "event": event_to_json(one.event),
        }

    async def retry_setaside(self, fields: dict[str, Any]) -> Any:
        """Handle the event again, as a new one. Failing again sets it aside anew."""
        one = await self._setaside(fields["id"])
        if one.state != "waiting":
            raise ControlError(f"{one.id} is {one.state} already")
        again = f"{one.event.id}:again:{one.id}"
        event = replace(one.event, id=again, act="")  # the customer did nothing just now
        try:
            said = await self._accept(event)
        finally:
            async with self._database.transaction() as connection:
                await setaside.mark(connection, one.id, "retried", retried=True)
        return {"said": [message.text for message in said]}

    async def drop_setaside(self, fields: dict[str, Any]) -> Any:
        one = await self._setaside(fields["id"])
        async with self._database.transaction() as connection:
            await setaside.mark(connection, one.id, "dropped")
        return {"said": []}

    async def _setaside(self, id_: str) -> setaside.SetAside:
        async with self._database.reading() as connection:
            one = await setaside.one(connection, id_)
        if one is None:
            raise ControlError(f"nothing is set aside under {id_}")
        return one


def event(address: str, action: AgentAction, id_: str | None = None) -> Event:
    return Event(f"desk:{id_ or secrets.token_hex(16)}", Address.parse(address), datetime.now(UTC), action)


def shown_facts(entry: Entry) -> dict[str, Any]:
    """Without what chains it to the conversation: that is for evidence packs."""
    return {name: value for name, value in entry.facts.items() if name != "said"}


def brief(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "status": case.status,
        "reason": case.reason,
        "wish": case.wish,
        "order": case.order_number,
        "more": case.more,
        "photos": case.photos,
        "amount": case.amount,
        "submitted_at": time_text(case.submitted_at),
        "promised_on": case.promised_on.isoformat(),
    }


def write_door(file: Path, url: str) -> str:
    """Where the running server is and the token for it, for its owner's eyes. Returns the token."""
    token = secrets.token_urlsafe(32)
    write_durably(file, json.dumps({"url": url, "token": token}).encode())
    return token
