"""A customer's whole story in a real browser: ask, claim with photos, submit, be told the decision, and come back.

Pictures of it are kept in the folder that SHOUHOU_TEST_PICTURES names, else in pytest's temporary one.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import DESKTOP, PHONE, Album, Visit, claim, files_in, is_inside, scroll_to_photos
from tests.servers import Server

pytestmark = pytest.mark.browser

DATES = {"zh-CN": re.compile(r"\d+月\d+日"), "en": re.compile(r"\b\d{1,2} [A-Z][a-z]{2}|[A-Z][a-z]{2} \d{1,2}")}
GREETED = {"zh-CN": "售后机器人", "en": "after-sales bot"}
NAMED = {"zh-CN": "售后客服", "en": "Support"}
QUESTION = {"zh-CN": "退款多久到账？", "en": "How long do I have to return something?"}
APPROVED = {"zh-CN": "审核已通过", "en": "is approved. CN¥59.00"}


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

    number = claim(visit, files_in(tmp_path), album.add)
    assert visit.page.locator("#log .open-picture img").count() > 0, "what to photograph was drawn"
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
    assert NAMED[language] in visit.page.title()
    album.add("status")

    before = visit.texts()
    visit.page.reload()
    expect(visit.messages).to_have_count(len(before))
    assert visit.texts() == before, "everything is still there, once"
    scroll_to_photos(visit)
    assert visit.photos() == ["box.jpg", "label.jpg", "crack.jpg"], "in the order in which they were chosen"
    expect(visit.page.locator("#log img.picture")).to_have_count(3)
    album.add("reloaded")

    assert is_inside(visit), "nothing sticks out at the side"
    assert visit.faults == []
    visit.context.close()
