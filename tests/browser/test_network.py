"""A slow network, a lost one, and several tabs: nothing is lost, nothing comes twice, the order stays, and the customer sees it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.visits import PHONE, Visit, cut_off, files_in
from tests.servers import Server

pytestmark = pytest.mark.browser

UNSENT = "#log .message[data-state]"
WAITING = '#log .message[data-state="waiting"]'
OWN = '#log .message[data-author="customer"]'

ONE_FILE_IS_KEPT = """() => new Promise((done) => {
    indexedDB.open("shouhou").onsuccess = ({ target: { result: database } }) => {
        const count = database.transaction("unsent").objectStore("unsent").count();
        count.onsuccess = () => (database.close(), done(count.result === 1));
    };
})"""


def queue_text_photo_text(visit: Visit, photo: Path) -> None:
    write(visit.page, "first 4711")
    visit.send(photo)
    write(visit.page, "last 4712")
    expect(visit.page.locator(WAITING)).to_have_count(3)


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def shown(page: Page) -> list[str]:
    """The customer's messages, from above to below: their texts, and the names of photos."""
    return [one.strip().splitlines()[-1] for one in page.locator(f"{OWN} .bubble").all_inner_texts()]


def has_all_once(page: Page) -> None:
    expect(page.locator(UNSENT)).to_have_count(0)
    own = page.locator(OWN)
    expect(own).to_have_count(3)
    assert [one.get_by_text("471").count() for one in own.all()] == [1, 0, 1]
    expect(own.nth(1).locator(".photo")).to_have_count(1)


def test_reload_without_a_network_loses_and_doubles_nothing(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    visit.context.set_offline(True)
    queue_text_photo_text(visit, files_in(tmp_path)[0])

    with pytest.raises(PlaywrightError, match="ERR_INTERNET_DISCONNECTED"):
        visit.page.reload()
    visit.context.set_offline(False)
    visit.page.goto(server.url)

    has_all_once(visit.page)
    visit.page.reload()
    has_all_once(visit.page)
    visit.context.close()


def test_two_tabs_send_what_waits_once(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    cut_off(visit.context)
    queue_text_photo_text(visit, files_in(tmp_path)[0])
    other = visit.other_tab()
    expect(other.locator(WAITING)).to_have_count(3)

    visit.context.unroute("**/api/**")

    for page in (visit.page, other):
        has_all_once(page)
    visit.context.close()


@pytest.mark.parametrize(("cancelled", "left"), [("box.jpg", "label.jpg"), ("label.jpg", "box.jpg")])
def test_photo_cancelled_in_one_tab_is_not_sent_by_another(
    chromium: Browser, server: Server, tmp_path: Path, cancelled: str, left: str
) -> None:
    """Also not by a tab that did not hear of it, as it slept."""
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    cut_off(visit.context)
    visit.send(*files_in(tmp_path)[:2])
    visit.context.add_init_script("delete window.BroadcastChannel")
    other = visit.other_tab()
    expect(other.locator(WAITING)).to_have_count(2)

    visit.page.get_by_role("button", name=f"Do not send {cancelled}").click()
    other.wait_for_function(ONE_FILE_IS_KEPT)
    visit.page.close()
    visit.context.unroute("**/api/**")

    expect(other.locator(UNSENT)).to_have_count(0)
    assert visit.photos(other) == [left]
    other.reload()
    expect(other.locator(f"{OWN} .photo")).to_have_count(1)
    assert visit.photos(other) == [left]
    visit.context.close()


def test_photo_under_way_in_another_tab_is_stopped(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    cut_off(visit.context)
    visit.send(files_in(tmp_path)[0])
    stopped: list[str] = []
    other = visit.context.new_page()
    other.on("requestfailed", lambda request: stopped.append(request.url))
    other.route("**/api/files**", lambda _: None)
    with other.expect_request("**/api/files**"):
        other.goto(server.url)
    expect(other.locator("#log .cancel")).to_be_visible()
    assert stopped == []

    visit.page.get_by_role("button", name="Do not send box.jpg").click()

    expect(other.locator(UNSENT)).to_have_count(0)
    assert any("/api/files" in url for url in stopped)
    visit.context.close()


def test_sending_that_takes_long_says_so(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    held: list[Route] = []
    visit.page.route("**/api/messages", lambda route: held.append(route), times=1)

    write(visit.page, "slow 4711")
    write(visit.page, "behind it 4712")

    notes = visit.page.locator(f"{UNSENT} .note")
    expect(notes.first).to_have_text("Still sending…")
    expect(notes.last).to_have_text("Waiting to be sent…")
    held[0].continue_()
    expect(visit.page.locator(UNSENT)).to_have_count(0)
    assert shown(visit.page) == ["slow 4711", "behind it 4712"]
    expect(visit.page.locator(f"{OWN} .note").first).to_be_hidden()
    visit.context.close()
