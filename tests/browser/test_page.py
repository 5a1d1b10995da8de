"""The page in a real browser: order, what outlives a lost connection, languages, buttons, the keyboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import DESKTOP, PHONE, Visit, claim, cut_off, files_in, noise
from tests.servers import Server, running

pytestmark = pytest.mark.browser

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
PAGE_WORDS = """() => {
    const name = document.querySelector("#shop").textContent;
    const own = [...document.querySelectorAll("body *:not(#log *):not(.language):not(noscript)")];
    const said = own.flatMap((element) => [
        ...["aria-label", "title", "placeholder", "alt"].map((attribute) => element.getAttribute(attribute)),
        ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent),
    ]);
    return [document.title, ...said].map((words) => words?.replace(name, "").trim()).filter(Boolean);
}"""
LINES_OF_NUMBER = """() => {
    const text = document.querySelector("#log .text");
    const start = text.textContent.indexOf("KS-");
    const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let at = 0, node; (node = nodes.nextNode()); at += node.length) {
        if (at <= start && start < at + node.length) range.setStart(node, start - at);
        if (at < start + 14 && start + 14 <= at + node.length) range.setEnd(node, start + 14 - at);
    }
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return new Set([...range.getClientRects()].map(({ top }) => top)).size;
}"""


# Photos


def test_photos_arrive_in_the_order_in_which_they_were_chosen(
    chromium: Browser, server: Server, tmp_path: Path
) -> None:
    """Although the first is the largest, and the network is slow; another tab sees them too."""
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    other = visit.other_tab()
    expect(other.locator("#log .choice").first).to_be_visible()
    names = ["large.jpg", "b.jpg", "a.jpg", "c.jpg"]
    for name, side in zip(names, (1600, 40, 30, 20), strict=True):
        (tmp_path / name).write_bytes(noise(side))
    slow_down(visit.page, bytes_a_second=1 << 20)

    visit.send(*(tmp_path / name for name in names))

    expect(visit.page.locator("#log progress")).to_have_count(4)
    expect(visit.page.locator("#log .message[data-state]")).to_have_count(0)
    assert visit.photos() == names
    expect(other.locator("#log .photo")).to_have_count(4)
    assert visit.photos(other) == names
    visit.context.close()


def slow_down(page: Page, bytes_a_second: int) -> None:
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": bytes_a_second},
    )


# Without a connection


def test_message_written_while_the_server_is_away_arrives_once(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        visit = Visit(chromium, server, PHONE, "en")
        expect(visit.offered.first).to_be_visible()

        server.stop()
        visit.page.locator("#text").fill("Are you there? 4711")
        visit.page.locator("#text").press("Enter")
        expect(visit.page.locator('#log .message[data-state="waiting"]')).to_have_count(1)
        server.start()

        expect(visit.page.locator("#log .message[data-state]")).to_have_count(0)
        expect(visit.messages.filter(has_text="4711")).to_have_count(1)
        visit.context.close()


def test_what_waits_says_so_survives_a_reload_and_goes_out_in_order(
    chromium: Browser, server: Server, tmp_path: Path
) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    [photo, *_] = files_in(tmp_path)
    cut_off(visit.page)

    visit.page.locator("#text").fill("first 4711")
    visit.page.locator("#text").press("Enter")
    visit.send(photo)
    visit.page.locator("#text").fill("last 4712")
    visit.page.locator("#text").press("Enter")

    waiting = visit.page.locator('#log .message[data-state="waiting"]')
    expect(waiting).to_have_count(3)
    for one in waiting.all():
        expect(one.locator(".note")).to_have_text("Waiting to be sent…")
    visit.page.reload()
    expect(waiting).to_have_count(3)
    visit.page.unroute("**/api/**")

    expect(visit.page.locator("#log .message[data-state]")).to_have_count(0)
    own = visit.page.locator('#log .message[data-author="customer"]')
    expect(own).to_have_count(3)
    assert [one.get_by_text("471").count() for one in own.all()] == [1, 0, 1]
    visit.page.reload()
    expect(own).to_have_count(3)
    visit.context.close()


# Words


def test_what_the_customer_writes_is_shown_as_text(chromium: Browser, server: Server) -> None:
    visit = Visit(chromium, server, DESKTOP, "en")
    expect(visit.offered.first).to_be_visible()

    visit.write("<img src=x onerror=\"document.title='owned'\"><b>bold</b>")

    assert "<b>bold</b>" in " ".join(visit.texts())
    assert visit.page.locator("#log .text b, #log .text img").count() == 0
    assert visit.page.title() != "owned"
    visit.context.close()


def test_case_number_is_never_broken_and_is_copied_as_it_is(chromium: Browser, server: Server) -> None:
    visit = Visit(chromium, server, PHONE, "zh-CN")
    expect(visit.offered.first).to_be_visible()
    visit.page.evaluate("document.querySelector('#log').replaceChildren()")
    visit.write("请帮我看一下售后单 KS-7YY-TA2-MXH 到哪一步了，谢谢")

    for width in range(280, 430, 10):
        visit.page.set_viewport_size({"width": width, "height": 700})
        assert visit.page.evaluate(LINES_OF_NUMBER) == 1, width
        assert visit.page.evaluate("getSelection().toString()") == "KS-7YY-TA2-MXH"
    visit.context.close()


@pytest.mark.parametrize(("language", "other"), [("zh-CN", "en"), ("en", "zh-CN"), ("zh-TW", "en")])
def test_page_speaks_one_language(chromium: Browser, server: Server, language: str, other: str) -> None:
    """That of the browser, then the one that the customer chose, in the chat or above it."""
    visit = Visit(chromium, server, DESKTOP, language)
    expect(visit.offered.first).to_be_visible()
    speaks(visit.page, language)

    visit.press("language")
    visit.press(f"language.{other}")
    speaks(visit.page, other)

    visit.page.locator(f'.language[data-language="{language}"]').click()
    speaks(visit.page, language)
    visit.context.close()


def speaks(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page).to_have_title(re.compile("快手小店 · "))
    words = page.evaluate(PAGE_WORDS)
    assert len(words) > 10
    foreign = CHINESE if language == "en" else LATIN_WORD
    assert [one for one in words if foreign.search(one)] == []


def test_server_away_is_said_in_the_customers_language(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        visit = Visit(chromium, server, PHONE, "zh-CN")
        expect(visit.offered.first).to_be_visible()

        server.stop()

        expect(visit.page.locator("#connection")).to_have_text("连接不上，正在重试…")
        visit.page.locator('.language[data-language="en"]').click()
        expect(visit.page.locator("#connection")).to_have_text("Not connected, trying again…")
        expect(visit.page.locator("#log .note").last).to_have_text("Waiting to be sent…")
        visit.context.close()


# Buttons


def test_buttons_go_away_when_the_conversation_went_on(chromium: Browser, server: Server) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    assert "ask" in visit.buttons()

    visit.press("ask")
    assert all(button.startswith("answer:") for button in visit.buttons())

    visit.write("How long do I have to return something?")
    assert not any(button.startswith("answer:") for button in visit.buttons())
    now = visit.buttons()

    visit.page.reload()
    expect(visit.offered).to_have_count(len(now))
    assert visit.buttons() == now, "the same as before"
    visit.context.close()


def test_decision_leaves_the_open_question_its_buttons(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    number = claim(visit, files_in(tmp_path))
    visit.write("/refund")
    question = visit.buttons()

    server.case("approve", number, "--amount", "59.00")

    expect(visit.said("is approved")).to_have_count(1)
    assert visit.buttons() == [*question, "status", "human"]
    visit.context.close()


# The timeline


def test_timeline_is_drawn_and_read_out(chromium: Browser, server: Server, tmp_path: Path) -> None:
    visit = Visit(chromium, server, PHONE, "en")
    expect(visit.offered.first).to_be_visible()
    claim(visit, files_in(tmp_path))

    visit.write("/status")

    steps = visit.page.locator("#log .timeline").last.locator("li")
    assert [step.get_attribute("data-stage") for step in steps.all()] == ["done", "now", "next"]
    expect(steps.nth(0)).to_contain_text("Done:")
    expect(steps.nth(0).locator("svg")).to_be_visible()
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    assert "⏳" not in visit.texts()[-1]
    visit.context.close()


# What is in view


def test_newest_message_stays_in_view_while_buttons_above_it_go_away(
    chromium: Browser, server: Server, tmp_path: Path
) -> None:
    visit = Visit(chromium, server, (320, 640), "en")
    expect(visit.offered.first).to_be_visible()
    number = claim(visit, files_in(tmp_path))
    server.case("reply", number, "Hello, I am Mei of the shop, and I am looking at it now.")
    server.case("approve", number, "--amount", "59.00")
    expect(visit.said("is approved")).to_have_count(1)
    expect(visit.offered.last).to_be_in_viewport(ratio=1)
    before = visit.newest()

    visit.page.locator('.language[data-language="zh-CN"]').click()

    visit.wait_for_answer(before)
    expect(visit.offered.last).to_be_in_viewport(ratio=1)
    visit.context.close()
