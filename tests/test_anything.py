"""Any sequence of texts, buttons, photos, commands, waits and restarts: always a way on, nothing raised, nothing of anybody else."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot import event_loop
from bot.model.events import Pressed
from bot.settings import DATABASE
from tests.player import CrashingDatabase, Player, Script

SECRETS = {"anna": "jadeite", "ben": "obsidian"}
"""A word that only this customer says, and so only this customer may read."""
TEXTS = (
    "the {secret} cup arrived broken, I want a refund, order 21000000000{n}",
    "{secret}收到就碎了，想退款，订单 21000000000{n}",
    "{secret}不見了，顯示已簽收，訂單 21000000000{n}",
    "说好三天到的{secret}还没到，订单 21000000000{n}",
    "不喜欢{secret}想退货，订单 21000000000{n}",
    "重复下单了，订单 2100000000098 和 2100000000099",
    "21000000000{n}", "没有单号", "SF1234567890123", "77316523125896", "中通", "11月20日", "yesterday", "it is a {secret}",
    "运费谁出？", "how long does it take", "謝謝", "hello", "退款", "人工", "我的申请到哪了", "不退了", "go back", "验证码是多少",
    "7", "1", "?", "。", "ok", "\u202e反", "a" * 2000, "</script>", "{ $number }", "' OR 1=1 --", "/", "//", "/status KS-222-222-222",
)  # fmt: skip
COMMANDS = (
    "/start", "/help", "/refund", "/status", "/add", "/withdraw", "/human", "/complain", "/contact", "/tips", "/policy",
    "/language", "/privacy", "/cancel", "/back", "/ask", "/link", "/link 2222-2222-2222",
)  # fmt: skip
FILES = ("a.jpg", "b.jpg", "cut.jpg", "empty.jpg", "page.jpg", "gone.jpg")
WAITS = ("25 hours", "8 days", "30 days")


def lines(who: str) -> some.SearchStrategy[tuple[str, str]]:
    texts = some.sampled_from(TEXTS).flatmap(
        lambda text: some.integers(10, 12).map(lambda n: text.replace("{secret}", SECRETS[who]).replace("{n}", str(n)))
    )
    presses = some.integers(0, 6).map(lambda index: f"[{index}]")
    files = some.lists(some.sampled_from(FILES), min_size=1, max_size=3).map(
        lambda names: " ".join(f"({one})" for one in names)
    )
    said = some.one_of(texts, presses, presses, presses, files, some.sampled_from(COMMANDS))
    return said.map(lambda line: (who, line))


WAIT = some.sampled_from(WAITS).map(lambda time: ("wait", time))
STORIES = some.lists(some.one_of(lines("anna"), lines("anna"), lines("ben"), WAIT), min_size=1, max_size=25)


class AnyPlayer(Player):
    """`[2]` presses the button with this index of the last message that has any."""

    def _pressed(self, chat: str, label: str) -> Any:
        shown = [one.message.buttons for one in self._phone.received if one.chat == chat and one.message.buttons]
        return Pressed(shown[-1][int(label) % len(shown[-1])].id) if shown else Pressed("status")

    def _write(self, script: Script) -> None:
        for who in SECRETS:
            heard = [one.message for one in self._phone.received if one.chat == script.chat(who)]
            assert not heard or heard[-1].buttons, f"no way on after: {heard[-1].text}"
            said = " ".join(f"{one.text} {one.buttons}" for one in heard)
            strangers = [secret for name, secret in SECRETS.items() if name != who]
            assert not any(secret in said for secret in strangers), f"{who} reads what somebody else wrote"

    async def _cases(self, script: Script) -> list[str]:
        return []


def play(story: list[tuple[str, str]], mode: str) -> None:
    CrashingDatabase.luck.seed(7)
    with tempfile.TemporaryDirectory() as folder:
        event_loop.run(AnyPlayer(Path(folder), mode).play([Script("any", [], story)]))
        with closing(sqlite3.connect(Path(folder, DATABASE))) as database:
            assert database.execute("SELECT error FROM setaside").fetchall() == []


UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=25, derandomize=True, **UNHURRIED)  # type: ignore[arg-type]
@given(STORIES, some.sampled_from(("straight", "straight", "twice", "restart", "crash")))
def test_anything_leaves_a_way_on(story: list[tuple[str, str]], mode: str) -> None:
    play(story, mode)


@pytest.mark.long
@settings(max_examples=600, **UNHURRIED)  # type: ignore[arg-type]
@given(STORIES, some.sampled_from(("straight", "straight", "twice", "restart", "crash")))
def test_anything_many_times(story: list[tuple[str, str]], mode: str) -> None:
    play(story, mode)
