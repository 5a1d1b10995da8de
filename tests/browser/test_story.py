"""A customer's whole story in a real browser: ask, claim with photos, submit, be told the decision, and come back.

Pictures of it are kept in the folder that SHOUHOU_TEST_PICTURES names, else in pytest's temporary one.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.customers import NUMBER
from tests.pictures import jpeg, jpeg_of_home
from tests.servers import Server, running

pytestmark = pytest.mark.browser

PHONE = (390, 844)
DESKTOP = (1280, 800)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 20_000
DATES = {"zh-CN": re.compile(r"\d+月\d+日"), "en": re.compile(r"\b\d{1,2} [A-Z][a-z]{2}|[A-Z][a-z]{2} \d{1,2}")}
GREETED = {"zh-CN": "售后机器人", "en": "after-sales bot"}
QUESTION = {"zh-CN": "退款多久到账？", "en": "How long do I have to return something?"}
CLAIM = {
    "zh-CN": "水壶收到就是裂的，想退款，订单 2100000000001",
    "en": "My kettle arrived with a crack, I want a refund, order 2100000000001",
}
STORY = {"zh-CN": "水壶到货时壶身裂了一道口子", "en": "There is a long crack in the side of the kettle"}
APPROVED = {"zh-CN": "审核已通过", "en": "is approved. CN¥59.00"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("browser") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs chromium: apt-get install chromium")
        pytest.skip("there is no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("SHOUHOU_TEST_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Visit:
    """A customer in front of the page."""

    def __init__(self, browser: Browser, server: Server, size: tuple[int, int], language: str) -> None:
        width, height = size
        self.language = language
        is_phone = width < 600
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, has_touch=is_phone, is_mobile=is_phone
        )
        self.context.set_default_timeout(SECONDS)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda line: self.faults.append(line.text) if line.type in ("error", "warning") else None
        )
        self.page.goto(server.url)

    @property
    def messages(self) -> Locator:
        return self.page.locator("#log .message")

    @property
    def offered(self) -> Locator:
        return self.page.locator("#log .message.offers .choice")

    def said(self, text: str | re.Pattern[str]) -> Locator:
        """What the bot said, like this."""
        return self.page.locator('#log .message[data-author="bot"]').filter(has_text=text)

    def write(self, text: str) -> None:
        """And wait until the bot has answered."""
        before = self.newest()
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")
        self.wait_for_answer(before)

    def press(self, button: str) -> None:
        before = self.newest()
        self.page.locator(f'#log .message.offers .choice[data-button="{button}"]').click()
        self.wait_for_answer(before)

    def send(self, *files: Path) -> None:
        self.page.locator("#files").set_input_files([str(file) for file in files])

    def newest(self) -> int:
        return int(self.messages.last.get_attribute("data-position") or 0) if self.messages.count() else 0

    def wait_for_answer(self, before: int) -> None:
        self.page.wait_for_function(
            """before => [...document.querySelectorAll('#log .message[data-author="bot"]')]
                .some(message => Number(message.dataset.position) > before)
                && !document.querySelector('#log .message[data-state]')""",
            arg=before,
        )

    def buttons(self) -> list[str]:
        return [str(choice.get_attribute("data-button")) for choice in self.offered.all()]

    def texts(self) -> list[str]:
        """The words of each message; a photo has none."""
        return [re.sub(r"\s+", " ", text) for text in self.page.locator("#log .message .text").all_text_contents()]

    def picture(self, file: Path) -> None:
        self.page.wait_for_timeout(400)  # for the eye only: motions end
        self.page.screenshot(path=file)


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "zh-CN"), (DESKTOP, "zh-CN"), (PHONE, "en"), (DESKTOP, "en")], ids=str
)
def test_story(
    chromium: Browser, server: Server, pictures: Path, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    visit = Visit(chromium, server, size, language)
    album = Album(visit, pictures / f"{language}-{size[0]}")

    expect(visit.said(GREETED[language])).to_have_count(1)
    expect(visit.offered.first).to_be_visible()
    album.add("greeted")

    visit.write(QUESTION[language])
    assert len(visit.texts()[-1]) > 20, "an answer, not a shrug"
    album.add("answered")

    number = claim(visit, album, files_in(tmp_path), CLAIM[language])
    submitted = visit.said(number).last
    expect(submitted).to_have_text(DATES[language])
    album.add("submitted")

    server.case("approve", number, "--amount", "59.00")
    told = visit.said(APPROVED[language])
    expect(told).to_have_count(1)
    expect(told).to_contain_text("59.00")
    expect(told).to_be_in_viewport()
    album.add("approved")

    visit.write("/status")
    expect(visit.said(number).last).to_contain_text("59.00")
    album.add("status")

    before = visit.texts()
    visit.page.reload()
    expect(visit.messages).to_have_count(len(before))
    assert visit.texts() == before, "everything is still there, once"
    scroll_to_photos(visit)
    expect(visit.page.locator("#log img.picture")).to_have_count(3)
    album.add("reloaded")

    assert is_inside(visit), "nothing sticks out at the side"
    assert visit.faults == []
    visit.context.close()


def claim(visit: Visit, album: "Album", files: list[Path], words: str) -> str:
    """Tells it in one message and answers what the bot still asks; returns the case's number."""
    visit.write(words)
    album.add("claimed")
    for _ in range(10):
        offered = visit.buttons()
        if "refund.do:submit" in offered:
            album.add("review")
            visit.press("refund.do:submit")
            found = NUMBER.search(visit.texts()[-1])
            assert found, visit.texts()[-1]
            return found.group()
        if any(button.startswith("refund.photos:") for button in offered):
            visit.send(*files)
            for count in range(1, len(files) + 1):
                expect(visit.said(f"{count}/{len(files)} ✓")).to_have_count(1)
            album.add("photos")
            expect(visit.page.locator("#log img.picture")).to_have_count(len(files))
            expect(visit.page.locator('#log [data-button="refund.do:submit"]').last).to_be_visible()
        elif any(button.startswith("refund.reason:") for button in offered):
            visit.press("refund.reason:damaged")
        elif any(button.startswith("refund.wish:") for button in offered):
            visit.press("refund.wish:refund")
        elif not offered:
            visit.write(STORY[visit.language])
        else:
            raise AssertionError(f"unforeseen: {visit.texts()[-1]} {offered}")
    raise AssertionError("no end of questions")


def test_what_the_customer_writes_is_shown_as_text(chromium: Browser, server: Server) -> None:
    visit = Visit(chromium, server, DESKTOP, "en")
    expect(visit.offered.first).to_be_visible()

    visit.write("<img src=x onerror=\"document.title='owned'\"><b>bold</b>")

    assert "<b>bold</b>" in " ".join(visit.texts())
    assert visit.page.locator("#log .text b, #log .text img").count() == 0
    assert visit.page.title() != "owned"
    visit.context.close()


def test_message_written_while_the_server_is_away_arrives_once(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        visit = Visit(chromium, server, PHONE, "en")
        expect(visit.offered.first).to_be_visible()

        server.stop()
        visit.page.locator("#text").fill("Are you there? 4711")
        visit.page.locator("#text").press("Enter")
        expect(visit.page.locator('#log .message[data-state="waiting"]')).to_have_count(1)
        server.start()

        expect(visit.page.locator("#log .message[data-state]")).to_have_count(0, timeout=40_000)
        expect(visit.messages.filter(has_text="4711")).to_have_count(1)
        visit.context.close()


class Album:
    """Pictures of the story, in order."""

    def __init__(self, visit: Visit, start: Path) -> None:
        self._visit = visit
        self._start = start
        self._count = 0

    def add(self, name: str) -> None:
        self._count += 1
        self._visit.picture(self._start.with_name(f"{self._start.name}-{self._count:02}-{name}.png"))


def files_in(folder: Path) -> list[Path]:
    contents = {
        "box.jpg": jpeg("box", (1200, 900)),
        "label.jpg": jpeg("label", (900, 1200)),
        "crack.jpg": jpeg_of_home(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def scroll_to_photos(visit: Visit) -> None:
    """Stored photos are fetched when they come into view."""
    for photo in visit.page.locator("#log .photo").all():
        photo.scroll_into_view_if_needed()
        expect(photo.locator("img.picture")).to_be_visible()


def is_inside(visit: Visit) -> bool:
    return bool(visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
