"""The customer service of a mini program: as the official account, but no answer in the callback, and JSON where it is set."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fake_wechat import FakeWeChat, settled
from tests.fakes import Clock
from tests.pictures import jpeg
from tests.wechat_apps import bot_on_wechat, give_receipts

ANNA = "o-anna"


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["xml", "json"])
async def fake(clock: Clock, request: pytest.FixtureRequest) -> AsyncIterator[FakeWeChat]:
    fake = FakeWeChat(lambda: clock().timestamp(), mini=True)
    fake.as_json = request.param == "json"
    yield fake
    assert fake.faults == []
    assert fake.refusals == []
    assert set(fake.answers) == {"success"}


def told(fake: FakeWeChat) -> str:
    return "\n".join(one.text for one in fake.shown.get(ANNA, []))


async def test_request_with_a_photo_is_answered_by_calls(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock) as app:
        await fake.says(ANNA, "水壶收到就是裂的，想退款，订单 2100000000001")
        await settled(lambda: "需要 3 张照片" in told(fake))
        assert "[1] " in told(fake), "there are no menus here: numbers"
        for number in range(3):
            await fake.sends_photo(ANNA, jpeg(f"shot {number}"))
        await give_receipts(app, clock, 3)
        await settled(lambda: "提交申请" in told(fake))
        await fake.says(ANNA, "1")
        await settled(lambda: "KS-" in told(fake))


async def test_who_comes_in_is_greeted_within_the_minute(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock):
        await fake.enters(ANNA)
        await settled(lambda: "售后机器人" in told(fake))
        clock.wait(timedelta(minutes=2))
        await fake.enters(ANNA)
        await fake.says(ANNA, "运费谁出？")
        await settled(lambda: "运费" in told(fake))

        assert told(fake).count("售后机器人") == 1
