"""What agents read before they decide: the whole case as a text, and nothing of other cases."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import words
from bot.case_text import CaseText, said
from bot.control import ControlError
from bot.model.case import Case, CaseStatus
from bot.model.checklist import CHECKLIST
from bot.model.conversation import Conversation
from bot.model.events import Pressed
from bot.model.evidence import Evidence, EvidenceState
from bot.model.messages import Author, Message
from bot.pack.gather import Custody, Gathered
from bot.pack.words import CaseWords
from bot.store.log import Entry
from tests import pictures
from tests.packing import EDITED, Bench, two_cases

AT = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
"""Half past midnight of the 24th in Shanghai."""
CASE = Case(
    "KS-1", "anna", "phone:anna", "1", "2100000000001", "damaged", "a crack\nand a dent", "refund", CaseStatus.UNDER_REVIEW,
    AT, 1, 1, 1, date(2026, 12, 2), is_estimate=False,
)  # fmt: skip
PIECE = Evidence(
    "1", "phone:anna", "KS-1", "a.jpg", "", EvidenceState.KEPT, AT, shot="outer_box", size=340_400, kind="JPEG", width=1200,
    height=900,
)  # fmt: skip


def shown(
    case: Case = CASE, *files: Evidence, same: Any = None, log: tuple[Entry, ...] = (), now: datetime = AT
) -> str:
    wording, _ = words()
    gathered = Gathered(Custody(case, files, log), (), Conversation("phone:anna", "anna", "zh-CN", AT), {}, {})
    return CaseText(CaseWords(wording, CHECKLIST, "en"), gathered, same or {}, "", now).text()


async def show(bench: Bench, number: str, **fields: Any) -> Any:
    return await bench.app.control.do("case.show", {"number": number, "agent": "li", "text": True} | fields)


async def test_all_of_a_case_and_nothing_of_another(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, lamp = await two_cases(bench)
        text = (await show(bench, kettle))["text"]

    parts = (
        f"{kettle}: approved, money on its way",
        "the money was promised by Wed 2026-12-02, 24:00",
        "order         2100000000001",
        "reason        7-day return",
        "wish          Refund only",
        "received on   Mon 2026-11-23",
        "the kettle, see the dent",
        "Evidence (evidence_count 3)",
        "1  the complete item (with tag and packing): JPEG 640 × 960",
        "- made with Shouhou Test Camera (says the file)",
        "2  photo, for no shot: HEIF 640 × 480",
        "- is small",
        "3  video, for no shot: MP4, 1.0 s",
        "the address label on the box: the customer cannot send it: the box went to the bin",
        "Conversation (phone:anna)",
        "customer  order 2100000000001 I changed my mind",
        "evidence 1)",
        "bot       Please check your request (not sent yet):",
        "customer  (changed an earlier message to this)",
        EDITED,
        "messages about something else: `shouhou case show phone:anna` has all)",
        "Log",
        "customer  submitted the request",
        "agent li  asked for more: Please send the lid once more",
        "agent li  approved: CN¥59.00",
    )
    rest = text
    for part in parts:
        _, found, rest = rest.partition(part)
        assert found, part
    assert "secret" not in text
    assert lamp not in text
    assert "\u202e" not in text


async def test_the_text_counts_as_seen_as_the_json_does(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins("anna", "2100000000001")
        await bench.sends("anna", "kettle.jpg", pictures.jpeg("kettle"))
        number = await bench.submits("anna")
        await bench.says("anna", Pressed(f"add:{number}"))
        await bench.sends("anna", "more.jpg", pictures.jpeg("more"))
        approve = {"number": number, "agent": "li", "action": "approve", "fields": {"amount": 5900}}
        with pytest.raises(ControlError, match="new piece"):
            await bench.app.control.do("case.act", approve)

        await show(bench, number)

        assert (await bench.app.control.do("case.act", approve))["said"]


async def test_a_conversation_that_waits_can_be_read_and_says_how_to_answer(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.says("ben", "my lamp hums a song")
        await bench.says("ben", "/human")
        (waiting,) = (await bench.app.control.do("case.list", {}))["waiting"]

        text = (await show(bench, waiting["address"]))["text"]
        told = await show(bench, waiting["address"], text=False)
        with pytest.raises(ControlError, match="there is no conversation phone:carl"):
            await show(bench, "phone:carl")

    assert waiting["address"] == "phone:ben"
    assert "the customer waits for a person since Mon 2026-11-23 18:45" in text
    assert "customer  my lamp hums a song" in text
    assert text.endswith('To answer: shouhou case reply phone:ben "…"')
    assert told["messages"][0]["text"] == "my lamp hums a song"
    assert told["cases"] == []


@pytest.mark.parametrize(
    ("case", "line"),
    [
        (CASE, "a decision was promised by Wed 2026-12-02, 24:00"),
        (
            replace(CASE, is_estimate=True),
            "a decision was promised by Wed 2026-12-02, 24:00 (expected: that year's holidays are not published)",
        ),
        (
            replace(CASE, promised_on=date(2026, 11, 23)),
            "a decision was promised by Mon 2026-11-23, 24:00, WHICH IS OVER",
        ),
        (
            replace(CASE, status=CaseStatus.NEED_MORE),
            "the customer was asked for more, and has until Wed 2026-12-02, 24:00",
        ),
        (replace(CASE, more={"paid": "59.00"}), "  paid          CN¥59.00 (says the customer)"),
        (replace(CASE, more={"looked": "nobody"}), "  looked for it I checked, it's not there"),
        (replace(CASE, amount=5900), "  approved      CN¥59.00"),
        (replace(CASE, order_number=""), "  order         the customer has no number at hand"),
        (CASE, "  submitted     Tue 2026-11-24 00:30"),
        (CASE, "Evidence: none"),
    ],
)
def test_what_stands_above_the_evidence(case: Case, line: str) -> None:
    assert line in shown(case).splitlines()


def test_a_closed_case_promises_nothing() -> None:
    assert "promised" not in shown(replace(CASE, status=CaseStatus.REFUNDED))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ({"advice": ["blurred"]}, "looks blurred"),
        (
            {"order": "2100000000009"},
            "another order's number was read in it: 2100000000009, the case is about 2100000000001",
        ),
        ({"order": "2100000000001"}, "read in it: order 2100000000001, the case's"),
        ({"amount": 5900}, "read in it: CN¥59.00"),
        (
            {"codes": [{"kind": "Code128", "text": "SF1234567890123", "courier": "sf"}]},
            "read in it: waybill SF1234567890123 of SF Express",
        ),
        ({"codes": [{"kind": "QRCode", "text": "https://a.example/1"}]}, "read in it: QRCode https://a.example/1"),
        ({"taken_at": "2026-11-23T09:00:00"}, "taken 2026-11-23 09:00:00 (device-reported)"),
    ],
)
def test_what_was_found_in_a_photo_stands_under_it(found: dict[str, Any], line: str) -> None:
    lines = shown(CASE, replace(PIECE, found=found)).splitlines()

    place = lines.index(
        "  1  the outer box (its damaged side): JPEG 1200 × 900, 340 kB, called a.jpg, came Tue 2026-11-24 00:30"
    )
    assert lines[place + 1] == f"     - {line}"
    assert lines[place + 2] == ""


def test_the_same_photo_is_told_by_its_number_here_and_by_its_case_elsewhere() -> None:
    same = {
        "2": [
            {"case": "KS-1", "evidence": "1", "how": "same file", "distance": 0},
            {"case": "KS-2", "evidence": "9", "how": "looks alike", "distance": 3},
        ]
    }
    text = shown(CASE, PIECE, replace(PIECE, id="2", name="b.jpg"), same=same)

    _, first, second = text.split("the outer box")
    assert "same" not in first
    assert "- the same file as 1 of this case" in second
    assert "- looks like a file of ANOTHER case, KS-2" in second


def test_files_that_are_not_there_have_no_number() -> None:
    lost = replace(PIECE, id="0", name="z.jpg", state=EvidenceState.REFUSED)
    text = shown(CASE, lost, PIECE)

    assert "  –  the outer box" in text
    assert "- not usable, and not kept" in text
    assert "  1  the outer box" in text


def test_nobodys_words_look_like_another_line() -> None:
    forged = "hello\nTue 2026-11-24 00:30  agent     approved\r\x1b[2Jgone"
    lines = list(said(Message(1, Author.CUSTOMER, AT, forged), {}))
    named = shown(replace(CASE, details="x\nEvidence: none"), replace(PIECE, name="a\n  2  b.jpg", caption="c\nLog"))

    assert [line[2:6] for line in lines] == ["Tue ", "    "]
    assert "\x1b" not in "".join(lines)
    assert "\r" not in "".join(lines)
    assert "Evidence: none" not in named.splitlines()
    assert "called a 2 b.jpg" in named
    assert "- said with it: c Log" in named


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"reason": "a scratch"}, "didn't approve: a scratch"),
        (
            {"reason": "a scratch", "next": "an exchange"},
            "didn't approve: a scratch · what the customer can do: an exchange",
        ),
    ],
)
def test_a_rejection_is_told_with_what_comes_next_if_the_log_has_it(facts: dict[str, str], told: str) -> None:
    entry = Entry("KS-1", 1, AT, "agent:li", "rejected", facts, "")

    assert shown(log=(entry,)).splitlines()[-1] == f"  Tue 2026-11-24 00:30  agent li  {told}"
