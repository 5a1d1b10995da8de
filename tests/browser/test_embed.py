"""The chat on a shop's own page, which is of another origin."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers import free_port, running

pytestmark = pytest.mark.browser

SHOP_PAGE = """<!doctype html><html lang="en"><title>Kettles</title><style>button {{ font-size: 40px }}</style>
<h1>Kettles</h1><button>Buy</button><script src="{url}/embed.js" async></script></html>"""


@contextmanager
def shop_site(folder: Path, chat: str) -> Iterator[str]:
    """A web server of the shop's own. Browsers let no page from outside call this machine, so it is here too."""
    (folder / "index.html").write_text(SHOP_PAGE.format(url=chat))
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    thread = Thread(target=site.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


def visit(chromium: Browser, url: str) -> Page:
    page = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en").new_page()
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
            chat.locator("#text").press("Escape")

            expect(page.locator("iframe")).to_be_hidden()
            expect(button).to_be_focused()
            page.context.close()


def test_nobody_else_can_frame_the_chat(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    with (
        shop_site(tmp_path, f"http://127.0.0.1:{port}") as shop,
        running(tmp_path / "data", {"SHOUHOU_WEB__EMBED_ON": "https://other.example"}, port),
    ):
        page = visit(chromium, shop)

        page.get_by_role("button", name="Support").press("Enter")

        page.wait_for_timeout(1000)
        assert page.frame_locator("iframe").locator("#log").count() == 0
        page.context.close()
