"""Which language a chat goes on in: only clear evidence changes it."""

import pytest

from bot.language import ONE_SCRIPT, SIMPLIFIED, TRADITIONAL, language_for, next_language

NO_EVIDENCE = (
    "https://v.kuaishou.com/2hJk9Qm",
    "v.kuaishou.com/f/X8abc",
    "https://www.example.com/where-is-my-refund-please",
    "NIKE Air Max 90",
    "nike air max 90",
    "iPhone 15",
    "iPhone 15 Pro Max 256GB",
    "Adidas",
    "The North Face",
    "Lord of the Rings",
    "My Little Pony",
    "Bath and Body Works",
    "LOUIS VUITTON",
    "Made in China",
    "USB to Type C",
    "SIZE XL",
    "size 42",
    "T-shirt",
    "IMG_2043.jpg",
    "anna.smith@example.com",
    "@shop_help",
    "2100000000001",
    "SF1234567890123",
    "KS-7R4-M2X-H9F",
    "order 2100000000001",
    "order number: 2100000000001",
    "tracking number SF1234567890123",
    "v1.2.3-beta",
    "'; DROP TABLE users; --",
    "refund",
    "hello",
    "ok thank you",
    "thank you very much",
    "OK",
    "yes",
    "bye bye",
    "good morning",
    "sorry",
    "👍👍",
    "???",
    "59.00",
    "ni hao",
    "kuaidi dao le ma",
    "wo yao tui kuan",
    "zen me hai mei you",
    "you mei you ren",
    "yifu po le",
    "shen me shi hou fa huo",
    "wo de kuaidi hai mei dao",
    "women mai de dongxi huai le",
    "bonjour",
    "ありがとうございます",
    "감사합니다",
)
ENGLISH = (
    "the cup is broken",
    "where is my refund?",
    "I want my money back",
    "WHERE IS MY REFUND",
    "it broke after two days",
    "it's broken",
    "my iPhone 15 arrived with a cracked screen",
    "My NIKE Air Max 90 came in the wrong size, see https://v.kuaishou.com/2hJk9Qm",
    "how long does it take",
    "could you please help me with this?",
    "please cancel my order 2100000000001",
    "can I talk to a person",
    "I didn't receive anything",
    "size too small",
)
SIMPLIFIED_TEXTS = (
    "衣服破了个洞，想退款",
    "杯子坏了",
    "我要退货",
    "快递还没到",
    "iPhone 15 的充电线坏了",
    "请问什么时候发货",
)
TRADITIONAL_TEXTS = (
    "杯子破掉了，想退費",
    "我要退貨",
    "請問什麼時候出貨",
    "iPhone 15 的充電線壞了",
    "衣服破了一個洞，想退費",
    "訂單還沒到",
)
EITHER_SCRIPT = (
    "我不要了",
    "你好，在不在",
    "皇后牌毛巾破了",
    "里面的布很薄，不想要了",
    "只有一只了",
    "在台北，冲水的那只",
)
NAMES_IN_CHINESE = ("优衣库", "小米", "鴻星爾克", "淨水器", "海尔", "退貨", "退货", "你好")


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
@pytest.mark.parametrize("text", NO_EVIDENCE)
def test_names_links_numbers_pinyin_and_single_words_change_no_language(language: str, text: str) -> None:
    assert next_language(language, text, is_first=False) == language


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
@pytest.mark.parametrize("text", ENGLISH)
def test_an_english_sentence_makes_a_chat_english(language: str, text: str) -> None:
    assert next_language(language, text, is_first=False) == "en"


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
@pytest.mark.parametrize(
    ("texts", "expected"),
    [(SIMPLIFIED_TEXTS, "zh-CN"), (TRADITIONAL_TEXTS, "zh-TW")],
    ids=["simplified", "traditional"],
)
def test_a_chinese_sentence_brings_its_script(language: str, texts: tuple[str, ...], expected: str) -> None:
    assert {text: next_language(language, text, is_first=False) for text in texts} == dict.fromkeys(texts, expected)


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
@pytest.mark.parametrize("text", EITHER_SCRIPT)
def test_characters_of_both_scripts_tell_nothing_about_the_script(language: str, text: str) -> None:
    assert next_language(language, text, is_first=False) == language
    assert next_language(language, text, is_first=True) == language


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
@pytest.mark.parametrize("text", NAMES_IN_CHINESE)
def test_a_name_or_word_in_chinese_changes_no_language(language: str, text: str) -> None:
    assert next_language(language, text, is_first=False) == language


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh-CN", "你们家的“臺灣鳳梨酥”怎么还没发货", "zh-CN"),
        ("zh-TW", "我買的「优衣库」外套怎麼還沒出貨", "zh-TW"),
        ("zh-CN", "the courier said 查无此件", "zh-CN"),
        ("zh-CN", "the label says 易碎, what does that mean", "zh-CN"),
        ("en", "the label says 易碎, what does that mean", "en"),
        ("en", "I ordered 陶瓷杯 and got a plate", "en"),
        ("zh-CN", "客服 please 快点", "zh-CN"),
        ("zh-CN", "这个 is broken 了", "zh-CN"),
    ],
)
def test_what_is_quoted_is_not_the_language_of_who_quotes_it(language: str, text: str, expected: str) -> None:
    assert next_language(language, text, is_first=False) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh-CN", "refund", "en"),
        ("zh-CN", "hello", "en"),
        ("zh-CN", "bonjour, ma commande est cassée", "en"),
        ("zh-CN", "退費", "zh-TW"),
        ("zh-TW", "退货", "zh-CN"),
        ("zh-TW", "退款", "zh-TW"),
        ("en", "你好", "zh-CN"),
        ("en", "tuikuan", "zh-CN"),
        ("zh-TW", "wo yao tui kuan", "zh-TW"),
        ("zh-CN", "https://v.kuaishou.com/2hJk9Qm", "zh-CN"),
        ("zh-CN", "NIKE Air Max 90", "zh-CN"),
        ("zh-TW", "iPhone 15", "zh-TW"),
        ("en", "iPhone 15", "en"),
        ("zh-CN", "ok", "zh-CN"),
        ("zh-CN", "/start", "zh-CN"),
        ("zh-CN", "2100000000001", "zh-CN"),
    ],
)
def test_the_first_text_of_a_chat_needs_less(language: str, text: str, expected: str) -> None:
    assert next_language(language, text, is_first=True) == expected


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
