"""Each kind of thing that WeChat tells us, from Tencent's documentation, with invented people."""

from datetime import UTC, datetime

import pytest

from bot.adapters.wechat import parse, render
from bot.model.events import Arrived, Body, MediaRef, Pressed, Reachable, Text, Unusable, Upload
from bot.model.messages import Author, Button, Message, merged
from bot.tencent.text import pieces
from bot.tencent.words import BURST, is_placeholder
from bot.tencent.xml import read

NOW = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)
HEAD = (
    "<ToUserName><![CDATA[gh_shouhou]]></ToUserName><FromUserName><![CDATA[o-anna]]></FromUserName>"
    f"<CreateTime>{int(NOW.timestamp())}</CreateTime>"
)
MEDIA = "<MediaId><![CDATA[m-1]]></MediaId>"
MESSAGES: dict[str, tuple[str, Body | None]] = {
    "text": ("<Content><![CDATA[ 你好 ]]></Content>", Text("你好")),
    "text, pressed in a menu message": (
        "<Content><![CDATA[申请售后]]></Content><bizmsgmenuid>refund</bizmsgmenuid>",
        Pressed("refund"),
    ),
    "text of nothing": ("<Content><![CDATA[  ]]></Content>", None),
    "text from an article": (
        "<Content><![CDATA[在吗]]></Content><MsgDataId>100_1</MsgDataId><Idx>1</Idx>",
        Text("在吗"),
    ),
    "image": (
        f"<PicUrl><![CDATA[http://mmbiz.qpic.cn/x]]></PicUrl>{MEDIA}",
        Upload(MediaRef("m-1", "345678.jpg"), album=BURST),
    ),
    "voice": (
        f"{MEDIA}<Format>amr</Format><MediaId16K>m-16</MediaId16K>",
        Upload(MediaRef("m-1", "345678.amr"), album=BURST),
    ),
    "voice, recognised": (
        f"{MEDIA}<Format>amr</Format><Recognition><![CDATA[我要退款]]></Recognition>",
        Text("我要退款"),
    ),
    "video": (f"{MEDIA}<ThumbMediaId>t-1</ThumbMediaId>", Upload(MediaRef("m-1", "345678.mp4"), album=BURST)),
    "shortvideo": (f"{MEDIA}<ThumbMediaId>t-1</ThumbMediaId>", Upload(MediaRef("m-1", "345678.mp4"), album=BURST)),
    "location": (
        "<Location_X>23.13</Location_X><Location_Y>113.35</Location_Y><Scale>20</Scale><Label><![CDATA[天河路]]></Label>",
        Unusable("location", "天河路"),
    ),
    "link": (
        "<Title><![CDATA[我的快递]]></Title><Description>d</Description><Url><![CDATA[https://x.example/1]]></Url>",
        Text("我的快递\nhttps://x.example/1"),
    ),
    "miniprogrampage": ("<Title><![CDATA[水壶]]></Title><AppId>wx1</AppId><PagePath>p</PagePath>", Text("水壶")),
    "file": ("<Title><![CDATA[a/b.pdf]]></Title>" + MEDIA, Upload(MediaRef("m-1", "a_b.pdf"), album=BURST)),
    "file of unknown place": ("<Title><![CDATA[a.pdf]]></Title><FileKey>k</FileKey>", Unusable("other", "a.pdf")),
    "hologram": ("", Unusable("other")),
    "text of a kind that is not brought": (
        "<Content><![CDATA[【收到不支持的消息类型，暂无法显示】]]></Content>",
        Unusable("other"),
    ),
    "link of a kind that is not shown": (
        "<Title><![CDATA[当前版本不支持展示该内容，请升级至最新版本。]]></Title><Url><![CDATA[https://support.weixin.qq.com/x]]></Url>",
        Unusable("other"),
    ),
    "miniprogrampage of no name": ("<AppId>wx1</AppId><PagePath>p</PagePath>", Unusable("other")),
}
EVENTS: dict[str, tuple[str, tuple[Body, str] | None]] = {
    "subscribe": ("<EventKey></EventKey>", (Arrived(), "follow")),
    "subscribe, by a code": ("<EventKey>qrscene_42</EventKey><Ticket>T</Ticket>", (Arrived(), "scan")),
    "SCAN": ("<EventKey>42</EventKey><Ticket>T</Ticket>", (Arrived(), "scan")),
    "unsubscribe": ("<EventKey></EventKey>", (Reachable(False), "")),
    "CLICK": ("<EventKey>status</EventKey>", (Pressed("status"), "menu")),
    "VIEW": ("<EventKey>https://x.example</EventKey>", None),
    "LOCATION": ("<Latitude>23.1</Latitude><Longitude>113.3</Longitude>", None),
    "TEMPLATESENDJOBFINISH": ("<MsgID>1</MsgID><Status>success</Status>", None),
    "subscribe_msg_popup_event": ("<SubscribeMsgPopupEvent><List><A>1</A></List></SubscribeMsgPopupEvent>", None),
    "pic_photo_or_album": (
        "<EventKey>k</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>1</PicMd5Sum></item></PicList>"
        "</SendPicsInfo>",
        None,
    ),
    "user_enter_tempsession": ("<SessionFrom>page</SessionFrom>", (Arrived(), "enter")),
    "debug_demo": ("<debug_str>hello world</debug_str>", None),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    kind, (more, body) = name.partition(",")[0].partition(" of")[0].partition(" from")[0], MESSAGES[name]
    xml = f"<xml>{HEAD}<MsgType><![CDATA[{kind}]]></MsgType>{more}<MsgId>12345678</MsgId></xml>"

    event = parse.event(read(xml), "wechat", NOW)

    assert (event.body if event else None) == body
    if event:
        assert event.id == f"wechat:o-anna:12345678.{int(NOW.timestamp())}"
        assert (str(event.address), event.at) == ("wechat:o-anna", NOW)
        assert event.act == ("menu" if isinstance(body, Pressed) else "message")


PLACEHOLDERS = (
    "【收到不支持的消息类型，暂无法显示】", "[收到不支持的消息类型，暂无法显示]", "【收到不支援的訊息類型，暫無法顯示】",
    "[不支持的消息类型]",
    "暂不支持该消息类型", "暂不支持此消息类型，请在企业微信中查看", "当前版本不支持展示该内容，请升级至最新版本。",
    "当前微信版本不支持展示该内容，请升级至最新版本。", "當前版本不支援顯示該內容", "[Unsupported Message]",
    "[unsupported message type]",
    "This message type is not supported.",
)  # fmt: skip
WORDS = (
    "收到的杯子碎了", "不支持退货吗", "这个型号不支持快充，和描述不符", "你们暂不支持换货？", "[微笑]", "【快手】您的快递已签收",
    "收到不支持的消息类型，暂无法显示这句话是什么意思？我的杯子碎了，想要退款，请问怎么办",
    "the seller said that this is not supported", "[链接]", "请升级至最新版本的充电器",
)  # fmt: skip


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_sentence_in_place_of_an_unknown_kind_is_no_words(placeholder: str) -> None:
    assert is_placeholder(placeholder)


@pytest.mark.parametrize("words", WORDS)
def test_words_of_a_customer_are_no_placeholder(words: str) -> None:
    assert not is_placeholder(words)


@pytest.mark.parametrize("name", EVENTS)
def test_event(name: str) -> None:
    kind, (more, wanted) = name.partition(",")[0], EVENTS[name]
    xml = f"<xml>{HEAD}<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{kind}]]></Event>{more}</xml>"

    event = parse.event(read(xml), "wechat", NOW)

    assert ((event.body, event.act) if event else None) == wanted


def test_two_buttons_of_the_menu_in_one_second_are_two_events() -> None:
    head = f"{HEAD}<MsgType>event</MsgType><Event>CLICK</Event>"
    first = parse.event(read(f"<xml>{head}<EventKey>status</EventKey></xml>"), "wechat", NOW)
    second = parse.event(read(f"<xml>{head}<EventKey>refund</EventKey></xml>"), "wechat", NOW)

    assert first
    assert second
    assert first.id != second.id


def test_picture_is_fetched_from_its_address_only_where_ids_cannot_be() -> None:
    fields = {
        "FromUserName": "o",
        "MsgType": "image",
        "CreateTime": "1",
        "MsgId": "1",
        "MediaId": "m",
        "PicUrl": "http://x",
    }
    ids = [parse.event(fields, "wechat", NOW, by_address=either) for either in (False, True)]

    assert [event.body.media.id for event in ids if event and isinstance(event.body, Upload)] == ["m", "url:http://x"]


def message(text: str, count: int = 0) -> Message:
    buttons = tuple(Button(f"b:{number}", f"选项{number}") for number in range(1, count + 1))
    return Message(1, Author.BOT, NOW, text, buttons)


@pytest.mark.parametrize("text", ["字" * 3000, "word " * 2000, "行\n" * 2000, "😀" * 1500, "a" * 2049])
def test_long_text_is_cut_between_characters_and_nothing_is_lost(text: str) -> None:
    found = pieces(text, 2048)

    assert all(len(piece.encode()) <= 2048 for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_buttons_are_a_menu_where_they_fit() -> None:
    (menu,) = render.calls(message("选一个", 3), "o", with_menu=True)
    assert menu["msgmenu"]["list"][1] == {"id": "b:2", "content": "选项2"}

    for unfit in (message("选一个", 11), message("字" * 400, 2)):
        listed = render.calls(unfit, "o", with_menu=True)
        assert "[2] 选项2" in listed[-1]["text"]["content"]


def test_passive_answer_is_one_text_with_the_last_buttons() -> None:
    assert render.passive(merged([message("一", 2), message("二", 1)])) == "一\n\n二\n\n[1] 选项1"
    assert render.passive(merged([message("字" * 400), message("字" * 400)])) is None
