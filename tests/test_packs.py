"""An evidence pack holds one case whole, nothing of any other, and anybody can check it without us."""

import ast
import base64
import io
import json
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.control import ControlError
from bot.model.events import Pressed
from bot.pack import packs, verify
from tests import pictures
from tests.packing import EDITED, HOSTILE_NAME, HOSTILE_WORDS, VIDEO, Bench, two_cases

LANGUAGES = ("zh-CN", "zh-TW", "en")
SAFE = re.compile(r"\d\d-[a-z_]+-[0-9a-f]{8}\.(jpg|heic|mp4)|manifest\.(json|sha256)|summary\.html|verify\.py")
ALLOWED = frozenset({
    "html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "h3", "p", "div", "dl", "dt",
    "dd", "figure", "figcaption", "img", "b", "bdi", "code", "span", "ol", "li", "time", "article", "table", "thead",
    "tbody", "tr", "th", "td",
})  # fmt: skip
PICTURE = re.compile('base64,[^"]+')


class Page(HTMLParser):
    """The tags, attributes and words of a page, as a browser reads it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def opened(done: Any) -> zipfile.ZipFile:
    assert done["problem"] == ""
    return zipfile.ZipFile(done["file"])


def manifest_of(pack: zipfile.ZipFile) -> Any:
    return json.loads(pack.read(verify.MANIFEST))


def run_verify(script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """As a stranger does: only Python, none of our packages."""
    command = [sys.executable, "-I", "-S", str(script), *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd="/", env={}, check=False)


async def test_a_stranger_checks_the_zip_and_the_unpacked_folder(tmp_path: Path) -> None:
    async with Bench(tmp_path / "data") as bench:
        kettle, _ = await two_cases(bench)
        done = await bench.pack(kettle)
        opened(done).extractall(tmp_path / "unpacked")
        script = tmp_path / "unpacked" / "verify.py"

        of_zip, of_folder = run_verify(script, done["file"]), run_verify(script)

        assert of_zip.returncode == 0, of_zip.stdout
        assert of_zip.stdout == of_folder.stdout
        assert f"EVERYTHING FITS 全部一致: case {kettle}" in of_zip.stdout
        assert done["manifest"] in of_zip.stdout
        assert "since\nreceipt" in of_zip.stdout
        (tmp_path / "unpacked" / "more.txt").write_text("more")
        assert "more.txt: it does not belong to the pack" in run_verify(script).stdout


async def test_nothing_of_the_other_case_and_of_other_people_is_in_it(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins("ben", "2100000000555", "order 2100000000555 ben's teapot, I don't want it any more")
        await bench.sends("ben", "teapot.jpg", pictures.jpeg("teapot"))
        await bench.submits("ben")
        kettle, lamp = await two_cases(bench)
        await bench.tamper('UPDATE evidence SET found = \'{"same_as": "teapot of ben"}\'')

        for number, own, foreign in (
            (kettle, "kettle", ("secret", lamp, "2100000000777", "lamp")),
            (lamp, "secret lamp", ("kettle", kettle, "2100000000001", "the lid", "script>")),
        ):
            pack = opened(await bench.pack(number))
            page = PICTURE.sub("", pack.read("summary.html").decode().partition("</style>")[2])
            for text in (pack.read("manifest.json").decode(), page):
                assert own in text
                assert [one for one in (*foreign, "teapot", "ben", "2100000000555") if one in text] == []
            of_others = {pictures.jpeg("teapot"), pictures.jpeg("lamp") if number == kettle else VIDEO}
            assert of_others.isdisjoint(pack.read(name) for name in pack.namelist())


async def test_words_that_name_another_case_are_left_out_of_a_turn(tmp_path: Path) -> None:
    """With the other one closed, all that is said is about this one, but for what names the other."""
    async with Bench(tmp_path) as bench:
        kettle, lamp = await two_cases(bench)
        await bench.act(lamp, "reject", reason="too late", next="write to us")
        await bench.says("anna", "/status")
        await bench.says("anna", f"zzz {lamp.lower().replace('-', ' ')} zzz")
        await bench.says("anna", "zzz thank you zzz")
        await bench.says("anna", "zzz order no. 2100000000777 zzz")

        text = opened(await bench.pack(kettle)).read("manifest.json").decode()

        assert "zzz thank you zzz" in text
        assert '"text":"/status"' in text
        assert text.count("approved: CN¥59.00 refund") == 1
        for word in (lamp, lamp.lower().replace("-", " "), "2100000000777", "too late", "secret"):
            assert word not in text


async def test_what_a_pack_holds(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)
        pack = opened(await bench.pack(kettle))
        manifest = manifest_of(pack)

        originals = {one["custody"]["name"]: pack.read(one["file"]) for one in manifest["evidence"] if one["file"]}
        assert originals == {
            HOSTILE_NAME: pictures.jpeg_of_home("kettle"),
            "IMG_0002.HEIC": pictures.heic("label", (640, 480)),
            "unboxing.mp4": VIDEO,
        }
        assert [name for name in pack.namelist() if not SAFE.fullmatch(name)] == []
        waived = [one["custody"] for one in manifest["evidence"] if one["custody"]["state"] == "waived"]
        assert {one["caption"] for one in waived} == {
            "the box went to the bin <script>alert(2)</script>",
            "I have no label",
        }
        assert [one["what"] for one in manifest["decisions"]] == ["asked_for_more", "approved"]
        assert manifest["log"][-1]["what"] == "downloaded"
        assert manifest["log"][-1]["actor"] == "agent:li"
        assert len(manifest["log"][-1]["facts"]["ids"]) == 3
        assert manifest["calendar"]["source"].startswith("chinesecalendar 1.")
        assert manifest["program"]["name"] == "shouhou"

        said = [one for one in manifest["conversations"][0]["messages"] if "text" in one]
        first, edited = (next(one for one in said if one["text"] == words) for words in (HOSTILE_WORDS, EDITED))
        assert edited["instead_of"] == first["position"]
        assert first["at"] < edited["at"]
        assert said[0]["text"].startswith("order 2100000000001")


async def test_both_versions_are_in_it_wherever_the_words_were_changed(tmp_path: Path) -> None:
    """Also while the chat is about something else."""
    async with Bench(tmp_path) as bench:
        await bench.begins("anna", "2100000000001")
        number = await bench.submits("anna")
        await bench.says("anna", "zzz the dent is small zzz")
        first = bench.count
        await bench.begins("anna", "2100000000002")
        await bench.edits("anna", "zzz the dent is large zzz", first)

        said = manifest_of(opened(await bench.pack(number)))["conversations"][0]["messages"]

        before, after = (one for one in said if "dent" in one.get("text", ""))
        assert (before["text"], after["text"]) == ("zzz the dent is small zzz", "zzz the dent is large zzz")
        assert after["instead_of"] == before["position"]


async def test_the_calendar_names_the_days_that_are_not_as_usual(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins("anna", "2100000000001")
        number = await bench.submits("anna")
        await bench.tamper(
            "UPDATE cases SET submitted_at = '2026-09-24T02:00:00.000000+00:00', promised_on = '2026-10-12'"
        )
        calendar = manifest_of(zipfile.ZipFile((await bench.built(number)).file))["calendar"]

        assert [day for day, _ in calendar["holidays"]] == [
            "2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07",
        ]  # fmt: skip
        assert calendar["make_up_workdays"] == [["2026-10-10", "National Day"]]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_says_it_all_and_does_nothing(language: str, tmp_path: Path) -> None:
    async with Bench(tmp_path, language) as bench:
        kettle, _ = await two_cases(bench)
        html = opened(await bench.pack(kettle)).read("summary.html").decode()
        page = Page(html)

        assert f'<html lang="{language}">' in html
        assert page.tags <= ALLOWED
        assert {value.partition(",")[0] for name, value in page.attributes if name == "src"} == {
            "data:image/jpeg;base64"
        }
        assert [name for name, _ in page.attributes if name.startswith("on") or name in ("href", "style")] == []
        assert "url(" not in html
        assert '⟨U+202E⟩on the lid & "inside"' in page.words
        assert "<script>alert('x')</script>" in page.words
        assert "../../etc/⟨U+202E⟩gpj.passwd⟨U+200F⟩<b>.jpg" in page.words
        assert "the box went to the bin" in page.words
        assert bench.app.wording.text(language, "packs.still") in page.words
        assert bench.app.wording.text(language, "packs.place") in page.words
        shows = bench.app.wording.text(language, "packs.shows")
        assert shows in page.words
        assert "\u202e" not in html
        for name, value in page.attributes:
            if name == "src":
                view = Image.open(io.BytesIO(base64.b64decode(value.partition(",")[2])))
                assert not view.getexif()
                assert view.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_the_same_state_gives_the_same_pack(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)

        first, second = await bench.built(kettle), await bench.built(kettle)
        assert first.file.read_bytes() == second.file.read_bytes()
        await bench.says("anna", f"/evidence {kettle}")
        assert (await bench.built(kettle)).sha256 != first.sha256


async def test_what_is_kept_and_gone_bad_is_packed_and_named(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)
        (digest,) = await bench.column("SELECT sha256 FROM evidence WHERE name = 'unboxing.mp4'")
        (bench.settings.data / "evidence" / digest[:2] / digest).unlink()

        done = await bench.pack(kettle)

        assert done["problem"] == f"03-extra-{digest[:8]}.mp4: it is missing"
        assert "manifest.json" in zipfile.ZipFile(done["file"]).namelist()


async def test_customers_get_theirs_and_asking_again_is_no_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Bench(tmp_path) as bench:
        kettle, lamp = await two_cases(bench)
        built: list[str] = []
        build = packs.Packs.build

        async def counted(self: packs.Packs, number: str) -> packs.Built:
            built.append(number)
            return await build(self, number)

        monkeypatch.setattr(packs.Packs, "build", counted)

        assert "Of which request" in await bench.says("anna", "/evidence")
        assert (await bench.last("anna"))[1] == [f"pack:{kettle}", f"pack:{lamp}", "human"]
        said = await bench.says("anna", Pressed(f"pack:{kettle}"))
        again = await bench.says("anna", Pressed(f"pack:{kettle}"))
        once_more = await bench.says("anna", f"/evidence {kettle}")

        assert said == again == once_more
        assert "Here is the evidence of request" in said
        assert built == [kettle]
        files = [file for one in bench.phone.received for file in one.message.files]
        assert [file.name for file in files] == [f"{kettle}.zip"] * 3
        assert len({file.key for file in files}) == 1
        content = await bench.app.files.read(files[0])
        assert list(verify.problems(written(tmp_path / "theirs.zip", content))) == []
        manifest = manifest_of(zipfile.ZipFile(io.BytesIO(content)))
        assert (manifest["log"][-1]["what"], manifest["log"][-1]["actor"]) == ("downloaded", "customer")
        await bench.act(kettle, "refunded")
        await bench.says("anna", f"/evidence {kettle}")
        assert built == [kettle, kettle]
        assert list((tmp_path / "packs").iterdir()) == []


async def test_nobody_gets_anybody_elses(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)

        assert await bench.says("ben", f"/evidence {kettle}") == "There's no request with that number in your name."
        assert (await bench.says("ben", Pressed(f"pack:{kettle}"))).startswith("There's no request with that number")
        assert "no requests yet" in await bench.says("ben", "/evidence")
        assert [one for one in bench.phone.received if one.message.files] == []


async def test_one_that_is_too_large_is_said_kindly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "LARGEST_BYTES", 20_000)
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)

        said = await bench.says("anna", f"/evidence {kettle}")

        assert "MB, more than can be sent here" in said
        assert [one for one in bench.phone.received if one.message.files] == []


async def test_files_for_agents_are_small_copies_unless_asked(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)

        for original in (False, True):
            fields = {"number": kettle, "agent": "li", "original": original}
            done = await bench.app.control.do("evidence.get", fields)
            files = [Path(done["folder"], one["file"]) for one in done["files"]]
            assert sorted(Path(done["folder"]).iterdir()) == sorted(files)
            assert [file.name for file in files if not SAFE.fullmatch(file.name.replace(".view", ""))] == []
            holds_place = pictures.CAMERA in files[0].read_bytes()
            assert holds_place == original
            assert files[2].read_bytes() == VIDEO  # there is no small copy of a film

        (facts,) = await bench.column("SELECT facts FROM log ORDER BY rowid DESC LIMIT 1")
        last = json.loads(facts)
        assert (last["files"], last["originals"], len(last["ids"])) == ("files", True, 3)


async def test_what_cannot_be_noted_in_the_log_is_not_handed_out(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        kettle, _ = await two_cases(bench)
        await bench.says("ben", "hello there")
        await bench.tamper("UPDATE cases SET address = 'phone:ben'")  # a chat whose customer it is not

        with pytest.raises(ControlError, match="there is no such case"):
            await bench.pack(kettle)
        with pytest.raises(ControlError, match="there is no such case"):
            await bench.app.control.do("evidence.get", {"number": kettle, "agent": "li", "original": True})
        assert not (tmp_path / "packs").exists()


def test_verify_is_for_python_3_8_and_needs_nothing() -> None:
    tree = ast.parse(Path(verify.__file__).read_text("utf-8"), feature_version=(3, 8))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported <= sys.stdlib_module_names


def test_what_is_no_pack_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 no")
    assert next(verify.problems(tmp_path / "no.zip")).startswith("no.zip: it is no whole ZIP")
    assert next(verify.problems(tmp_path / "not-there.zip")).startswith(
        "not-there.zip: it cannot be read: No such file"
    )
    (tmp_path / "empty").mkdir()
    assert next(verify.problems(tmp_path / "empty")) == "manifest.json: it is missing"


def written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file
