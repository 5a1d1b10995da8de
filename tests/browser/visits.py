"""A customer in front of the page."""

import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.customers import NUMBER
from tests.pictures import jpeg, jpeg_of_home, saved
from tests.servers import Server
from tests.waiting import GENEROUS_SECONDS

PHONE = (390, 844)
DESKTOP = (1280, 800)
CLAIM = {
    "zh-CN": "水壶收到就是裂的，想退款，订单 2100000000001",
    "zh-TW": "水壺收到就是裂的，想退款，訂單 2100000000001",
    "en": "My kettle arrived with a crack, I want a refund, order 2100000000001",
}
PHOTO_NAMES = """photos => photos.map(photo =>
    photo.querySelector("img.picture")?.dataset.name ?? photo.querySelector(".name").textContent)"""
STORY = {
    "zh-CN": "水壶到货时壶身裂了一道口子",
    "zh-TW": "水壺到貨時壺身裂了一道口子",
    "en": "There is a long crack in the side of the kettle",
}
UNBROKEN = f"https://shop.example/orders/{'a1b2c3d4e5' * 12}?ref={'9' * 60}"


class Visit:
    """A customer in front of the page."""

    def __init__(
        self,
        browser: Browser,
        server: Server,
        size: tuple[int, int],
        language: str,
        *,
        dark: bool = False,
        scale: float = 1,
    ) -> None:
        width, height = size
        self.language = language
        is_phone = width < 600
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale=language,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            has_touch=is_phone,
            is_mobile=is_phone,
        )
        self.context.set_default_timeout(GENEROUS_SECONDS * 1000)
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
        return self.page.locator("#log .choice")

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
        self.page.locator(f'#log .choice[data-button="{button}"]').last.click()
        self.wait_for_answer(before)

    def send(self, *files: Path) -> None:
        self.page.locator("#files").set_input_files([str(file) for file in files])

    def other_tab(self) -> Page:
        page = self.context.new_page()
        page.goto(self.page.url)
        return page

    def photos(self, page: Page | None = None) -> list[str]:
        """Their names, from above to below."""
        shown = (page or self.page).locator("#log .photo")
        return [str(one) for one in shown.evaluate_all(PHOTO_NAMES)]

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
        self.page.screenshot(path=file, animations="disabled")


def claim(visit: Visit, files: list[Path], look: Callable[[str], None] = lambda _: None) -> str:
    """Tells it in one message and answers what the bot still asks; returns the case's number."""
    visit.write(CLAIM[visit.language])
    look("claimed")
    for _ in range(10):
        offered = visit.buttons()
        if "refund.do:submit" in offered:
            look("review")
            visit.press("refund.do:submit")
            found = NUMBER.search(visit.texts()[-1])
            assert found, visit.texts()[-1]
            return found.group()
        if any(button.startswith("refund.photos:") for button in offered):
            visit.send(*files)
            expect(visit.said(f"{len(files)}/{len(files)} ✓")).to_have_count(1)
            look("photos")
            expect(visit.page.locator("#log img.picture")).to_have_count(len(files))
            expect(visit.page.locator('#log [data-button="refund.do:submit"]').last).to_be_visible()
        elif any(button.startswith("refund.reason:") for button in offered):
            visit.press("refund.reason:damaged")
        elif any(button.startswith("refund.wish:") for button in offered):
            visit.press("refund.wish:refund")
        elif set(offered) <= {"cancel"}:
            visit.write(STORY[visit.language])
        else:
            raise AssertionError(f"unforeseen: {visit.texts()[-1]} {offered}")
    raise AssertionError("no end of questions")


def everything(visit: Visit, server: Server, folder: Path) -> None:
    """A conversation with all that the page can show; its newest words and a photo wait for a connection."""
    files = files_in(folder)
    number = claim(visit, files)
    visit.write(f"{STORY[visit.language]}: {UNBROKEN}")
    server.case("reply", number, f"Is this the one? {UNBROKEN}")
    server.case("approve", number, "--amount", "59.00")
    expect(visit.messages.filter(has_text="59.00")).to_have_count(1)
    visit.write("/status")
    cut_off(visit.page)
    visit.page.locator("#text").fill(UNBROKEN)
    visit.page.locator("#text").press("Enter")
    visit.send(files[0])
    expect(visit.page.locator('#log .message[data-state="waiting"]')).to_have_count(2)


def cut_off(place: Page | BrowserContext) -> None:
    """Nothing gets through that the customer sends from this tab, or from all of them."""

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.abort("connectionreset")
        else:
            route.continue_()

    place.route("**/api/**", lose)


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


def noise(side: int) -> bytes:
    """A JPEG of about a byte a pixel."""
    return saved(Image.effect_noise((side, side), 90).convert("RGB"), "JPEG")
