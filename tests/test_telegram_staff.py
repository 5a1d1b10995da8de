"""The staff group: what happens to a case is told in its topic, and what agents write there reaches the customer."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.adapters.telegram import adapter, posts, staff
from bot.health import Health
from bot.model.events import Address, AgentAction, Event
from bot.store import news
from tests.botapi.people import Group, Person, words_of
from tests.botapi.server import RESET, BotApi, Fault, bot_api, flood
from tests.botapi.shop import MODES, Shop, open_shop
from tests.test_telegram_oracle import check, check_call
from tests.waiting import until

TOLD = "My kettle arrived with a crack, I want a refund, order 2100000000001"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(staff, "RETRY_SECONDS", 0.02)


def photo() -> bytes:
    """Of which there is nothing to be said: large, bright and sharp."""
    file = io.BytesIO()
    Image.effect_noise((1600, 1200), 90).save(file, "JPEG", quality=60)
    return file.getvalue()


CAUGHT_UP = (
    "SELECT 1 FROM bookmarks WHERE name LIKE '% read' AND value = (SELECT coalesce(max(rowid), 0) FROM log) || ' ' "
    "|| (SELECT coalesce(max(rowid), 0) FROM inbox)"
)


class Desk:
    """The staff group, with Mei in it."""

    def __init__(self, api: BotApi, **how: Any) -> None:
        self.api = api
        self.group = Group(api, -1009)
        self.group.chat.is_forum = True
        self.mei = Person(api, "Mei")
        self.anna = Person(api, "Anna")
        self.how = {"staff_group": "-1009"} | how

    def open(self, folder: Path, mode: str = "polling") -> Any:
        return open_shop(folder, self.api, mode, **self.how)

    async def claims(self, shop: Shop, names: Sequence[str] = ("box.jpg", "label.jpg", "crack.jpg")) -> int:
        """Open Anna's case with these photos; return its topic."""
        await self.ready(shop)
        await self.anna.says(TOLD)
        await shop.settled()
        for name in names:
            await self.anna.sends_file(photo(), name, album="all")
        await self.until(lambda: "Submit" in self.anna.labels())
        await self.anna.presses("Submit")
        await self.until(lambda: self.group.chat.topics)
        return next(iter(self.group.chat.topics))

    async def ready(self, shop: Shop) -> None:
        """What happened before is not told."""
        await until(lambda: shop.rows("SELECT 1 FROM bookmarks WHERE name LIKE 'telegram%'"))

    async def caught_up(self, shop: Shop) -> None:
        """Until all that there is was told, and that is kept."""
        await until(lambda: shop.rows(CAUGHT_UP))

    async def until(self, is_so: Any) -> None:
        await self.api.until(is_so)

    def told(self, topic: int) -> str:
        return "\n".join(words_of(one) for one in self.group.posts(topic))


async def act(shop: Shop, action: str, **fields: Any) -> None:
    ((number, address),) = await shop.rows("SELECT number, address FROM cases")
    body = AgentAction("lin", action, number, None, fields)
    await shop.app.dispatcher.accept(Event(f"desk:{action}", Address.parse(address), shop.app.clock(), body))


@pytest.mark.parametrize("mode", MODES)
async def test_case_is_told_and_answered_in_its_topic(mode: str, api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path, mode) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len([one for one in desk.group.posts(topic) if "photo" in one]) == 3)
        ((number,),) = await shop.rows("SELECT number FROM cases")
        assert desk.group.chat.topics[topic] == f"{number} · 破损/变质"
        assert "订单：2100000000001" in desk.told(topic)
        assert TOLD in desk.told(topic)

        await desk.anna.says("the courier left it in the rain")
        await desk.until(lambda: "the courier left it in the rain" in desk.told(topic))
        asked = await desk.group.hears_in(topic, desk.mei, text="We are looking at it today.")
        await desk.until(lambda: "We are looking at it today." in desk.anna.texts())
        await desk.until(lambda: api.reactions)
        await act(shop, "approve", amount=5900)
        await desk.until(lambda: "lin 同意退款" in desk.told(topic))
        assert asked

        rows = await shop.rows("SELECT actor FROM log WHERE what = 'replied'")
        assert rows == [(f"agent:Mei-{desk.mei.id}@telegram",)]
    assert "We are looking" not in desk.told(topic), "who wrote it there sees it there"
    for update in api.told:
        check(update)
    for method, fields in api.calls:
        check_call(method, fields)


async def test_case_from_the_web_page_is_answered_there(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        async with shop.app.database.transaction() as connection:
            await connection.execute(text("UPDATE cases SET address = 'webchat:7'"))
        await desk.group.hears_in(topic, desk.mei, text="Hello on the page")
        await shop.settled()
        rows = await shop.rows("SELECT message FROM outbox WHERE address = 'webchat:7'")

    assert ["Hello on the page" in message for (message,) in rows] == [True]


async def test_only_words_of_people_in_a_case_s_topic_are_passed_on(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    other = Group(api, -1010)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await shop.settled()
        before = len(desk.anna.sees())
        await desk.group.hears_in(topic, desk.mei, text="// what do you think?")
        await desk.group.hears_in(topic + 1000, desk.mei, text="another topic")
        await desk.group.hears(desk.mei, "@shouhou_bot in no topic")
        await other.hears_in(topic, desk.mei, text="in another group")
        robot = Person(api, "Robot")
        robot.user["is_bot"] = True
        await desk.group.hears_in(topic, robot, text="beep")
        await desk.group.hears_in(
            topic, desk.mei, photo=[{"file_id": "f", "file_unique_id": "f", "width": 9, "height": 9}]
        )
        await desk.until(lambda: "只能把文字转给顾客" in desk.told(topic))
        await shop.settled()

    assert len(desk.anna.sees()) == before


SLIPS = {
    "/approve 59": "这里没有 /approve 这个指令",
    "／批准 59": "这里没有 ／批准 这个指令",
    "/aprove@shouhou_bot 59": "这里没有 /aprove@shouhou_bot 这个指令",
    " / approve 59": "这里没有 / 这个指令",
    "Good.\n/approve 59": "有一行像指令",
    "approve 59": "有一行像指令",
    "Reject KS-222-222-222 too late": "有一行像指令",
    "./run case approve KS-222-222-222 --amount 59.00": "有一行像指令",
    "Look at this\n// not for them": "有一行像指令",
    "/help": "以 // 开头的内容只有同事能看到",
    "/case": "审核中",
}


async def test_command_of_an_agent_never_goes_to_the_customer(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await shop.settled()
        for slip, answer in SLIPS.items():
            count = len(desk.group.posts(topic))
            await desk.group.hears_in(topic, desk.mei, text=slip)
            await desk.until(lambda count=count: len(desk.group.posts(topic)) > count)
            assert answer in words_of(desk.group.posts(topic)[-1]), slip
            assert slip.strip() not in desk.anna.texts()
        await shop.settled()
        assert await shop.rows("SELECT 1 FROM log WHERE what = 'replied'") == []

    assert not set(SLIPS) & set(desk.anna.texts())
    for method, fields in api.calls:
        check_call(method, fields)


async def test_commands_of_other_bots_are_nobody_s_and_ours_are_answered_outside_of_topics(
    api: BotApi, tmp_path: Path
) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await shop.settled()
        before = len(desk.group.texts())
        await desk.group.hears_in(topic, desk.mei, text="/ban@another_bot")
        await desk.group.hears(desk.mei, "/ban")
        await desk.group.hears(desk.mei, "/case")
        await desk.until(lambda: len(desk.group.texts()) > before)
        await shop.settled()

    assert [text[:12] for text in desk.group.texts()[before:]] == ["请在案件的话题里发送 /"]


async def test_agent_who_edits_a_reply_is_told_that_the_customer_read_the_first_version(
    api: BotApi, tmp_path: Path
) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await desk.group.hears_in(topic, desk.mei, text="Tomorow")
        await desk.until(lambda: "Tomorow" in desk.anna.texts())
        message = api.latest["message"]
        await api.tell("edited_message", message | {"text": "Tomorrow", "edit_date": message["date"]})
        await desk.until(lambda: "顾客看到的是修改前的内容" in desk.told(topic))
        await shop.settled()

    assert "Tomorrow" not in desk.anna.texts()


async def test_deleted_topic_is_made_again_and_still_answers(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        first = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(first)) == 4)
        del desk.group.chat.topics[first]
        await desk.anna.says("are you there?")
        await desk.until(lambda: desk.group.chat.topics)
        second = next(iter(desk.group.chat.topics))
        await desk.until(lambda: "are you there?" in desk.told(second))
        await desk.group.hears_in(second, desk.mei, text="Yes")
        await desk.until(lambda: "Yes" in desk.anna.texts())

    assert desk.told(second).count("are you there?") == 1


async def test_restart_tells_nothing_twice_and_loses_nothing(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await desk.caught_up(shop)
    count = len(desk.group.texts())
    async with open_shop(tmp_path, api) as shop:  # without the group
        await desk.anna.says("while nobody listened")
        await shop.settled()
    async with desk.open(tmp_path) as shop:
        await desk.until(lambda: "while nobody listened" in desk.told(topic))
        assert len(desk.group.texts()) == count + 1


async def test_photo_more_than_asked_is_told_and_the_group_goes_on(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop, ("box.jpg", "label.jpg", "crack.jpg", "one_more.jpg"))
        await desk.until(lambda: len([one for one in desk.group.posts(topic) if "photo" in one]) == 4)
        await desk.anna.says("and it was raining")
        await desk.until(lambda: "and it was raining" in desk.told(topic))

        assert await shop.app.control.do("setaside.list", {}) == []


async def test_news_that_cannot_be_told_is_set_aside_and_the_group_goes_on(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, sound = Desk(api), posts.file_call

    def broken(one: Any, words: Any) -> Any:
        raise KeyError("secret words")

    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        monkeypatch.setattr(posts, "file_call", broken)
        with capture_logs() as logs:
            await desk.anna.sends_file(photo(), "more.jpg")
            await shop.settled()
            await desk.anna.says("did it come?")
            await desk.until(lambda: "did it come?" in desk.told(topic))
            await until_listed(shop, 1)
            await desk.until(lambda: any(one["event"] == "set_aside" for one in logs))
        waiting = await shop.app.control.do("setaside.list", {})
        event = (await shop.app.control.do("setaside.show", {"id": waiting[0]["id"]}))["event"]

        assert [one["of"] for one in logs if one["event"] == "set_aside"] == [event["id"]]
        assert waiting[0]["error"].startswith("KeyError < test_telegram_staff.py")
        assert "secret words" not in str(logs) + str(waiting)
        assert sum("photo" in one for one in desk.group.posts(topic)) == 3

        monkeypatch.setattr(posts, "file_call", sound)
        await shop.app.control.do("setaside.retry", {"id": waiting[0]["id"]})
        await desk.until(lambda: sum("photo" in one for one in desk.group.posts(topic)) == 4)
        assert await shop.app.control.do("setaside.list", {}) == []
    assert desk.told(topic).count("did it come?") == 1


async def test_post_that_telegram_refuses_is_set_aside_alone(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await shop.settled()
        for method in ("sendPhoto", "sendDocument"):  # a photo that is refused is tried as a document
            api.faults[method].append(Fault(400, {"ok": False, "error_code": 400, "description": "Bad Request: no"}))
        await desk.anna.sends_file(photo(), "more.jpg")
        await shop.settled()
        await desk.until(lambda: "补充了 1 份" in desk.told(topic))
        await until_listed(shop, 1)
        (aside,) = await shop.app.control.do("setaside.list", {})
        assert sum("photo" in one for one in desk.group.posts(topic)) == 3

        await shop.app.control.do("setaside.retry", {"id": aside["id"]})
        await desk.until(lambda: sum("photo" in one for one in desk.group.posts(topic)) == 4)
    assert desk.told(topic).count("补充了 1 份") == 1, "only what was refused is told again"


@pytest.mark.parametrize("fault", [RESET, flood(1), Fault(502, "<html>")])
async def test_what_may_pass_sets_nothing_aside(fault: Fault, api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await shop.settled()
        api.faults["sendMessage"] += [fault] * 2
        await act(shop, "approve", amount=5900)
        await desk.until(lambda: "lin 同意退款" in desk.told(topic))

        assert await shop.app.control.do("setaside.list", {}) == []


async def test_words_are_told_after_the_clock_was_set_back(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        async with shop.app.database.transaction() as connection:  # it was submitted two hours later than it is now
            await connection.execute(text("UPDATE cases SET submitted_at = replace(submitted_at, '20', '30')"))

        await desk.anna.says("the courier left it in the rain")
        await desk.until(lambda: "the courier left it in the rain" in desk.told(topic))


async def test_staff_group_whose_part_fails_is_started_again(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.supervisor.PAUSES", (0.05,))
    desk, sound = Desk(api), news.after
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        monkeypatch.setattr(news, "after", None)
        await desk.until(lambda: shop.app.supervisor.down == ["telegram staff group"])
        await desk.anna.says("the courier left it in the rain")
        await shop.settled()
        assert not (await Health(shop.app).checks())["tasks"]["ok"]
        monkeypatch.setattr(news, "after", sound)
        await desk.until(lambda: "the courier left it in the rain" in desk.told(topic))
        await desk.until(lambda: not shop.app.supervisor.down)
    assert desk.told(topic).count("the courier left it in the rain") == 1


async def until_listed(shop: Shop, count: int) -> None:
    async def is_listed() -> bool:
        return len(await shop.app.control.do("setaside.list", {})) >= count

    await until(is_listed)


@pytest.mark.parametrize("fault", [RESET, flood(1), Fault(502, "<html>"), Fault(status=0, done=True)])
async def test_post_that_fails_is_tried_again(fault: Fault, api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)
        await shop.settled()
        api.faults["sendPhoto"].append(fault)
        await desk.anna.sends_file(photo(), "more.jpg")
        await shop.settled()
        await desk.until(lambda: "补充了 1 份" in desk.told(topic))
        expected = 5 if fault.done else 4  # whether the fourth arrived could not be known
        await desk.until(lambda: sum("photo" in one for one in desk.group.posts(topic)) >= expected)
        await desk.caught_up(shop)

    assert sum("photo" in one for one in desk.group.posts(topic)) == expected
    assert desk.told(topic).count("补充了 1 份") == 1


async def test_pace_of_a_group_is_kept(api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "A_GROUP", adapter.Rate(20, 1.0, burst=1))
    desk = Desk(api, keeps_pace=True)
    times: list[float] = []
    send = api._sendPhoto

    async def timed(fields: Any) -> Any:
        times.append(asyncio.get_running_loop().time())
        return await send(fields)

    api._sendPhoto = timed  # type: ignore[method-assign]
    async with desk.open(tmp_path) as shop:
        topic = await desk.claims(shop)
        await desk.until(lambda: len(desk.group.posts(topic)) == 4)

    assert len(times) >= 3
    assert times[-1] - times[0] >= (len(times) - 1) * 0.05 * 0.9  # together: one may be late and the next in time


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_forum": False}, "no topics"),
        ({"may_manage_topics": False}, "may not make topics"),
        ({"is_blocked": True}, "not in the staff group"),
        ({"moved_to": -1077}, "-1077"),
    ],
    ids=lambda one: str(one),
)
async def test_group_that_cannot_be_used_is_named_and_all_is_told_later(
    change: dict[str, Any], words: str, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "REFUSED_SECONDS", 0.05)
    desk = Desk(api)
    before = {name: getattr(desk.group.chat, name) for name in change}
    for name, value in change.items():
        setattr(desk.group.chat, name, value)
    with capture_logs() as logs:
        async with desk.open(tmp_path) as shop:
            claiming = asyncio.create_task(desk.claims(shop))
            await until(lambda: any(one["event"] == "telegram_staff_group" for one in logs))
            for name, value in before.items():
                setattr(desk.group.chat, name, value)
            topic = await claiming
            await desk.until(lambda: len(desk.group.posts(topic)) == 4)

    assert words in next(one["why"] for one in logs if one["event"] == "telegram_staff_group")
    assert len(desk.anna.texts()) >= 3, "her claim went on meanwhile"


async def test_nothing_is_asked_of_telegram_without_a_group(api: BotApi, tmp_path: Path) -> None:
    desk = Desk(api)
    async with open_shop(tmp_path, api) as shop:
        await desk.anna.says("hello")
        await desk.group.hears_in(5, desk.mei, text="hello?")
        await shop.settled()
        assert await shop.rows("SELECT 1 FROM bookmarks WHERE name LIKE 'telegram%'") == []

    assert not {"createForumTopic", "getChat"} & {method for method, _ in api.calls}
    assert desk.group.texts() == []
