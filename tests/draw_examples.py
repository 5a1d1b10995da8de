"""Draws bot/examples/*.png from the SVGs beside them: `.venv/bin/python -m tests.draw_examples`, after a change to one."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests import machine

EXAMPLES = Path(__file__).parent.parent / "bot" / "examples"
SIZE = (480, 360)


def drawn(browser: Browser, svg: Path) -> Image.Image:
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{svg.read_text('utf-8')}")
    shot = page.screenshot(omit_background=True)
    page.close()
    return Image.open(io.BytesIO(shot)).convert("RGBA")


def small(image: Image.Image) -> Image.Image:
    """Of sixteen shades a channel, which the SVGs' colours are of already: only the edges lose some."""
    return image.point(lambda shade: round(shade / 17) * 17)


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.browser(), args=["--no-sandbox"])
        for svg in sorted((EXAMPLES / "svg").glob("*.svg")):
            small(drawn(browser, svg)).save(EXAMPLES / f"{svg.stem}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
