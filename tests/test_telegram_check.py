"""`shouhou telegram check` says what is wrong, in a sentence, and never the token."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.telegram import check as checking
from bot.adapters.telegram.check import check
from bot.settings import DATABASE, Settings, SettingsError, load_settings
from tests.botapi.people import Group, Person
from tests.botapi.server import HTML, TOKEN, BotApi, Fault, bot_api
from tests.servers import Server, free_port, running, shouhou
from tests.waiting import block_until


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


async def said(api: BotApi | None = None, *, is_running: bool = False, **telegram: Any) -> list[str]:
    given = {"token": TOKEN, "base_url": api.url if api else f"http://127.0.0.1:{free_port()}"} | telegram
    settings = Settings(telegram=given).telegram  # type: ignore[arg-type]
    found = [one async for one in check(settings, is_running=is_running)]
    assert not any(TOKEN.partition(":")[2] in one.sentence for one in found)
    return [("" if one.is_fine else "wrong: ") + one.sentence for one in found]


async def test_all_is_well(api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LISTEN_SECONDS", 0)

    assert await said(api) == ["The token is that of @shouhou_bot.", "Nobody else asks for this bot's updates."]


async def test_running_server_is_not_disturbed(api: BotApi) -> None:
    assert (await said(api, is_running=True))[1].startswith("The server is running and polls")
    assert "getUpdates" not in [method for method, _ in api.calls]


async def test_part_of_the_server_that_does_not_run_is_named(tmp_path: Path) -> None:
    """Seen from another process, as operators look: the sentence comes from the server's own /readyz."""
    with running(tmp_path / "data") as server:
        with closing(sqlite3.connect(server.data / DATABASE, timeout=10)) as database, database:
            database.execute("INSERT INTO reminders VALUES ('1', 'webchat:1', 'case.overdue', '1', 'tomorrow', 'due')")
        await asyncio.to_thread(block_until, lambda: "'reminders' does not" in told(server))


def told(server: Server) -> str:
    return str(shouhou("telegram", "check", "--data", str(server.data), cwd=server.data.parent).stdout)


async def test_other_poller_is_named(api: BotApi) -> None:
    async def poll() -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                async with http.post(f"{api.url}/bot{TOKEN}/getUpdates", json={"timeout": 1}) as answer:
                    await answer.read()

    other = asyncio.create_task(poll())
    found = await said(api)
    other.cancel()

    assert found[1].startswith("wrong: Another program asks for this bot's updates")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "The staff group has topics, and the bot may make them."),
        ({"is_forum": False}, "wrong: The staff group -1009 has no topics: turn them on in its settings."),
        (
            {"may_manage_topics": False},
            "wrong: The bot may not make topics in the staff group: make it an admin who may",
        ),
        ({"is_blocked": True}, "wrong: The bot is not in the staff group -1009: add it as an admin"),
        ({"moved_to": -1077}, "wrong: The staff group goes on under another id: set telegram.staff_group to -1077."),
    ],
    ids=lambda one: str(one),
)
async def test_staff_group_is_looked_at(change: dict[str, Any], sentence: str, api: BotApi) -> None:
    chat = Group(api, -1009).chat
    for name, value in ({"is_forum": True} | change).items():
        setattr(chat, name, value)

    assert (await said(api, is_running=True, staff_group="-1009"))[-1].startswith(sentence)


@pytest.mark.parametrize("group", ["1009", "-1009x", "family", "@family"])
def test_staff_group_is_an_id(group: str) -> None:
    with pytest.raises(ValueError, match="staff_group"):
        Settings(telegram={"token": TOKEN, "staff_group": group})  # type: ignore[arg-type]


async def test_waiting_updates_are_counted_and_stay(api: BotApi) -> None:
    await Person(api).says("hello")

    assert (await said(api))[-1].startswith("1 updates wait")
    assert api.pending == 1


@pytest.mark.parametrize(
    ("telegram", "webhook", "words"),
    [
        ({}, {"url": "https://old.example/x"}, "wrong: A webhook at old.example takes this bot's updates"),
        ({"mode": "webhook", "public_url": "https://a.example"}, {}, "wrong: The webhook is not set"),
        (
            {"mode": "webhook", "public_url": "https://a.example"},
            {"url": "https://b.example"},
            "wrong: The webhook is set to another",
        ),
        (
            {"mode": "webhook", "public_url": "https://a.example"},
            {"url": "https://a.example/telegram"},
            "The webhook is set to https://a.example/telegram.",
        ),
    ],
    ids=["left behind", "not set", "elsewhere", "right"],
)
async def test_webhook(telegram: Any, webhook: Any, words: str, api: BotApi) -> None:
    api.webhook = webhook

    assert (await said(api, **telegram))[1].startswith(words)


async def test_webhook_that_fails_is_told_with_telegrams_reason(api: BotApi) -> None:
    api.webhook = {"url": "https://a.example/telegram"}
    api.profile["webhook"] = {"last_error_date": 1795000000, "last_error_message": "SSL error"}

    assert "SSL error" in (await said(api, mode="webhook", public_url="https://a.example"))[2]


async def test_wrong_token_no_network_and_no_bot_api(api: BotApi) -> None:
    assert (await said(api, token="1:" + "A" * 35))[0].startswith("wrong: Telegram does not know telegram.token")
    assert "is not reached from here" in (await said())[0]
    api.faults["getMe"].append(HTML)
    assert "is not reached from here" in (await said(api))[0]
    api.faults["getMe"].append(Fault(200, "<html>"))
    assert "is not the Bot API" in (await said(api))[0]
    assert "telegram.token is empty" in (await said(api, token=""))[0]


def test_command_ends_with_1_when_something_is_wrong(tmp_path: Path) -> None:
    variables = {"SHOUHOU_TELEGRAM__TOKEN": TOKEN, "SHOUHOU_TELEGRAM__BASE_URL": f"http://127.0.0.1:{free_port()}"}

    done = shouhou("telegram", "check", "--data", str(tmp_path), cwd=tmp_path, variables=variables)

    assert done.returncode == 1
    assert done.stdout.startswith("WRONG  127.0.0.1")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("TOKEN", "110201543:short", "'telegram.token'"),
        ("MODE", "push", "'telegram.mode'"),
        ("MODE", "webhook", "telegram.public_url must say"),
        ("PUBLIC_URL", "bot.example", "'telegram.public_url'"),
        ("PATH", "telegram", "'telegram.path'"),
        ("SECRET", "with space", "'telegram.secret'"),
        ("BASE_URL", "api.telegram.org", "'telegram.base_url'"),
    ],
)
def test_wrong_setting_is_named_and_no_secret_is_shown(key: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(environment={"SHOUHOU_TELEGRAM__TOKEN": TOKEN, f"SHOUHOU_TELEGRAM__{key}": value})

    assert words in str(raised.value)
    for secret in (TOKEN.partition(":")[2], "short", "with space"):
        assert secret not in str(raised.value)
