"""The command line of agents, as it is typed: with a server and without, and with a folder that is not there."""

import json
from pathlib import Path

import pytest

from bot import event_loop
from bot.case_commands import files_in_words
from bot.model.events import Pressed
from tests import pictures
from tests.packing import Bench
from tests.servers import running, shouhou

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
NUMBER = "KS-AAA-AAA-AAA"


@pytest.mark.parametrize(
    "words",
    [
        ("case", "list"),
        ("case", "show", NUMBER),
        ("case", "approve", NUMBER, "--amount", "59"),
        ("setaside", "list"),
        ("evidence", "check"),
        ("evidence", "get", NUMBER),
        ("evidence", "pack", NUMBER, "-o", "pack.zip"),
        ("evidence", "move", "--to", "folder"),
    ],
)
def test_a_folder_that_is_not_there_is_named_and_not_made(words: tuple[str, ...], tmp_path: Path) -> None:
    done = shouhou(*words, cwd=tmp_path)

    assert done.returncode == 1
    assert f"there is no Shouhou data in {tmp_path / 'data'}" in done.stderr
    assert "--data FOLDER or SHOUHOU_DATA" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_asking_whether_telegram_is_well_makes_no_folder_either(tmp_path: Path) -> None:
    shouhou("telegram", "check", cwd=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_files_are_counted_by_what_they_are() -> None:
    assert files_in_words({}) == "no files"
    assert files_in_words({"photo": 1}) == "1 photo"
    assert files_in_words({"photo": 2, "file": 1, "waived": 1}) == "2 photos, 1 other file, 1 cannot be sent"


async def a_case(data: Path) -> tuple[str, str]:
    """With a photo and a PDF; and the address of somebody who waits."""
    async with Bench(data) as bench:
        await bench.begins(
            "anna", "2100000000001", "order 2100000000001 I was charged the wrong amount, I paid 59.00 yuan"
        )
        await bench.sends("anna", "kettle.jpg", pictures.jpeg("kettle"))
        number = await bench.submits("anna")
        await bench.says("anna", Pressed(f"add:{number}"))
        await bench.sends("anna", "kettle again.jpg", pictures.jpeg("kettle"))
        await bench.says("anna", Pressed(f"add:{number}"))
        await bench.sends("anna", "receipt.pdf", PDF)
        await bench.says("ben", "/human")
        return number, "phone:ben"


@pytest.mark.parametrize("with_server", [True, False])
def test_list_and_show(with_server: bool, tmp_path: Path) -> None:
    data = tmp_path / "data"
    number, waiting = event_loop.run(a_case(data))

    def run(*words: str) -> str:
        done = shouhou("case", *words, "--data", str(data), cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def act() -> None:
        listed = run("list")
        assert "2 photos, 1 other file" in listed
        assert f"{waiting}  waits for a person" in listed
        text = run("show", number.lower())
        assert text.startswith(f"{number}: under review")
        assert "- came before: in this request, or in another open one of this customer" in text
        assert "- the same file as 1 of this case" in text
        assert "receipt.pdf" in text
        known = json.loads(run("show", number, "--json"))
        assert known["log"][-1][2] == "viewed"
        files = {one["name"]: one for one in known["evidence"]}
        (same,) = files["kettle again.jpg"]["same_as"]
        assert (same["case"], same["evidence"]) == (number, files["kettle.jpg"]["id"])
        assert "customer  /human" in run("show", waiting)

    if with_server:
        with running(data):
            act()
    else:
        act()


async def test_more_than_was_paid_needs_another_word(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins(
            "anna", "2100000000001", "order 2100000000001 I was charged the wrong amount, I paid 59.00 yuan"
        )
        await bench.sends("anna", "amount.jpg", pictures.jpeg("amount"))
        number = await bench.submits("anna")
        known = await bench.app.control.do("case.show", {"number": number, "agent": "li"})
    assert known["more"]["paid"] == "59.00"

    def approve(*words: str) -> str:
        done = shouhou("case", "approve", number, *words, "--data", str(tmp_path), cwd=tmp_path)
        return done.stdout if done.returncode == 0 else done.stderr

    assert "the customer paid 59.00 yuan, by their own words, and 590.00 is more" in approve("--amount", "590")
    assert "--anyway" in approve("--amount", "59.01")
    assert "told the customer" in approve("--amount", "590", "--anyway")


@pytest.mark.parametrize("paid", ["", "59.00"])
async def test_as_much_as_was_paid_or_any_amount_if_nobody_knows_needs_none(paid: str, tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        words = f"order 2100000000001 I was charged the wrong amount, I paid {paid} yuan" if paid else ""
        await bench.begins("anna", "2100000000001", words)
        await bench.sends("anna", "amount.jpg", pictures.jpeg("amount"))
        number = await bench.submits("anna")

        await bench.act(number, "approve", amount=5900 if paid else 9_000_00)

        assert (await bench.app.control.do("case.show", {"number": number, "agent": "li"}))["status"] == "approved"
