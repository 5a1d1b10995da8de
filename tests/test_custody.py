"""The log of a case holds its evidence and covers what is said, whatever the handlers record."""

import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.control import ControlError
from bot.model.events import Address, AgentAction, Event, MediaRef, Pressed, Upload
from bot.store.moves import move
from tests import pictures
from tests.packing import VIDEO, Bench


async def entries(bench: Bench, number: str) -> list[tuple[str, str, Any]]:
    query = "SELECT json_array(what, actor, json(facts)) FROM log WHERE case_number = :number ORDER BY position"
    return [tuple(json.loads(row)) for row in await bench.column(query, number=number)]


async def head(bench: Bench, address: str) -> tuple[int, str]:
    query = "SELECT json_array(position, head) FROM conversations WHERE address = :address"
    position, found = json.loads((await bench.column(query, address=address))[0])
    return position, found


async def case_of(bench: Bench, who: str = "anna", order: str = "2100000000001") -> str:
    await bench.begins(who, order)
    await bench.sends(who, "kettle.jpg", pictures.jpeg("kettle"), "a dent")
    return await bench.submits(who)


async def test_evidence_is_in_the_log_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        await bench.says("anna", Pressed(f"add:{number}"))
        await bench.sends("anna", "film.mp4", VIDEO)

        logged = [facts["evidence"] for what, _, facts in await entries(bench, number) if what == "evidence"]

        (first,) = logged[0]
        assert {name: first[name] for name in ("name", "caption", "kind", "state", "received_at")} == {
            "name": "kettle.jpg",
            "caption": "a dent",
            "kind": "JPEG",
            "state": "kept",
            "received_at": "2026-11-23T10:45:02.000000+00:00",
        }
        assert first["size"] == len(pictures.jpeg("kettle"))
        assert await bench.column("SELECT sha256 FROM evidence ORDER BY received_at") == [
            first["sha256"],
            logged[-1][0]["sha256"],
        ]
        assert [one["name"] for several in logged for one in several] == ["kettle.jpg", "film.mp4"]


async def test_evidence_moved_behind_the_logs_back_is_found_on_both_sides(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        first, second = await case_of(bench), await case_of(bench, order="2100000000002")
        (id_,) = await bench.column("SELECT id FROM evidence WHERE case_number = :number", number=second)
        await bench.tamper("UPDATE evidence SET case_number = :number WHERE id = :id", number=first, id=id_)

        assert (await bench.built(first)).problem == f"evidence {id_}: the log does not have it"
        assert (await bench.built(second)).problem.startswith(f"evidence {id_}: it is missing; log entry ")


async def test_what_is_said_while_a_case_is_open_is_covered_at_once(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        before = await entries(bench, number)

        await bench.says("anna", "zzz is anybody there zzz")

        what, actor, facts = (await entries(bench, number))[len(before)]
        position, at = await head(bench, "phone:anna")
        assert (what, actor) == ("said", "customer")
        assert facts["said"] == {"chat": "phone:anna", "after": position - 2, "position": position, "head": at}


async def test_the_first_entry_says_where_the_form_began(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.says("anna", "hello there")
        began = (await head(bench, "phone:anna"))[0] + 1

        number = await case_of(bench)

        assert (await entries(bench, number))[0][2]["said"]["began"] == began


async def test_words_in_another_form_are_not_about_the_open_case(tmp_path: Path) -> None:
    """Even where the case's log notes that a person was asked for meanwhile."""
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        count = len(await entries(bench, number))

        await bench.begins("anna", "2100000000002", "order 2100000000002 the cream gave my child a rash, allergic")
        await bench.says("anna", "it was on her face")

        later = (await entries(bench, number))[count:]
        assert [what for what, _, _ in later if what == "said"] == []
        assert [facts for _, _, facts in later if "after" in facts["said"]] == []
        manifest = json.loads(zipfile.ZipFile((await bench.pack(number))["file"]).read("manifest.json"))
        assert "face" not in json.dumps(manifest)
        assert "rash" not in json.dumps(manifest)


async def test_with_two_cases_open_general_words_are_nobodys_but_chained(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        first, second = await case_of(bench), await case_of(bench, order="2100000000002")
        counts = [len(await entries(bench, number)) for number in (first, second)]

        await bench.says("anna", "zzz is anybody there zzz")

        assert [len(await entries(bench, number)) for number in (first, second)] == counts
        for number in (first, second):
            done = await bench.pack(number)
            assert done["problem"] == ""
            assert b"is anybody there" not in zipfile.ZipFile(done["file"]).read("manifest.json")


async def test_a_case_that_was_dealt_with_in_two_chats_has_both(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        await bench.says("tablet-anna", "hello from elsewhere", "tablet")
        found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", await bench.says("anna", "/link"))
        assert found
        await bench.says("tablet-anna", f"/link {found.group()}", "tablet")
        await bench.says("tablet-anna", Pressed(f"withdraw_now:{number}"), "tablet")

        done = await bench.pack(number)

        manifest = json.loads(zipfile.ZipFile(done["file"]).read("manifest.json"))
        chats = {one["chat"]: one["messages"] for one in manifest["conversations"]}
        assert done["problem"] == ""
        assert sorted(chats) == ["phone:anna", "tablet:tablet-anna"]
        assert any("withdrawn" in one.get("text", "") for one in chats["tablet:tablet-anna"])
        assert "elsewhere" not in json.dumps(manifest)


async def test_a_turn_that_failed_is_covered_too(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)

        def fail(_turn: Any) -> None:
            raise RuntimeError

        bench.app.dispatcher._routes._handlers["command", "help"] = fail
        await bench.says("anna", "/help")

        assert (await entries(bench, number))[-1][0] == "said"
        assert (await bench.pack(number))["problem"] == ""


async def test_a_chat_that_got_another_id_is_checked_under_both(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        await bench.says("ben", "hello from the other chat")
        await bench.tamper("UPDATE conversations SET customer = (SELECT customer FROM cases)")  # as if both were joined
        for new in ("phone:anna2", "phone:ben"):  # a new one, and one that is known already: its chain begins anew
            old = (await bench.column("SELECT address FROM cases"))[0]
            async with bench.app.database.transaction() as connection:
                await move(connection, Address.parse(old), Address.parse(new))
            await bench.says(new.partition(":")[2], "zzz are you there zzz")

            done = await bench.pack(number)

            assert done["problem"] == ""
            pack = zipfile.ZipFile(done["file"])
            (conversation,) = json.loads(pack.read("manifest.json"))["conversations"]
            assert (conversation["chat"], old in conversation["once"]) == (new, True)
            assert b"other chat" not in pack.read("manifest.json")


async def test_customers_bring_evidence_also_when_it_finds_its_case_later(tmp_path: Path) -> None:
    """Bytes come by an errand, albums are answered by the clock: neither of them brought anything."""
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        await bench.sends("anna", "by an errand.jpg", pictures.jpeg("one"))
        for name in ("by the clock.jpg", "with it.jpg"):
            bench.phone.files[name] = pictures.jpeg(name)
            await bench.says("anna", Upload(MediaRef(name, name), album="album"))
        bench.clock.wait(timedelta(seconds=61))
        await bench.settle()

        actors = {
            one["name"]: actor
            for what, actor, facts in await entries(bench, number)
            if what == "evidence"
            for one in facts["evidence"]
        }

        assert actors == dict.fromkeys(
            ("kettle.jpg", "by an errand.jpg", "by the clock.jpg", "with it.jpg"), "customer"
        )
        assert (await bench.built(number)).problem == ""


async def test_a_rejection_is_in_the_log_with_what_the_customer_can_do(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        await bench.act(number, "reject", reason="a scratch", next="an exchange")

        what, actor, facts = (await entries(bench, number))[-1]

        assert (what, actor, facts["reason"], facts["next"]) == ("rejected", "agent:li", "a scratch", "an exchange")
        assert (await bench.built(number)).problem == ""


async def test_what_came_while_an_agent_read_is_not_counted_as_seen(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        number = await case_of(bench)
        read = AgentAction("li", "view", number, 1, {})
        await bench.says("anna", Pressed(f"add:{number}"))
        await bench.sends("anna", "lid.jpg", pictures.jpeg("lid"))

        await bench.app.dispatcher.accept(Event("desk:1", Address("phone", "anna"), bench.clock(), read))

        with pytest.raises(ControlError, match="new piece"):
            await bench.app.control.do(
                "case.act", {"number": number, "agent": "li", "action": "approve", "fields": {"amount": 5900}}
            )
