"""The chat on a shop's own page, which is of another origin."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shop_site import shop_site
from tests.browser.visits import files_in
from tests.servers import free_port, running
from tests.waiting import GENEROUS_SECONDS

pytestmark = pytest.mark.browser


def visit(chromium: Browser, url: str) -> Page:
    page = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en").new_page()
    page.set_default_timeout(GENEROUS_SECONDS * 1000)
    page.goto(url)
    return page


def test_shop_shows_the_chat_on_its_own_page(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    with shop_site(tmp_path, f"http://127.0.0.1:{port}") as shop:
        allowed = {
            "SHOUHOU_WEB__EMBED_ON": shop,
            "SHOUHOU_SHOP__COLOR": "#ffcc00",
            "SHOUHOU_SHOP__NAME": "Kettles & Co",
        }
        with running(tmp_path / "data", allowed, port):
            page = visit(chromium, shop)
            button = page.get_by_role("button", name="Kettles & Co · Support")
            expect(button).to_have_css("background-color", "rgb(255, 204, 0)")
            expect(button).to_have_css("color", "rgb(0, 0, 0)")

            button.press("Enter")
            chat = page.frame_locator("iframe")
            expect(chat.locator("#log .choice").first).to_be_visible()
            expect(chat.locator("#shop")).to_have_text("Kettles & Co")
            expect(chat.locator(".top-icon")).to_have_css("background-color", "rgb(255, 204, 0)")
            chat.locator("#text").press("Escape")

            expect(page.locator("iframe")).to_be_hidden()
            expect(button).to_be_focused()
            page.context.close()


def test_escape_closes_a_large_photo_first_and_the_chat_after_it(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    with (
        shop_site(tmp_path, f"http://127.0.0.1:{port}") as shop,
        running(tmp_path / "data", {"SHOUHOU_WEB__EMBED_ON": shop}, port),
    ):
        page = visit(chromium, shop)
        page.get_by_role("button", name="Support").click()
        chat = page.frame_locator("iframe")
        chat.locator("#files").set_input_files([str(files_in(tmp_path)[0])])
        chat.locator(".open-photo").press("Enter")
        expect(chat.locator("#viewer")).to_be_visible()

        page.keyboard.press("Escape")
        expect(chat.locator("#viewer")).to_be_hidden()
        expect(page.locator("iframe")).to_be_visible()

        page.keyboard.press("Escape")
        expect(page.locator("iframe")).to_be_hidden()
        page.context.close()


def test_nobody_else_can_frame_the_chat(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    with (
        shop_site(tmp_path, f"http://127.0.0.1:{port}") as shop,
        running(tmp_path / "data", {"SHOUHOU_WEB__EMBED_ON": "https://other.example"}, port),
    ):
        page = visit(chromium, shop)

        with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
            page.get_by_role("button", name="Support").press("Enter")

        assert page.frame_locator("iframe").locator("#log").count() == 0
        page.context.close()
