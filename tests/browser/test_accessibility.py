"""The page for those who see little, see nothing, or use no mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.accessibility import faults
from tests.browser.shop_site import shop_site
from tests.browser.visits import CLAIM, DESKTOP, PHONE, Visit, claim, cut_off, everything, files_in
from tests.customers import NUMBER
from tests.servers import Server, free_port, running
from tests.waiting import GENEROUS_SECONDS

pytestmark = pytest.mark.browser

NAMED = {"button", "link", "textbox", "progressbar", "image", "dialog", "log", "main", "form", "group", "RootWebArea"}
FOCUS_IS_SEEN = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}"""


# axe-core


@pytest.mark.parametrize(("language", "dark"), [("zh-CN", False), ("zh-TW", True), ("en", False), ("en", True)])
def test_axe_finds_nothing_grave(chromium: Browser, server: Server, tmp_path: Path, language: str, dark: bool) -> None:
    """First screen with its buttons, then timeline, photos, words of an agent, and what waits; then a photo shown large."""
    visit = Visit(chromium, server, PHONE, language, dark=dark)
    expect(visit.offered.first).to_be_visible()
    calm(visit.page)
    assert faults(visit.page) == []

    everything(visit, server, tmp_path)
    expect(visit.page.locator("#log .timeline").last).to_be_visible()
    assert faults(visit.page) == []

    visit.page.locator(".open-photo").last.click()
    expect(visit.page.locator("#viewer")).to_be_visible()
    assert faults(visit.page) == []
    visit.context.close()


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_grave_when_things_go_wrong(chromium: Browser, tmp_path: Path, dark: bool) -> None:
    with running(tmp_path / "data") as server:
        visit = Visit(chromium, server, PHONE, "en", dark=dark)
        expect(visit.offered.first).to_be_visible()
        calm(visit.page)
        visit.page.locator("#text").fill("a " * 10_001)
        visit.page.locator("#text").press("Enter")
        expect(visit.page.locator('#log .message[data-state="refused"] .note')).to_be_visible()
        assert faults(visit.page) == []

        server.stop()
        expect(visit.page.locator("#connection")).to_have_text("Not connected, trying again…")
        assert faults(visit.page) == []
        visit.context.close()


def test_axe_finds_nothing_grave_on_a_shops_page(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    with (
        shop_site(tmp_path, f"http://127.0.0.1:{port}") as shop,
        running(tmp_path / "data", {"SHOUHOU_WEB__EMBED_ON": shop, "SHOUHOU_SHOP__COLOR": "#ffcc00"}, port),
    ):
        page = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en").new_page()
        page.set_default_timeout(GENEROUS_SECONDS * 1000)
        calm(page)
        page.goto(shop)
        button = page.get_by_role("button", name="Support")
        expect(button).to_be_visible()
        assert faults(page) == []

        button.click()
        expect(page.frame_locator("iframe").locator("#log .choice").first).to_be_visible()
        assert faults(page) == []
        page.context.close()


def calm(page: Page) -> None:
    """Half-faded words have less contrast for a moment."""
    page.emulate_media(reduced_motion="reduce")


# The keyboard


def test_whole_claim_by_keyboard_alone(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, DESKTOP, "en")
    expect(visit.offered.first).to_be_visible()
    expect(visit.page.locator("#text")).to_be_focused()
    keys = visit.page.keyboard
    visit.page.on(
        "filechooser", lambda _: None
    )  # playwright catches choosers from here on, not only from the key press

    keys.type(CLAIM["en"])
    keys.press("Enter")
    expect(visit.page.locator('#log [data-button^="refund.photos:"]').last).to_be_visible()
    tab_to(visit.page, "#attach")
    with visit.page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files([str(file) for file in files_in(tmp_path)])
    submit = '#log [data-button="refund.do:submit"]'
    expect(visit.page.locator(submit)).to_be_visible()
    expect(visit.page.locator("#log .open-photo")).to_have_count(3)

    tab_to(visit.page, ".open-photo")
    keys.press("Enter")
    expect(visit.page.get_by_role("dialog", name="Large photo")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Close")).to_be_focused()
    keys.press("Escape")
    expect(visit.page.locator("#viewer")).to_be_hidden()
    expect(visit.page.locator(".open-photo").first).to_be_focused()

    tab_to(visit.page, submit)
    keys.press("Space")
    expect(visit.said(NUMBER)).to_have_count(1)
    expect(visit.page.locator('#log [data-button^="status:"]')).to_be_visible()
    keys.press("Tab")
    expect(visit.offered.first).to_be_focused()
    visit.context.close()


def tab_to(page: Page, selector: str) -> None:
    """And the focus can be seen at every step."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # the browser's own bar has it
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


# What a screen reader says


def test_everything_has_a_name(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, DESKTOP, "en")
    expect(visit.offered.first).to_be_visible()
    everything(visit, server, tmp_path)
    devtools = visit.context.new_cdp_session(visit.page)

    seen = list(spoken(devtools))

    assert {role for role, _ in seen} >= {"button", "textbox", "progressbar", "log", "main", "form", "group"}
    assert [role for role, name in seen if role in NAMED and not name] == []
    names = [name for role, name in seen if role == "button"]
    assert {"Photo box.jpg, show it large", "Do not send box.jpg", "Send", "Send photos, videos or files"} <= set(names)
    expect(visit.page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")
    expect(visit.page.get_by_role("textbox", name="Message")).to_be_visible()
    expect(visit.page.get_by_role("button", name="EN, English")).to_have_attribute("aria-pressed", "true")
    visit.page.locator(".open-photo").first.click()
    expect(visit.page.get_by_role("dialog").get_by_role("img", name="Photo box.jpg")).to_be_visible()
    visit.context.close()


def spoken(devtools: CDPSession) -> Iterator[tuple[str, str]]:
    """Role and name of all that a screen reader meets."""
    for node in devtools.send("Accessibility.getFullAXTree")["nodes"]:
        if not node["ignored"]:
            yield node["role"]["value"], node.get("name", {}).get("value", "")


def test_what_becomes_of_a_message_is_said(chromium: Browser, server: Server, tmp_path: Path) -> None:
    """In a region of its own: the conversation's announces new messages, and no changes to them."""
    visit = Visit(chromium, server, DESKTOP, "en")
    expect(visit.offered.first).to_be_visible()
    aloud = visit.page.locator("#aloud")
    expect(aloud).to_have_attribute("role", "status")
    cut_off(visit.page)

    visit.page.locator("#text").fill("Is it on its way?")
    visit.page.locator("#text").press("Enter")

    expect(aloud).to_have_text("Waiting to be sent…")
    visit.send(files_in(tmp_path)[0])
    expect(visit.page.get_by_role("progressbar", name="Sending box.jpg")).to_be_visible()
    visit.page.unroute("**/api/**")
    expect(visit.page.locator("#log .message[data-state]")).to_have_count(0)
    expect(aloud).to_have_text("Sent")
    visit.page.locator("#text").fill("a " * 10_001)
    visit.page.locator("#text").press("Enter")
    expect(aloud).to_have_text(visit.page.locator('#log .message[data-state="refused"] .note').inner_text())
    visit.context.close()


def test_timeline_is_a_list_with_its_stages_in_words(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "zh-TW")
    expect(visit.offered.first).to_be_visible()
    claim(visit, files_in(tmp_path))

    visit.write("/status")

    steps = visit.page.get_by_role("list").last.get_by_role("listitem")
    assert [step.inner_text().split("：")[0].strip() for step in steps.all()] == ["已完成", "進行中", "接下來"]
    visit.context.close()
