"""Narrow and wide windows, large text, zoom and paper: all of the conversation can be read, in each language."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import PHONE, Visit, everything
from tests.servers import Server

pytestmark = pytest.mark.browser

SIZES = ((320, 640), (360, 700), PHONE, (768, 1024), (1280, 800), (1600, 900))
LANGUAGES = ("zh-CN", "zh-TW", "en")
WRONG = """() => {
    const told = [];
    const name = (element) => `${element.tagName} ${element.id} ${element.className} ${element.textContent.slice(0, 30)}`;
    if (document.documentElement.scrollWidth > innerWidth) told.push("the page scrolls sideways");
    const unseen = ".who, .spoken, .skip, dialog, svg *";
    for (const element of document.querySelectorAll("body *")) {
        const { left, right, width } = element.getBoundingClientRect();
        if (!width || element.closest(unseen) || !element.checkVisibility()) continue;
        if (left < -0.5 || right > innerWidth + 0.5) told.push(`outside: ${name(element)}`);
        if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline")
            told.push(`cut off: ${name(element)}`);
    }
    const box = document.querySelector("#text");
    const style = getComputedStyle(box);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(box.placeholder).width > room) told.push(`placeholder cut off: ${box.placeholder}`);
    if (box.scrollHeight > box.clientHeight) told.push("the text box is too low for its text");
    const end = document.querySelector("#composer").getBoundingClientRect().bottom;
    if (Math.abs(end - innerHeight) > 1) told.push(`the composer ends at ${end}, the window at ${innerHeight}`);
    if (document.querySelector("#scroller").clientHeight < 120) told.push("no room for the conversation");
    return told;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off(chromium: Browser, server: Server, tmp_path: Path, pictures: Path, language: str) -> None:
    visit = Visit(chromium, server, PHONE, language)
    expect(visit.offered.first).to_be_visible()
    everything(visit, server, tmp_path)
    visit.page.locator("#text").evaluate("box => box.blur()")

    for text_size in (100, 200):
        for width, height in SIZES:
            visit.page.set_viewport_size({"width": width, "height": height})
            visit.page.evaluate("percent => (document.documentElement.style.fontSize = `${percent}%`)", text_size)
            settle(visit.page)
            visit.picture(pictures / f"{language}-{width}-text{text_size}.png")
            assert visit.page.evaluate(WRONG) == [], f"{width} px, text of {text_size} %"
    visit.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_zoomed_in_twice_nothing_is_cut_off(
    chromium: Browser, server: Server, tmp_path: Path, pictures: Path, language: str
) -> None:
    """A window of 1280 x 800 at 200 %."""
    visit = Visit(chromium, server, (640, 400), language, scale=2)
    expect(visit.offered.first).to_be_visible()
    everything(visit, server, tmp_path)

    settle(visit.page)

    visit.picture(pictures / f"{language}-zoomed.png")
    assert visit.page.evaluate(WRONG) == []
    visit.context.close()


def settle(page: Page) -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_print_has_the_whole_conversation_and_no_controls(
    chromium: Browser, server: Server, tmp_path: Path, pictures: Path
) -> None:
    visit = Visit(chromium, server, PHONE, "en", dark=True)
    expect(visit.offered.first).to_be_visible()
    everything(visit, server, tmp_path)
    count = visit.messages.count()

    visit.page.emulate_media(media="print")

    visit.page.screenshot(path=pictures / "print.png", full_page=True)
    for control in ("#composer", "#languages", "#log .choices", "#log .cancel", "#connection"):
        expect(visit.page.locator(control).last).to_be_hidden()
    expect(visit.page.locator("#shop")).to_be_visible()
    bottoms = visit.messages.evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().bottom + scrollY)"
    )
    assert len(bottoms) == count
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] <= visit.page.evaluate("document.documentElement.scrollHeight")
    assert visit.page.locator("#scroller").evaluate("one => one.scrollHeight <= one.clientHeight")
    for place in ("body", ".top"):
        expect(visit.page.locator(place)).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(visit.said("is approved").first.locator(".text")).to_have_css("color", "rgb(0, 0, 0)")
    assert visit.page.pdf(format="A4").count(b"/Type /Page\n") > 1
    visit.context.close()
