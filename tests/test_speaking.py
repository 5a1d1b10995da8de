"""Speaking windows: what a platform that counts lets us say, and what waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.adapter import Limits, Window
from bot.app import App
from bot.model.events import Address
from bot.model.messages import Author, File, Message, Outgoing
from bot.speaking import PATIENCE, Postpone, Say, Wait, plan
from bot.store.outbox import ToSay
from bot.store.windows import OpenWindow
from tests.fake_wechat import FakeWeChat, settled
from tests.fakes import Clock
from tests.pictures import jpeg
from tests.wechat_apps import bot_on_wechat, give_receipts, idle

NOW = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)
LIMITS = Limits(
    windows={"message": Window(5, 48 * 3600.0), "menu": Window(3, 60.0)}, parts=lambda message: len(message.text) // 10
)
ANNA = "o-anna"


def to_say(number: int, kind: str = "notice", parts: int = 1, seconds: float = 60, **more: object) -> ToSay:
    at = NOW - timedelta(seconds=seconds)
    message = Message(number, Author.BOT, at, f"{number:<{parts * 10}}"[: parts * 10])
    one = ToSay(Outgoing(f"id{number}", Address("wechat", "o"), message), "due", kind, at, 0, None)
    return replace(one, **more)


def opened(free: int, act: str = "message", seconds: float = 3600) -> OpenWindow:
    return OpenWindow("wechat:o", act, NOW + timedelta(seconds=seconds), free)


def planned(unsaid: Sequence[ToSay], *windows: OpenWindow, is_busy: bool = False) -> object:
    limits = replace(LIMITS, parts=lambda message: max(1, len(message.text) // 10))
    return plan(unsaid, windows, limits, NOW, "new", is_busy=is_busy)


def said(found: object) -> tuple[tuple[str, ...], dict[str, int]]:
    assert isinstance(found, Say), found
    return found.ids, dict(found.paid)


def test_several_go_as_one() -> None:
    found = planned([to_say(1), to_say(2, parts=0), to_say(3, parts=0)], opened(5))

    assert said(found) == (("id1", "id2", "id3"), {"message": 1})
    assert isinstance(found, Say)
    assert found.outgoing.id == "new"


def test_what_ends_first_is_paid_first() -> None:
    assert said(planned([to_say(1, parts=2)], opened(1, "menu", 30), opened(5))) == (
        ("id1",),
        {"menu": 1, "message": 1},
    )


def test_notice_leaves_the_last_one_to_a_decision() -> None:
    assert planned([to_say(1)], opened(1)) == Wait(("id1",))
    assert said(planned([to_say(1), to_say(2, "decision", 0)], opened(1))) == (("id1", "id2"), {"message": 1})
    assert said(planned([to_say(1, "answer")], opened(1))) == (("id1",), {"message": 1})


@pytest.mark.parametrize("windows", [[], [opened(0)], [opened(5, seconds=-1)], [opened(5, seconds=0)]])
def test_nothing_is_said_without_a_window(windows: list[OpenWindow]) -> None:
    assert planned([to_say(1, "decision"), to_say(2, "answer")], *windows) == Wait(("id1", "id2"))


def test_account_that_may_never_write_says_nothing_of_itself() -> None:
    found = plan([to_say(1, "decision")], [], replace(LIMITS, windows={}), NOW, "new", is_busy=False)

    assert found == Wait(("id1",))


def test_as_many_as_fit_go_and_the_rest_next_time() -> None:
    assert said(planned([to_say(1, "answer", 2), to_say(2, "answer", 2)], opened(2))) == (("id1",), {"message": 2})


def test_message_longer_than_any_window_takes_all_of_one() -> None:
    assert said(planned([to_say(1, "decision", 9)], opened(5))) == (("id1",), {"message": 5})


def test_what_was_sent_together_is_sent_together_again() -> None:
    started = [to_say(number, parts=0, sent_as="group") for number in (1, 2)]

    found = planned([*started, to_say(3)], opened(5))

    assert said(found)[0] == ("id1", "id2")
    assert isinstance(found, Say)
    assert found.outgoing.id == "group"


def test_notice_waits_for_more_of_the_same_but_not_for_long() -> None:
    assert planned([to_say(1, seconds=1)], opened(5), is_busy=True) == Postpone()
    assert said(planned([to_say(1, seconds=1), to_say(2, "answer", 0)], opened(5), is_busy=True))
    assert said(planned([to_say(1, seconds=PATIENCE.total_seconds())], opened(5), is_busy=True))


def with_files(one: ToSay, *names: str) -> ToSay:
    files = tuple(File(f"example/{name}", name, "application/pdf" if name == "pdf" else "image/png") for name in names)
    message = replace(one.outgoing.message, files=files)
    return replace(one, outgoing=replace(one.outgoing, message=message))


@pytest.mark.parametrize(
    ("free", "kind", "brought", "count"),
    [
        (5, "answer", ["pdf", "a", "b"], 3),
        (3, "notice", ["pdf", "a"], 2),
        (2, "answer", ["pdf"], 1),
        (2, "decision", ["pdf"], 1),
        (1, "decision", ["pdf"], 1),
    ],
)
def test_pictures_go_where_there_is_room_besides_a_decisions(
    free: int, kind: str, brought: list[str], count: int
) -> None:
    limits = replace(LIMITS, parts=lambda message: 1 + sum(one.is_picture for one in message.files))
    unsaid = [with_files(to_say(1, kind), "pdf", "a"), with_files(to_say(2, kind), "b")]
    found = plan(unsaid, [opened(free)], limits, NOW, "new", is_busy=False)

    assert said(found) == (("id1", "id2"), {"message": count})
    assert isinstance(found, Say)
    assert [one.name for one in found.outgoing.message.files] == brought


# With the whole bot


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fake(clock: Clock) -> FakeWeChat:
    return FakeWeChat(lambda: clock().timestamp())


def told(fake: FakeWeChat, who: str = ANNA) -> str:
    return "\n".join(one.text for one in fake.shown.get(who, []))


async def states(app: App) -> set[str]:
    async with app.database.reading() as connection:
        return set((await connection.execute(text("SELECT state FROM outbox"))).scalars())


async def say(app: App, words: str) -> str:
    """Returns what the agent is told of reaching the customer."""
    fields = {
        "number": f"{next(iter(app.adapters))}:{ANNA}",
        "agent": "li",
        "action": "reply",
        "fields": {"text": words},
    }
    return str((await app.control.do("case.act", fields))["reach"])


async def until_kept(app: App) -> None:
    query = text("SELECT count(*) FROM evidence WHERE state != 'kept'")

    async def is_kept() -> bool:
        async with app.database.reading() as connection:
            return not (await connection.execute(query)).scalar()

    await settled(is_kept)


async def is_waiting(app: App) -> None:
    async def is_there() -> bool:
        return "waiting" in await states(app)

    await settled(is_there)


@pytest.mark.parametrize("buttons", ["list", "menu"])
async def test_decision_after_two_days_waits_and_is_told_first(
    fake: FakeWeChat, clock: Clock, tmp_path: Path, buttons: str
) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons=buttons) as app:
        await fake.says(ANNA, "/human")
        await settled(lambda: bool(told(fake)))
        clock.wait(timedelta(hours=49))
        await say(app, "您的退款已经办好了")
        await is_waiting(app)
        assert "办好了" not in told(fake)

        await fake.says(ANNA, "运费谁出？")
        await settled(lambda: "运费" in told(fake))

        assert told(fake).index("办好了") < told(fake).index("运费")
        assert fake.refusals == []
        await settled(lambda: bool(fake.shown[ANNA][-1]))


async def test_what_waited_is_told_when_the_customer_sends_only_a_photo(
    fake: FakeWeChat, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        await fake.says(ANNA, "/human")
        clock.wait(timedelta(hours=49))
        await say(app, "您的退款已经办好了")
        await is_waiting(app)

        await fake.sends_photo(ANNA, jpeg("one"))

        assert "办好了" in fake.shown[ANNA][-1].text
        assert fake.shown[ANNA][-1].passive


async def test_more_than_five_decisions_wait_for_the_customer(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        await fake.says(ANNA, "/human")
        for number in range(1, 8):
            await say(app, f"第{number}条")
            if number <= 5:
                await settled(lambda number=number: f"第{number}条" in told(fake))  # type: ignore[misc]
        await is_waiting(app)
        assert "第6条" not in told(fake)
        assert fake.refusals == [], "what the platform would refuse is not tried"

        await fake.says(ANNA, "在")
        await settled(lambda: "第7条" in told(fake))
        assert told(fake).index("第5条") < told(fake).index("第6条") < told(fake).index("第7条")


@pytest.mark.parametrize("code", [45015, 45047])
async def test_platform_that_counts_otherwise_is_believed(
    fake: FakeWeChat, clock: Clock, tmp_path: Path, code: int
) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        await fake.says(ANNA, "/human")
        fake.next_errors = [code]
        await say(app, "一")
        await is_waiting(app)
        await say(app, "二")
        await is_waiting(app)
        assert fake.calls.count("send") == 1, "nothing more is tried until the customer writes"

        await fake.says(ANNA, "在")
        await settled(lambda: "一\n\n二" in told(fake))


async def test_busy_platform_is_asked_again(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        await fake.says(ANNA, "/human")
        fake.next_errors = [-1]
        await say(app, "一")

        def is_told_a_second_later() -> bool:
            clock.wait(timedelta(seconds=1))
            return "一" in told(fake)

        await settled(is_told_a_second_later)
        assert fake.windows[ANNA]["message"].free == 4, "the first try was given back"


async def test_agent_is_told_who_cannot_be_reached(tmp_path: Path) -> None:
    fake = FakeWeChat()
    async with bot_on_wechat(tmp_path, fake, buttons="list", message_quota=1, kept=0) as app:
        await fake.says(ANNA, "/human")

        async def reply(number: int) -> str:
            fields = {"number": f"wechat:{ANNA}", "agent": "li", "action": "reply", "fields": {"text": f"第{number}句"}}
            done = await app.control.do("case.act", fields | {"request": str(number)})
            return str(done["reach"])

        assert await reply(1) == ""
        await settled(lambda: "第1句" in told(fake))
        await reply(2)
        await is_waiting(app)
        assert (await reply(3)).startswith("cannot be reached until they write")

        await fake.leaves(ANNA)
        assert (await reply(4)).startswith("cannot be reached: they blocked or left us")
        assert "第4句" not in told(fake)
        await fake.follows(ANNA)
        assert await reply(5) == ""
        await settled(lambda: "第5句" in told(fake))
        assert told(fake).index("第2句") < told(fake).index("第4句") < told(fake).index("第5句")
        assert fake.refusals == []


TEMPLATE = {"id": "VRR0", "number": "character_string1", "what": "thing2", "day": "date3"}


@pytest.mark.parametrize("how", ["account", "mini", "mini, json"])
async def test_who_subscribed_is_told_once_that_there_is_news(
    fake: FakeWeChat, clock: Clock, tmp_path: Path, how: str
) -> None:
    fake.is_mini, fake.as_json = how != "account", how == "mini, json"
    more = {} if fake.is_mini else {"buttons": "list"}
    async with bot_on_wechat(tmp_path, fake, clock, subscribe_template=TEMPLATE, **more) as app:
        await fake.says(ANNA, "/human")
        await settled(lambda: bool(told(fake)))
        await fake.subscribes(ANNA, VRR0="acceptWithAlert", another="accept")
        clock.wait(timedelta(hours=49))
        reach = await say(app, "KS-7R4-M2X-H9F 的退款已经办好了")
        assert reach.startswith("cannot be reached until they write"), "a notice is no window"
        await settled(lambda: len(fake.notices) == 1)
        await say(app, "还有一句")
        await is_waiting(app)
        await idle(app)
        assert len(fake.notices) == 1, "one was allowed"
        assert fake.notices[0] == {
            "touser": ANNA,
            "template_id": "VRR0",
            "data": {
                "character_string1": {"value": "KS-7R4-M2X-H9F"},
                "thing2": {"value": "有新进展，回复任意字查看"},
                "date3": {"value": "2026年11月25日"},
            },
        }
        assert "办好了" not in told(fake)
        clock.wait(timedelta(seconds=1))
        await fake.subscribes(ANNA, VRR0="accept")
        await say(app, "第三句")
        await settled(lambda: len(fake.notices) == 2)

        await fake.says(ANNA, "在")
        await settled(lambda: "还有一句" in told(fake))
        assert told(fake).index("办好了") < told(fake).index("还有一句"), "the words themselves come first of all"
        fake.subscriptions.clear()  # at WeChat's own page, and it was not told
        clock.wait(timedelta(seconds=5))
        await fake.subscribes(ANNA, VRR0="accept")
        clock.wait(timedelta(seconds=5))
        await fake.subscribes(ANNA, VRR0="accept")
        fake.subscriptions.clear()
        clock.wait(timedelta(hours=49))
        for number in range(3):
            await say(app, f"第{number}句")
            await settled(lambda: fake.calls.count("notice") == 3)
            await idle(app)
        assert len(fake.notices) == 2
        assert fake.calls.count("notice") == 3, "refused once, it is believed"


async def test_refused_or_unknown_subscription_tells_nothing(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list", subscribe_template=TEMPLATE) as app:
        await fake.says(ANNA, "/human")
        for template, status in (("another", "accept"), ("VRR0", "accept"), ("VRR0", "reject")):
            await fake.subscribes(ANNA, **{template: status})
            clock.wait(timedelta(seconds=1))
        clock.wait(timedelta(hours=49))
        assert (await say(app, "一")).startswith("cannot be reached until they write")
        await is_waiting(app)
        await idle(app)
    assert "notice" not in fake.calls


async def test_notice_goes_too_where_the_platform_counts_otherwise(
    fake: FakeWeChat, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list", subscribe_template=TEMPLATE) as app:
        await fake.says(ANNA, "/human")
        await fake.subscribes(ANNA, VRR0="accept")
        fake.next_errors = [45015]
        await say(app, "一")
        await settled(lambda: len(fake.notices) == 1)
        await is_waiting(app)


async def test_nine_photos_at_once_are_one_case_and_few_messages(
    fake: FakeWeChat, clock: Clock, tmp_path: Path
) -> None:
    async with bot_on_wechat(tmp_path, fake, clock, buttons="list") as app:
        await fake.says(ANNA, "水壶收到就是裂的，想退款，订单 2100000000001")
        before = len(fake.shown[ANNA])
        await asyncio.gather(*(fake.sends_photo(ANNA, jpeg(f"shot {number}")) for number in range(9)))
        await give_receipts(app, clock, 9)
        await settled(lambda: "提交申请" in told(fake))

        await until_kept(app)
        async with app.database.reading() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM evidence"))).scalar() == 9
        submit = [line for line in told(fake).splitlines() if line.endswith("] 提交申请")][-1]
        await fake.says(ANNA, submit[1])
        async with app.database.reading() as connection:
            numbers = (await connection.execute(text("SELECT DISTINCT case_number FROM evidence"))).scalars().all()
        assert len(numbers) == 1
        assert numbers[0].startswith("KS-")
        assert len(fake.shown[ANNA]) - before <= 5
        assert "picture" not in fake.calls, "an address in a message is not opened"
        assert fake.refusals == []
        assert fake.faults == []


async def test_who_follows_is_greeted_once_within_the_minute(fake: FakeWeChat, clock: Clock, tmp_path: Path) -> None:
    async with bot_on_wechat(tmp_path, fake, clock) as app:
        await fake.follows(ANNA)
        await settled(lambda: "售后机器人" in told(fake))
        assert fake.windows[ANNA]["follow"].free == 2, "paid from what ends first"

        clock.wait(timedelta(seconds=1))
        await fake.leaves(ANNA)
        clock.wait(timedelta(days=3))
        await fake.follows(ANNA)
        await idle(app)
        assert len(fake.shown[ANNA]) == 1


async def test_account_that_cannot_write_answers_and_parks_the_rest(
    fake: FakeWeChat, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.wechat.adapter.is_wechats", lambda address: address.startswith(fake.url))
    fake.is_verified = False
    async with bot_on_wechat(tmp_path, fake, clock, verified=False) as app:
        await fake.says(ANNA, "我要退款，订单 2100000000001，水壶碎了")
        assert "[1] " in told(fake)
        await fake.sends_photo(ANNA, jpeg("one"))
        assert "✓ 收到" in told(fake) or "回复任意字查看结果" in told(fake), "its receipt, or how to get it"
        await until_kept(app)
        await say(app, "请再等一等")
        await is_waiting(app)
        await fake.says(ANNA, "好的")

        assert "✓ 收到" in told(fake)
        assert "请再等一等" in told(fake)
        assert "send" not in fake.calls
        assert fake.faults == []
