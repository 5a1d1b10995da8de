"""On Telegram, against a Bot API of ours over HTTP: what goes wrong there, and what must not."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.adapters.telegram import polling, webhook
from bot.adapters.telegram.adapter import TelegramAdapter
from bot.adapters.telegram.api import Api
from bot.model.case import Case, CaseStatus
from bot.model.events import Address, AgentAction, Event
from bot.model.messages import Button, File
from bot.router import Router, Routes
from bot.store import cases
from bot.store.database import StoreUnavailableError
from bot.turn import Turn
from handlers import ROUTERS
from tests.botapi.people import Group, Person, buttons_of
from tests.botapi.server import BROKEN, HTML, RESET, BotApi, Fault, bot_api, flood
from tests.botapi.shop import MODES, Shop, open_shop
from tests.pictures import jpeg, png
from tests.test_telegram_oracle import check_call
from tests.waiting import GENEROUS_SECONDS, until

SECRET = "x" * 40


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


ECHO = Router("echo")


@ECHO.command("echo")
def say_it_back(turn: Turn) -> None:
    turn.say_text(turn.event.words)


@ECHO.command("bring")
def bring_files(turn: Turn) -> None:
    """`/bring SHA256 …`: with these objects, in the order of their names."""
    names = turn.event.words.split()[1:]
    files = [File(f"object/{one}", f"报告; {number}.png", "image/png") for number, one in enumerate(names)]
    turn.say_text("This is how it looks.", options=[Button("status", "Check progress")], files=files)


@ECHO.first_contact
def say_nothing(turn: Turn) -> None:
    return


def a_case(customer: str, address: str) -> Case:
    day = datetime(2026, 11, 25, tzinfo=UTC)
    return Case(
        number="KS-222-222-222", customer=customer, address=address, intake="1", order_number="2100000000001",
        reason="other", details="cracked", wish="refund", status=CaseStatus.UNDER_REVIEW, submitted_at=day, photos=0,
        evidence_count=0, submitted_evidence=0, promised_on=day.date(), is_estimate=False,
    )  # fmt: skip


def echoing() -> Routes:
    return Routes((ECHO, *ROUTERS))


ENOUGH_ANSWERS = 10


# Receiving


@pytest.mark.parametrize("mode", MODES)
async def test_one_update_that_cannot_be_read_stops_none_of_200(mode: str, api: BotApi, tmp_path: Path) -> None:
    people = [Person(api, f"P{number}") for number in range(200)]
    async with open_shop(tmp_path, api, mode, echoing()) as shop:
        for number, person in enumerate(people):
            if number == 50:
                message = api.message(person.chat, person.user, text=5)
                poisoned = await api.tell("message", message)
            else:
                await person.says(f"/echo {number}")
        await shop.settled()

        assert [person.texts() for person in people] == [
            [] if number == 50 else [f"/echo {number}"] for number in range(200)
        ]
        ((event, state),) = await shop.rows("SELECT event, state FROM setaside")
        assert state == "waiting"
        assert json.loads(json.loads(event)["body"]["raw"])["update_id"] == poisoned


@pytest.mark.parametrize("mode", MODES)
async def test_half_a_character_stops_nobody(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna, ben = Person(api, "Anna \ud83d"), Person(api, "Ben")
    async with open_shop(tmp_path, api, mode, echoing()) as shop:
        await anna.says("/echo half \ud83d a face")
        await ben.says("/echo whole")
        await shop.settled()

    assert [anna.texts(), ben.texts()] == [["/echo half  a face"], ["/echo whole"]]


async def test_updates_that_are_counted_anew_and_lower_are_handled(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.says("/echo before")
        await shop.settled()
        api.begin_counting_at(17)
        for number in range(30):
            await anna.says(f"/echo {number} after a silent week")
            if number % 3:  # they come while Telegram is asked and while it is not
                await api.until(lambda: api.pending == 0)
        await shop.settled()

    assert anna.texts() == ["/echo before", *(f"/echo {number} after a silent week" for number in range(30))]


async def test_second_poller_is_named_and_nothing_is_lost(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PAUSES", (0.1,))
    anna = Person(api)
    with capture_logs() as logs:
        async with open_shop(tmp_path, api, routes=echoing()) as shop, aiohttp.ClientSession() as other:
            await anna.says("/echo 1")
            await shop.settled()
            async with other.post(f"{api.url}/bot{api.token}/getUpdates", json={"timeout": 0}) as answer:
                assert answer.status == 200
            await anna.says("/echo 2")
            await shop.settled()

    assert anna.texts() == ["/echo 1", "/echo 2"]
    assert "token of its own" in next(one["why"] for one in logs if one["event"] == "telegram_second_poller")


@pytest.mark.parametrize("mode", MODES)
async def test_refused_token_is_named_and_stops_nothing_else(mode: str, api: BotApi, tmp_path: Path) -> None:
    api.webhook = {"url": "http://127.0.0.1:9/"}
    other = "110201544:" + "B" * 35
    with capture_logs() as logs:
        async with open_shop(tmp_path, api, mode, token=other) as shop, aiohttp.ClientSession() as web:
            await until(lambda: any(one["event"] == "telegram_token_refused" for one in logs))
            async with web.get(f"{shop.url}/api/shop") as answer:
                assert answer.status == 200

    assert "@BotFather" in next(one["why"] for one in logs if one["event"] == "telegram_token_refused")
    assert other not in str(logs)


async def test_webhook_left_behind_is_removed_when_polling(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PAUSES", (0.1,))
    api.webhook = {"url": "http://127.0.0.1:9/"}
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await api.until(lambda: not api.webhook)
        await anna.says("/echo 1")
        await shop.settled()

    assert anna.texts() == ["/echo 1"]


@pytest.mark.parametrize("fault", [RESET, BROKEN, HTML, flood(1)], ids=["reset", "500", "html", "429"])
async def test_question_for_updates_that_fails_is_asked_again(
    fault: Fault, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PAUSES", (0.1,))
    odd = [
        {"ok": False},
        {"ok": True, "result": {"update_id": 1}},
        ["updates"],
        {"ok": True, "result": ["odd", 5, None]},
    ]
    api.faults["getUpdates"] += [fault, *(Fault(status=200, body=body) for body in odd)]
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.says("/echo 1")
        await shop.settled()

    assert anna.texts() == ["/echo 1"]


@pytest.mark.parametrize("mode", MODES)
async def test_repeated_update_is_answered_once(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode, echoing()) as shop:
        await anna.says("/echo 1")
        await api.tell_raw(api.latest)
        await shop.settled()
        await api.tell_raw(api.latest)
        await shop.settled()

    assert anna.texts() == ["/echo 1"]


@pytest.mark.parametrize("mode", MODES)
async def test_flood_of_one_command_is_answered_once(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna, ben = Person(api, "Anna"), Person(api, "Ben")
    async with open_shop(tmp_path, api, mode, echoing()) as shop:
        for _ in range(50):
            await anna.says("/echo 1")
        await ben.says("/echo 1")
        await shop.settled()
        assert [anna.texts(), ben.texts()] == [["/echo 1"], ["/echo 1"]]
        await anna.says("/echo 2")
        await anna.says("/echo 1")
        await shop.settled()

    assert anna.texts() == ["/echo 1", "/echo 2", "/echo 1"]


async def test_same_command_is_answered_again_after_other_words_and_after_some_seconds(
    api: BotApi, tmp_path: Path
) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        adapter = shop.app.adapters["telegram"]
        assert isinstance(adapter, TelegramAdapter)
        adapter._floods._elapsed = iter([0.0, 2.9, 5.8, 9.0, 9.1]).__next__
        for _ in range(4):
            await anna.says("/echo 1")
            await shop.settled()
        assert anna.texts() == ["/echo 1"] * 2, "at 0.0 and at 9.0"
        body = AgentAction("lin", "reply", "", None, {"text": "A person here"})
        await shop.app.dispatcher.accept(Event("desk:1", Address("telegram", str(anna.id)), shop.app.clock(), body))
        await shop.settled()
        await anna.says("/echo 1")
        await shop.settled()

    assert anna.texts() == ["/echo 1"] * 2 + ["A person here", "/echo 1"]


@pytest.mark.parametrize("mode", MODES)
async def test_answers_keep_the_order_within_a_chat(mode: str, api: BotApi, tmp_path: Path) -> None:
    await said_in_order(mode, api, tmp_path, updates=600, people=60)


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
async def test_no_inversions_in_5000(mode: str, api: BotApi, tmp_path: Path) -> None:
    await said_in_order(mode, api, tmp_path, updates=5000, people=500)


async def said_in_order(mode: str, api: BotApi, folder: Path, updates: int, people: int) -> None:
    api.jitter = 0.02
    chats = [Person(api, f"P{number}") for number in range(people)]
    async with open_shop(folder, api, mode, echoing()) as shop:
        for number in range(updates):
            await chats[number % people].says(f"/echo {number}")
        await shop.settled()

    for first, person in enumerate(chats):
        assert person.texts() == [f"/echo {number}" for number in range(first, updates, people)]


class TestWebhook:
    """Whoever calls."""

    async def test_only_telegram_is_listened_to(self, api: BotApi, tmp_path: Path) -> None:
        anna = Person(api)
        update = {"update_id": 1, "message": api.message(anna.chat, anna.user, text="/echo forged")}
        async with open_shop(tmp_path, api, "webhook", echoing(), secret=SECRET) as shop:
            assert api.webhook["secret_token"] == SECRET
            for given in (
                {},
                {"X-Telegram-Bot-Api-Secret-Token": ""},
                {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"},
            ):
                assert await post(shop.url, given, json=update) == (403, {})
            assert await post(shop.url, json=update) == (200, {})
            await shop.settled()

        assert anna.texts() == ["/echo forged"]

    async def test_secret_of_its_own_stays_the_same(self, api: BotApi, tmp_path: Path) -> None:
        secrets = []
        for _ in range(2):
            async with open_shop(tmp_path, api, "webhook"):
                secrets.append(api.webhook["secret_token"])

        assert secrets[0] == secrets[1]
        assert len(secrets[0]) == 64

    async def test_what_cannot_be_stored_comes_again(self, api: BotApi, tmp_path: Path) -> None:
        anna = Person(api)
        update = {"update_id": 1, "message": api.message(anna.chat, anna.user, text="/echo 1")}
        async with open_shop(tmp_path, api, "webhook", echoing(), secret=SECRET) as shop:
            handle = shop.app.dispatcher.handle

            async def fail(*given: Any, **more: Any) -> Any:
                raise StoreUnavailableError("full")

            shop.app.dispatcher.handle = fail  # type: ignore[method-assign]
            assert await post(shop.url, json=update) == (503, {"Retry-After": "1"})
            shop.app.dispatcher.handle = handle  # type: ignore[method-assign]
            assert await post(shop.url, json=update) == (200, {})
            await shop.settled()

        assert anna.texts() == ["/echo 1"]

    async def test_too_much_and_too_slow_are_cut_off(
        self, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def without_end() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.Event().wait()

        async with open_shop(tmp_path, api, "webhook", secret=SECRET) as shop:
            assert (await post(shop.url, data=io.BytesIO(b"x" * (2 << 20))))[0] == 413
            assert (await post(shop.url, data=b"{"))[0] == 400
            assert (await post(shop.url, data=b"[" * 500_000))[0] == 400
            monkeypatch.setattr(webhook, "READ_SECONDS", 0.3)
            assert (await post(shop.url, data=without_end()))[0] == 408

    async def test_odd_json_is_set_aside_and_not_asked_for_again(self, api: BotApi, tmp_path: Path) -> None:
        async with open_shop(tmp_path, api, "webhook", secret=SECRET) as shop:
            assert await post(shop.url, data=b'["odd"]') == (200, {})
            assert len(await shop.rows("SELECT 1 FROM setaside")) == 1


async def post(url: str, headers: Any = None, **how: Any) -> tuple[int, dict[str, str]]:
    """Status, and when to come again."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET} if headers is None else headers
    async with aiohttp.ClientSession() as http, http.post(f"{url}/telegram", headers=headers, **how) as answer:
        return answer.status, {name: value for name, value in answer.headers.items() if name == "Retry-After"}


async def test_poller_in_which_something_is_cancelled_answers_again(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no stop: what only a stop may do, such as closing the connections, would leave the bot mute."""
    monkeypatch.setattr("bot.supervisor.PAUSES", (0.05,))
    anna, sound = Person(api), Api.updates
    ends: list[str] = []

    async def cancelled(*_given: Any) -> Any:
        ends.append("cancelled")
        raise asyncio.CancelledError

    async with open_shop(tmp_path, api) as shop:
        await anna.says("/help")
        await shop.settled()
        monkeypatch.setattr(Api, "updates", cancelled)
        await anna.says("/privacy")  # ends the question that is under way
        await until(lambda: ends)
        monkeypatch.setattr(Api, "updates", sound)
        await until(lambda: not shop.app.supervisor.down)

        await anna.says("/contact")
        await until(lambda: len(anna.texts()) >= 4)


# What people do


async def test_pressed_button_is_answered_and_shown_as_pressed(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.says("/help")
        await shop.settled()
        shown = anna.sees()[-1]
        await anna.presses("Check progress")
        await shop.settled()
        await api.until(lambda: buttons_of(shown)[1]["text"] == "✓ Check progress")

    methods = [method for method, _ in api.calls]
    assert "answerCallbackQuery" in methods
    assert anna.texts()[-1].startswith("You have no requests yet")
    assert all(len(button["callback_data"].encode()) <= 64 for message in anna.sees() for button in buttons_of(message))


@pytest.mark.parametrize("mode", MODES)
async def test_press_is_answered_before_it_is_stored(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode) as shop:
        await anna.says("/help")
        await shop.settled()
        handle = shop.app.dispatcher.handle

        async def fail(*given: Any, **more: Any) -> Any:
            raise StoreUnavailableError("full")

        shop.app.dispatcher.handle = fail  # type: ignore[method-assign]
        greeted = anna.texts()
        await anna.presses("Check progress")
        await api.until(lambda: any(method == "answerCallbackQuery" for method, _ in api.calls))
        assert anna.texts() == greeted
        shop.app.dispatcher.handle = handle  # type: ignore[method-assign]
        await shop.settled()

    assert anna.texts()[-1].startswith("You have no requests yet")


@pytest.mark.parametrize(
    "odd",
    [
        {"message": 5},
        {"message": {"chat": {"id": 7, "type": "private"}, "date": 0, "message_id": 1}},
        {"message": None},
        {"data": 7},
        {"id": None},
    ],
)
async def test_odd_press_stops_nothing(odd: Any, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    query = {"id": "5", "from": {**anna.user, "id": 7}, "chat_instance": "1", "data": "x"}
    query["message"] = {"chat": {"id": 7, "type": "private"}, "date": 1, "message_id": 1, "reply_markup": "odd"}
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await api.tell("callback_query", query | odd)
        await anna.says("/echo 1")
        await api.until(lambda: anna.texts() == ["/echo 1"])
        assert api.pending == 0 or await shop.settled() is None


async def test_button_belongs_to_whom_it_was_shown(api: BotApi, tmp_path: Path) -> None:
    anna, ben = Person(api, "Anna"), Person(api, "Ben")
    async with open_shop(tmp_path, api) as shop:
        await anna.says("/help")
        await ben.says("/help")
        await shop.settled()
        theirs, mine = anna.sees()[-1], ben.sees()[-1]
        for data in (buttons_of(theirs)[1]["callback_data"], "status", "0" * 32 + ":1"):
            await ben.presses_data(data, mine)
            await shop.settled()
            assert ben.texts()[-1].startswith("That button no longer works")


async def refreshing(shop: Shop, anna: Person) -> int:
    """A case, and the message that says where it stands, which is the last one."""
    await anna.says("I want to return it within 7 days, order 2100000000001")
    await shop.settled()
    async with shop.app.database.transaction() as connection:
        ((customer, address),) = await shop.rows("SELECT customer, address FROM conversations")
        await connection.execute(text("UPDATE conversations SET form = NULL"))
        await cases.add(connection, [a_case(customer, address)])
    await anna.says("/status KS-222-222-222")
    await shop.settled()
    return int(anna.sees()[-1]["message_id"])


def refresh_of(message: Any) -> str:
    return next(one["text"] for one in buttons_of(message) if one["text"].startswith("🔄"))


@pytest.mark.parametrize("mode", MODES)
async def test_refreshed_status_takes_the_place_of_the_one_before(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode) as shop:
        id_ = await refreshing(shop, anna)
        count = len(anna.sees())
        async with shop.app.database.transaction() as connection:
            await connection.execute(text("UPDATE cases SET status = 'refunded'"))
        for _ in range(2):
            await anna.presses(refresh_of(anna.sees()[-1]))
            await shop.settled()

    assert len(anna.sees()) == count
    assert anna.sees()[-1]["message_id"] == id_
    assert "Under review" not in anna.texts()[-1]
    assert sum(method == "editMessageText" for method, _ in api.calls) == 2
    for method, fields in api.calls:
        check_call(method, fields)


async def test_refreshed_status_is_a_new_message_where_more_was_said(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await refreshing(shop, anna)
        old = anna.sees()[-1]
        await anna.says("/privacy")
        await shop.settled()
        count = len(anna.sees())
        await anna.presses(refresh_of(old))
        await shop.settled()

    assert len(anna.sees()) == count + 1
    assert "editMessageText" not in {method for method, _ in api.calls}


@pytest.mark.parametrize(
    ("description", "more"),
    [("Bad Request: message can't be edited", 1), ("Bad Request: message is not modified", 0)],
)
async def test_status_that_cannot_be_edited_is_sent_anew(
    description: str, more: int, api: BotApi, tmp_path: Path
) -> None:
    api.faults["editMessageText"].append(Fault(400, {"ok": False, "error_code": 400, "description": description}))
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await refreshing(shop, anna)
        count = len(anna.sees())
        await anna.presses(refresh_of(anna.sees()[-1]))
        await shop.settled()

    assert len(anna.sees()) == count + more


async def test_blocked_bot_is_known_and_unblocked_too(api: BotApi, tmp_path: Path) -> None:
    reachable = "SELECT reachable FROM conversations"
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.says("/echo 1")
        await shop.settled()
        await anna.blocks()
        await shop.settled()
        assert await shop.rows(reachable) == [(0,)]
        await anna.blocks(is_blocked=False)
        await shop.settled()
        assert await shop.rows(reachable) == [(1,)]

        refusal = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
        api.faults["sendMessage"].append(Fault(403, refusal))
        await anna.says("/echo 2")
        await shop.settled()
        assert await shop.rows(reachable) == [(0,)]
        assert await shop.rows("SELECT state FROM outbox ORDER BY position") == [("sent",), ("refused",)]


async def test_group_gets_a_polite_answer_and_moves(api: BotApi, tmp_path: Path) -> None:
    anna, family = Person(api), Group(api)
    async with open_shop(tmp_path, api) as shop:
        await api.until(lambda: any(method == "getMe" for method, _ in api.calls))
        await family.hears(anna, "what is for dinner?")
        await family.hears(anna, "/status@shouhou_bot")
        await shop.settled()
        assert [text.partition(",")[0] for text in family.texts()] == ["To keep your order private"]

        family.moves(-1002)
        await api.tell("message", api.message(api.chats[-1001], anna.user, text="hello @shouhou_bot"))
        await shop.settled()
        assert len(family.texts()) == 1
        assert await shop.rows("SELECT address FROM conversations") == [("telegram:-1002",)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("field", ["rich_message", "hologram_of_2031"])
async def test_message_of_an_unknown_kind_gets_a_kind_sentence(
    field: str, mode: str, api: BotApi, tmp_path: Path
) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode, echoing()) as shop:
        await anna.sends(
            **{field: {"blocks": [{"type": "paragraph", "text": ["my ", {"type": "bold", "text": "kettle"}]}]}}
        )
        await shop.settled()
        ((body,),) = await shop.rows("SELECT body FROM inbox")

    assert [text.partition(".")[0] for text in anna.texts()] == ["I can't handle that kind of content"]
    assert json.loads(body)["note"] == ("my kettle" if field == "rich_message" else "")


@pytest.mark.parametrize(
    "content",
    [
        {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
        {"forum_topic_created": {"name": "Kettle", "icon_color": 7322096}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"chat_wallpaper_changed": {}},
    ],
    ids=lambda content: str(next(iter(content))),
)
async def test_service_message_stays_silent(content: dict[str, Any], api: BotApi, tmp_path: Path) -> None:
    """Also one that is newer than we are: its name says that something happened."""
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.sends(**content)
        await shop.settled()
        assert await shop.rows("SELECT 1 FROM inbox") == []

    assert anna.texts() == []


@pytest.mark.parametrize("mode", MODES)
async def test_link_with_an_order_number_starts_its_request(mode: str, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, mode) as shop:
        await anna.says("/start 2100000000001")
        await shop.settled()

    assert anna.texts()[0].startswith("Hi, I'm the after-sales bot")
    assert anna.texts()[-1].startswith("What went wrong")


async def test_file_that_telegram_does_not_hand_out_gets_a_way_on(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.sends_file(b"\0" * ((20 << 20) + 1), "long.mp4", "video/mp4")
        await api.until(lambda: any("over 20 MB" in text for text in anna.texts()))
        await shop.settled()

    assert anna.labels()


@pytest.mark.parametrize("fault", [RESET, Fault(503, "busy")], ids=["reset", "503"])
async def test_download_that_breaks_is_tried_again(
    fault: Fault, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.errands.PAUSES", (0.1, 0.1))
    api.faults["download"].append(fault)
    anna = Person(api)
    async with open_shop(tmp_path, api) as shop:
        await anna.sends_file(jpeg("crack"), "crack.jpg")
        await api.until(lambda: any("Got the photo" in text for text in anna.texts()))
        assert await shop.rows("SELECT state, size FROM evidence") == [("kept", len(jpeg("crack")))]
    assert "sendChatAction" in [method for method, _ in api.calls]


async def test_typing_ends_with_an_answer_that_comes_at_once(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.photos.MOST_FILES", 0)
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.sends_file(jpeg("crack"), "crack.jpg")
        await api.until(anna.texts)
        await shop.settled()
        adapter = shop.app.adapters["telegram"]
        assert isinstance(adapter, TelegramAdapter)
        assert not adapter._beside._typing, "nothing more is to come"


async def test_profile_that_cannot_be_set_stops_nothing(api: BotApi, tmp_path: Path) -> None:
    api.unknown = {"setMyCommands", "setMyDescription", "setMyShortDescription", "setChatMenuButton"}
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.says("/echo 1")
        await shop.settled()
        await api.until(lambda: any(method == "setChatMenuButton" for method, _ in api.calls))

    assert anna.texts() == ["/echo 1"]


async def test_profile_is_set_in_each_language(api: BotApi, tmp_path: Path) -> None:
    async with open_shop(tmp_path, api):
        await api.until(lambda: any(method == "setChatMenuButton" for method, _ in api.calls))

    private = "all_private_chats"
    assert api.profile["commands", private, None][0] == {"command": "refund", "description": "申请售后"}
    assert api.profile["commands", private, "en"][0] == {"command": "refund", "description": "Start a request"}
    known = {name for router in ROUTERS for kind, name in router.handlers if kind == "command"}
    assert {one["command"] for one in api.profile["commands", private, "en"]} <= known
    assert len(api.profile["short", "en"]) <= 120
    assert len(api.profile["description", "en"]) <= 512


async def test_commands_are_shown_to_whom_they_are_for(api: BotApi, tmp_path: Path) -> None:
    """Customers' in private chats, agents' in their group, none in other groups, where an older version had set them."""
    for language in (None, "en"):
        api.profile["commands", "default", language] = [{"command": "refund", "description": "Start a request"}]
    Group(api, -1009)
    async with open_shop(tmp_path, api, staff_group="-1009"):
        await api.until(lambda: any(method == "setChatMenuButton" for method, _ in api.calls))

    scopes = {key[1:] for key in api.profile if key[0] == "commands"}
    assert scopes == {("all_private_chats", None), ("all_private_chats", "en"), ("chat", None), ("chat", "en")}
    assert [one["command"] for one in api.profile["commands", "chat", "en"]] == ["case", "help"]
    assert [fields["scope"]["chat_id"] for _, fields in api.calls if fields.get("scope", {}).get("type") == "chat"] == [
        -1009, -1009,
    ]  # fmt: skip
    for method, fields in api.calls:
        check_call(method, fields)


# Sending


@pytest.mark.parametrize(
    ("faults", "times"),
    [
        ([RESET], 1),
        ([HTML], 1),
        ([Fault(status=0, done=True)], 2),
        ([Fault(502, "<html>", done=True)] * 2, 2),
        ([BROKEN] * 2, 1),
        ([flood(1)], 1),
    ],
    ids=["reset before", "html before", "reset after", "html after, twice", "500", "429"],
)
async def test_message_whose_sending_fails_comes_twice_at_worst(
    faults: list[Fault], times: int, api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.MAYBE_SECONDS", 0.1)
    monkeypatch.setattr("bot.delivery.PAUSES", (0.1,))
    api.faults["sendMessage"] += faults
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        for number in range(3):
            await anna.says(f"/echo {number}")
        await shop.settled()

    assert anna.texts() == ["/echo 0"] * times + ["/echo 1", "/echo 2"]


async def test_what_is_being_sent_when_the_bot_stops_is_not_sent_again(api: BotApi, tmp_path: Path) -> None:
    api.delay = 0.5
    anna = Person(api)
    for number in range(2):
        async with open_shop(tmp_path, api, routes=echoing()):
            await anna.says(f"/echo {number}")
            await api.until(lambda: any(method == "sendMessage" for method, _ in api.calls))
            api.calls.clear()
    async with open_shop(tmp_path, api) as shop:
        await shop.settled()

    assert anna.texts() == ["/echo 0", "/echo 1"]


async def bring(shop: Shop, person: Person, *contents: bytes) -> None:
    await person.says(f"/bring {' '.join([await stored(shop, one) for one in contents])}")


async def stored(shop: Shop, content: bytes) -> str:
    file = shop.app.settings.data / "given.png"
    file.write_bytes(content)
    return await shop.app.objects.put_file(file)


async def test_picture_comes_with_its_text_and_buttons(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await bring(shop, anna, png())
        await shop.settled()
        assert [(one["caption"], "photo" in one) for one in anna.sees()] == [("This is how it looks.", True)]
        assert api.uploaded == [("sendPhoto", "报告_ 0.png", png())]
        await anna.presses("Check progress")
        await shop.settled()

    assert anna.texts()[-1].startswith("You have no requests yet")
    for method, fields in api.calls:
        check_call(method, fields)


async def test_several_files_come_before_the_text_and_each_once(
    api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.MAYBE_SECONDS", 0.1)
    api.faults["sendPhoto"] += [Fault(status=0, hangs=0.01), flood(1)]
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await bring(shop, anna, png("a"), png("b"))
        await api.until(lambda: len(anna.sees()) >= 1)
        api.faults["sendPhoto"].append(flood(1))
        await shop.settled()

    assert ["photo" in one for one in anna.sees()] == [True, True, False]
    assert anna.texts() == ["", "", "This is how it looks."]
    assert anna.labels() == ["Check progress"]


@pytest.mark.parametrize(
    ("size", "as_"), [((3000, 100), "document"), ((9524, 477), "document"), ((1999, 100), "photo")], ids=str
)
async def test_picture_that_telegram_shows_not_as_one_is_a_file(
    size: tuple[int, int], as_: str, api: BotApi, tmp_path: Path
) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await bring(shop, anna, png("long", size))
        await shop.settled()

    (seen,) = anna.sees()
    assert as_ in seen
    assert seen["caption"] == "This is how it looks."
    assert anna.labels() == ["Check progress"]


async def test_picture_of_over_10_mb_is_a_file(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await bring(shop, anna, png() + b"\0" * 10_000_000)
        await shop.settled()

    assert "document" in anna.sees()[0]
    assert [method for method, _ in api.calls if method.startswith("send")] == ["sendDocument"]


@pytest.mark.parametrize("others", [0, 1])
async def test_text_comes_although_its_file_is_gone(others: int, api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        there = [await stored(shop, png(str(number))) for number in range(others)]
        with capture_logs() as logs:
            await anna.says(f"/bring {'0' * 64} {' '.join(there)}")
            await shop.settled()

    assert anna.texts() == [""] * others + ["This is how it looks."]
    assert anna.labels() == ["Check progress"]
    assert [one["key"] for one in logs if one["event"] == "telegram_file_gone"] == [f"object/{'0' * 64}"]


async def test_flood_holds_its_own_chat_alone(api: BotApi, tmp_path: Path) -> None:
    api.faults["sendMessage"].append(flood(2))
    anna, ben = Person(api, "Anna"), Person(api, "Ben")
    async with open_shop(tmp_path, api, routes=echoing()) as shop:
        await anna.says("/echo a")
        await api.until(lambda: not api.faults["sendMessage"])
        await ben.says("/echo b")
        await api.until(lambda: ben.texts())
        assert anna.texts() == []
        await shop.settled()

    assert anna.texts() == ["/echo a"]


async def test_pace_of_telegram_is_kept(api: BotApi, tmp_path: Path) -> None:
    anna = Person(api)
    async with open_shop(tmp_path, api, routes=echoing(), keeps_pace=True) as shop:
        began = asyncio.get_running_loop().time()
        for number in range(8):
            await anna.says(f"/echo {number}")
        await shop.settled()
        took = asyncio.get_running_loop().time() - began

    assert anna.texts() == [f"/echo {number}" for number in range(8)]
    assert took > 2.5, "five at once, then one a second"


async def test_bot_api_that_is_gone_costs_nothing(api: BotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "PAUSES", (0.1,))
    monkeypatch.setattr("bot.adapters.telegram.outcomes.UNREACHED_SECONDS", 0.2)
    await gone_for(2.0, api, tmp_path)


@pytest.mark.long
async def test_bot_api_that_is_gone_for_a_minute_costs_nothing(api: BotApi, tmp_path: Path) -> None:
    await gone_for(60.0, api, tmp_path)


async def gone_for(seconds: float, api: BotApi, folder: Path) -> None:
    people = [Person(api, f"P{number}") for number in range(20)]
    async with open_shop(folder, api, routes=echoing()) as shop:
        for number, person in enumerate(people):
            await person.says(f"/echo {number} before")
        await api.stop()
        ends = asyncio.get_running_loop().time() + seconds
        answers = 0
        for round_ in range(3):
            for number, person in enumerate(people):
                await person.says(f"/echo {number} meanwhile {round_}")
        async with aiohttp.ClientSession() as web:

            async def is_over() -> bool:
                nonlocal answers
                async with web.get(f"{shop.url}/api/shop") as answer:
                    answers += answer.status == 200
                return answers >= ENOUGH_ANSWERS and asyncio.get_running_loop().time() >= ends

            await until(is_over, seconds + GENEROUS_SECONDS)  # customers elsewhere are answered meanwhile
        await api.start()
        await shop.settled()

    for number, person in enumerate(people):
        assert person.texts() == [f"/echo {number} before", *(f"/echo {number} meanwhile {one}" for one in range(3))]
