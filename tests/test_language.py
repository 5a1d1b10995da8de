"""Which language a text is in, and which one the conversation goes on in."""

import pytest

from bot.language import CHINESE, ONE_SCRIPT, SIMPLIFIED, TRADITIONAL, follow, language_for, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("衣服破了个洞，想退款", "zh-CN"),
        ("杯子破掉了，想退費，訂單 2100000000001", "zh-TW"),
        ("你好", CHINESE),
        ("皇后牌毛巾破了", CHINESE),
        ("the cup is broken", "en"),
        ("refund", "en"),
        ("ok", None),
        ("2100000000001", None),
        ("/status", None),
        ("👍", None),
        ("iPhone 的充電線壞了", "zh-TW"),
    ],
)
def test_language_of_a_text(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("before", "text_language", "after"),
    [
        ("zh-TW", CHINESE, "zh-TW"),
        ("en", CHINESE, "zh-CN"),
        ("zh-CN", "zh-TW", "zh-TW"),
        ("zh-TW", None, "zh-TW"),
        ("zh-CN", "en", "en"),
    ],
)
def test_language_to_go_on_in(before: str, text_language: str | None, after: str) -> None:
    assert follow(before, text_language) == after


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-TW,zh;q=0.9", "zh-TW"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh-hk", "zh-TW"),
        ("zh", "zh-CN"),
        ("zh-Hans-TW", "zh-CN"),
        ("zh-SG", "zh-CN"),
        ("en-GB", "en"),
        ("de", "en"),
    ],
)
def test_language_for_a_tag(tag: str, language: str) -> None:
    assert language_for(tag) == language


def test_both_scripts_are_one_for_comparing() -> None:
    assert len(SIMPLIFIED) == len(TRADITIONAL)
    assert "訂單號碼為什麼這麼長".translate(ONE_SCRIPT) == "订单号码为什么这么长"
