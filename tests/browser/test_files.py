"""Files in messages: drawn examples, pictures and what can be saved; and what is shown of photos, videos and those taken out."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.accessibility import faults
from tests.browser.test_accessibility import calm, tab_to
from tests.browser.test_sizes import SIZES, WRONG
from tests.browser.visits import DESKTOP, PHONE, Visit, files_in, is_inside
from tests.pictures import jpeg
from tests.servers import Server
from tests.shop_with_files import EXAMPLES, PDF, running_with_files
from tests.test_webchat_files import stored

pytestmark = pytest.mark.browser

THUMB = (320, 240)
TOPS = "all => all.map(one => one.getBoundingClientRect().top)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_with_files(tmp_path_factory.mktemp("browser") / "data") as server:
        yield server


def shown_files(chromium: Browser, server: Server, size: tuple[int, int] = PHONE, *, dark: bool = False) -> Visit:
    """Somebody to whom all four messages with files were said."""
    visit = Visit(chromium, server, size, "en", dark=dark)
    expect(visit.offered.first).to_be_visible()
    visit.write("/files")
    expect(visit.said("Gone.")).to_have_count(1)
    return visit


def has_come(image: Locator) -> None:
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("one => one.naturalWidth") > 0


# What our messages bring


@pytest.mark.parametrize(("size", "dark"), [(PHONE, False), (PHONE, True), (DESKTOP, False), (DESKTOP, True)])
def test_examples_are_shown_above_their_words(
    chromium: Browser, server: Server, pictures: Path, size: tuple[int, int], dark: bool
) -> None:
    visit = shown_files(chromium, server, size, dark=dark)

    [one] = visit.said("One example.").locator(".open-picture img").all()
    [first, second] = visit.said("Two examples.").locator(".open-picture img").all()

    for image, file in ((one, EXAMPLES[0]), (first, EXAMPLES[0]), (second, EXAMPLES[1])):
        has_come(image)
        expect(image).to_have_attribute("alt", file.name)
    visit.picture(pictures / f"files-{size[0]}-{'dark' if dark else 'light'}.png")
    alone, left, right, words = (
        box.bounding_box() for box in (one, first, second, visit.said("Two examples.").locator(".text"))
    )
    assert alone
    assert left
    assert right
    assert words
    assert round(alone["width"]) == 200
    assert (left["y"], left["x"] + left["width"] < right["x"]) == (right["y"], True), "beside each other"
    assert left["y"] + left["height"] < words["y"]
    assert is_inside(visit)
    assert visit.faults == []
    visit.context.close()


def test_picture_that_comes_late_moves_no_words(chromium: Browser, server: Server) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    calm(visit.page)
    held: list[Route] = []
    visit.page.route(re.compile("/page/examples/|/api/files/"), lambda route: held.append(route))
    visit.write("/files")
    expect(visit.said("Gone.")).to_have_count(1)
    visit.page.wait_for_function("() => document.querySelectorAll('.open-picture').length === 4")
    words = visit.page.locator("#log .text")
    before = words.evaluate_all(TOPS)
    assert held

    visit.page.unroute_all()  # they go on

    for image in visit.page.locator(".open-picture img").all():
        has_come(image)
    visit.page.locator("#scroller").evaluate("one => one.scrollTop = one.scrollHeight")
    assert words.evaluate_all(TOPS) == before
    visit.context.close()


def test_examples_far_away_are_not_fetched(chromium: Browser, server: Server) -> None:
    visit = shown_files(chromium, server)
    visit.write("far away\n" * 600)
    fetched: list[str] = []
    visit.page.on("request", lambda request: fetched.append(request.url))

    visit.page.reload()
    expect(visit.said("Two examples.")).to_have_count(1)
    expect(visit.offered.last).to_be_in_viewport()
    assert not [url for url in fetched if "/examples/" in url or "/files/" in url]

    has_come(visit.said("Two examples.").locator(".open-picture img").first)
    visit.context.close()


def test_picture_opens_large_by_keyboard_and_is_named(chromium: Browser, server: Server) -> None:
    visit = shown_files(chromium, server, DESKTOP)
    name = f"{EXAMPLES[0].name}, show it large"
    expect(visit.page.get_by_role("button", name=name)).to_have_count(2)

    tab_to(visit.page, ".open-picture")
    visit.page.keyboard.press("Enter")

    large = visit.page.get_by_role("dialog").get_by_role("img", name=EXAMPLES[0].name, exact=True)
    expect(large).to_be_visible()
    expect(large).to_have_js_property("naturalWidth", 480)
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#viewer")).to_be_hidden()
    expect(visit.page.locator(".open-picture").first).to_be_focused()
    visit.context.close()


def test_file_is_saved_under_its_name(chromium: Browser, server: Server) -> None:
    visit = shown_files(chromium, server, DESKTOP)
    button = visit.said("Your pack").get_by_role("button", name=re.compile("^Download"))
    has_come(visit.said("Your pack").locator("img"))

    tab_to(visit.page, ".file")
    with visit.page.expect_download() as download:
        visit.page.keyboard.press("Enter")

    assert download.value.suggested_filename == "凭证 _KS_.pdf", "what no file system takes is replaced"
    assert download.value.path().read_bytes() == PDF
    expect(button).to_be_focused()
    visit.context.close()


def test_file_that_does_not_come_says_so(chromium: Browser, server: Server) -> None:
    visit = shown_files(chromium, server)
    button = visit.said("Gone.").get_by_role("button")
    expect(button).to_have_text("Download gone.pdf")

    button.click()

    expect(button).to_have_text("gone.pdf did not come. Please try once more")
    visit.page.locator('.language[data-language="zh-CN"]').click()
    expect(button).to_have_text("没能下载 gone.pdf，请再点一次")
    visit.context.close()


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_grave_in_files(chromium: Browser, server: Server, tmp_path: Path, dark: bool) -> None:
    visit = shown_files(chromium, server, dark=dark)
    calm(visit.page)
    told = photo_told_as(visit, server, tmp_path, state="removed")
    expect(told.locator(".removed")).to_be_visible()
    assert faults(visit.page) == []

    visit.page.locator(".open-picture").first.click()
    expect(visit.page.locator("#viewer")).to_be_visible()
    assert faults(visit.page) == []
    visit.context.close()


@pytest.mark.parametrize("text_size", [100, 200])
def test_no_file_is_cut_off(chromium: Browser, server: Server, pictures: Path, text_size: int) -> None:
    visit = shown_files(chromium, server)
    for width, height in SIZES:
        visit.page.set_viewport_size({"width": width, "height": height})
        visit.page.evaluate("percent => (document.documentElement.style.fontSize = `${percent}%`)", text_size)
        settle(visit.page)
        visit.picture(pictures / f"files-{width}-text{text_size}.png")
        assert visit.page.evaluate(WRONG) == [], f"{width} px"
    visit.context.close()


# Photos and videos of the customer


def photo_told_as(visit: Visit, server: Server, folder: Path, **columns: str) -> Locator:
    """Sends a photo, makes its evidence be so, and comes back to the page."""
    sent = files_in(folder)[0]
    visit.send(sent)
    expect(visit.said("✓")).to_have_count(1)
    visit.page.wait_for_function("() => !document.querySelector('#log .message[data-state]')")
    columns["thumb_sha256"] = stored(server, jpeg("thumb", THUMB))
    named = ", ".join(f"{name} = :{name}" for name in columns)
    with closing(sqlite3.connect(server.data / "shouhou.db")) as database, database:
        newest = "(SELECT id FROM evidence ORDER BY received_at DESC LIMIT 1)"
        database.execute(f"UPDATE evidence SET {named} WHERE id = {newest}", columns)
    visit.page.reload()
    photo = visit.page.locator("#log .photo")
    expect(photo).to_have_count(1)
    photo.scroll_into_view_if_needed()
    expect(photo.locator("img.picture")).to_be_visible()
    return photo


def width_of(image: Locator) -> int:
    return int(image.evaluate("one => one.naturalWidth"))


def test_bubble_has_the_thumbnail_and_the_large_photo_is_fetched_when_opened(
    chromium: Browser, server: Server, tmp_path: Path
) -> None:
    visit = shown_files(chromium, server)
    fetched: list[str] = []
    visit.page.on("request", lambda request: fetched.append(request.url.partition("/photos/")[2]))
    photo = photo_told_as(visit, server, tmp_path)
    assert width_of(photo.locator("img.picture")) == THUMB[0]
    assert [url.partition("?")[2] for url in fetched if url] == ["size=small"]

    photo.locator(".open-photo").click()

    large = visit.page.locator("#viewer img")
    expect(large).to_have_js_property("naturalWidth", 1200)
    expect(large).not_to_have_class("growing")
    assert len([url for url in fetched if url]) == 2
    visit.page.keyboard.press("Escape")
    photo.locator(".open-photo").click()
    expect(large).to_have_js_property("naturalWidth", 1200)
    assert len([url for url in fetched if url]) == 2, "it is fetched once"
    visit.context.close()


def test_large_photo_that_does_not_come_leaves_the_small_one(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = shown_files(chromium, server)
    photo = photo_told_as(visit, server, tmp_path)
    visit.page.route(re.compile(r"/api/photos/[^?]*$"), lambda route: route.abort())

    photo.locator(".open-photo").click()

    large = visit.page.locator("#viewer img")
    expect(large).not_to_have_class("growing")
    assert width_of(large) == THUMB[0]
    visit.context.close()


def test_large_photo_is_not_put_in_place_of_another(chromium: Browser, server: Server, tmp_path: Path) -> None:
    """It comes after the reader has closed it and opened something else."""
    visit = shown_files(chromium, server)
    photo = photo_told_as(visit, server, tmp_path)
    held: list[Route] = []
    visit.page.route(re.compile(r"/api/photos/[^?]*$"), lambda route: held.append(route))
    photo.locator(".open-photo").click()
    visit.page.keyboard.press("Escape")
    example = visit.said("One example.").locator(".open-picture")
    has_come(example.locator("img"))
    example.click()

    with visit.page.expect_response(re.compile(r"/api/photos/[^?]*$")):
        held[0].continue_()

    settle(visit.page)
    assert width_of(visit.page.locator("#viewer img")) == 480
    visit.context.close()


def settle(page: Page) -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def test_video_shows_its_still_with_a_mark(chromium: Browser, server: Server, tmp_path: Path, pictures: Path) -> None:
    visit = shown_files(chromium, server)

    photo = photo_told_as(visit, server, tmp_path, kind="MP4", width="0", height="0")

    expect(photo.get_by_role("button", name="Video box.jpg, show its picture large")).to_be_visible()
    mark = photo.locator(".open-photo").evaluate("one => getComputedStyle(one, '::after').clipPath")
    assert mark.startswith("polygon")
    visit.picture(pictures / "video.png")
    visit.context.close()


def test_document_stays_a_tile_with_its_name_and_is_not_asked_for_again(
    chromium: Browser, server: Server, tmp_path: Path
) -> None:
    visit = shown_files(chromium, server)
    (tmp_path / "receipt.pdf").write_bytes(PDF)
    visit.send(tmp_path / "receipt.pdf")
    expect(visit.said("receipt.pdf is saved")).to_have_count(1)
    page, address = visit.page, visit.page.url
    page.goto("about:blank")  # what the page still asks for after sending is not what is counted
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/photos/" in request.url else None)
    page.clock.install()
    with page.expect_response(re.compile("/api/photos/")) as response:
        page.goto(address)

    page.clock.run_for(30_000)

    expect(visit.page.locator("#log .photo .tile")).to_have_text("receipt.pdf")
    assert response.value.status == 204
    assert len(asked) == 1
    visit.context.close()


def test_photo_taken_out_is_grey_and_says_so(chromium: Browser, server: Server, tmp_path: Path, pictures: Path) -> None:
    visit = shown_files(chromium, server)

    photo = photo_told_as(visit, server, tmp_path, state="removed")

    expect(photo).to_contain_text("Taken out")
    expect(photo.locator("img.picture")).to_have_css("filter", "grayscale(1)")
    visit.picture(pictures / "removed.png")
    visit.page.locator('.language[data-language="zh-TW"]').click()
    expect(photo).to_contain_text("已移除")
    visit.context.close()


def test_picker_offers_what_the_bot_takes(chromium: Browser, server: Server) -> None:
    visit = Visit(chromium, server, PHONE, "en")

    kinds = str(visit.page.locator("#files").get_attribute("accept")).split(",")

    assert {"image/*", ".heic", ".heif", "video/mp4", "video/quicktime", "application/pdf"} <= set(kinds)
    expect(visit.page.locator("#files")).to_have_attribute("multiple", "")
    visit.context.close()
