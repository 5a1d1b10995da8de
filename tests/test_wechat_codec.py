"""Tencent's published examples, to the byte; and what is refused before anything is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.tencent import codec
from bot.tencent.codec import (
    CLOCK_SECONDS,
    Codec,
    ForgedError,
    LockedError,
    Query,
    signature,
    text_reply,
)
from bot.tencent.xml import XmlRefusedError, read
from tests.fake_wechat import AES_KEY, APP_ID, TOKEN, Crypto, fields_of, xml_of

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("wechat_official_vectors.json").read_text("utf-8"))
NOW = 1_795_000_000


def codec_at(stamp: str, vector: dict[str, str], **how: Any) -> Codec:
    return Codec(
        vector.get("appid", "wx"), vector["token"], vector.get("aeskey", ""), clock=lambda: float(stamp), **how
    )


def query(vector: dict[str, str]) -> Query:
    return Query.of(vector)


def test_address_is_verified_as_published() -> None:
    vector = VECTORS["url_verify"]

    assert codec_at(vector["timestamp"], vector).echo(query(vector), encrypted=False) == "4375120948345356249"


def test_plain_signature_is_as_published() -> None:
    vector = VECTORS["plain"]

    assert signature(vector["token"], vector["timestamp"], vector["nonce"]) == vector["signature"]


def test_published_json_is_opened() -> None:
    vector = VECTORS["safe_json"]
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": vector["encrypt"]})

    fields = codec_at(vector["timestamp"], vector, json=True).open(query(vector), body.encode())

    assert fields == {name: str(value) for name, value in json.loads(vector["plaintext"]).items()}


def test_published_xml_is_opened() -> None:
    vector = VECTORS["safe_xml_component"]
    body = f"<xml><AppId><![CDATA[{vector['appid']}]]></AppId><Encrypt><![CDATA[{vector['encrypt']}]]></Encrypt></xml>"

    fields = codec_at(vector["timestamp"], vector).open(query(vector), body.encode())

    assert (fields["Event"], fields["debug_str"]) == ("debug_demo", "hello world")


def test_reply_is_encrypted_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    vector = VECTORS["reply_json"]
    ours = codec_at(str(NOW), {"token": "AAAAA"} | vector)
    monkeypatch.setattr(codec.Random16, "get_random_string", lambda _self: vector["random"])

    sealed = read(ours.seal(vector["msg"]))

    assert sealed["Encrypt"] == vector["encrypt"]
    assert sealed["MsgSignature"] == signature("AAAAA", sealed["TimeStamp"], sealed["Nonce"], sealed["Encrypt"])


@pytest.mark.parametrize("length", range(70))
def test_every_length_of_padding_is_opened_by_another_hand(length: int) -> None:
    text, other = "字" * length, Crypto()
    ours = Codec(APP_ID, TOKEN, AES_KEY, clock=lambda: NOW)

    sealed = fields_of(ours.seal(xml_of({"Content": text})))
    assert fields_of(other.decrypt(sealed["Encrypt"])) == {"Content": text}

    envelope = other.encrypt(xml_of({"Content": text}))
    stamp = str(NOW)
    signed = Query(stamp, "n", "", other.sign(stamp, "n", envelope), "")
    assert ours.open(signed, xml_of({"Encrypt": envelope}).encode()) == {"Content": text}


def signed(inner: str, stamp: int = NOW, crypto: Crypto | None = None) -> tuple[Query, bytes]:
    crypto = crypto or Crypto()
    envelope = crypto.encrypt(inner)
    return Query(str(stamp), "n", "", crypto.sign(str(stamp), "n", envelope), ""), xml_of(
        {"Encrypt": envelope}
    ).encode()


@pytest.mark.parametrize("seconds", [-CLOCK_SECONDS - 1, CLOCK_SECONDS + 1, -(10**9)])
def test_callback_from_another_time_is_refused(seconds: int) -> None:
    ours = Codec(APP_ID, TOKEN, AES_KEY, clock=lambda: NOW)

    with pytest.raises(ForgedError, match="too old or too new"):
        ours.open(*signed("<xml><A>1</A></xml>", NOW + seconds))


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "１７９５", "9" * 400, "nan", " 1"])
def test_time_that_is_none_is_refused(stamp: str) -> None:
    with pytest.raises(ForgedError, match="no timestamp"):
        Codec(APP_ID, TOKEN, AES_KEY).open(Query(stamp, "n", "", "", ""), b"")


def test_plain_callback_is_refused_where_there_is_a_key() -> None:
    plain = Query(str(NOW), "n", Crypto().sign(str(NOW), "n"), "", "")

    with pytest.raises(ForgedError, match="not encrypted"):
        Codec(APP_ID, TOKEN, AES_KEY, clock=lambda: NOW).open(plain, b"<xml><Content>x</Content></xml>")


def test_without_a_token_there_is_no_codec() -> None:
    with pytest.raises(ValueError, match="without a token"):
        Codec(APP_ID, "", AES_KEY)


@pytest.mark.parametrize("crypto", [Crypto(app_id="wxanother"), Crypto(aes_key="B" * 43)])
def test_signed_but_for_another_app_or_key_makes_no_sense(crypto: Crypto) -> None:
    with pytest.raises(LockedError):
        Codec(APP_ID, TOKEN, AES_KEY, clock=lambda: NOW).open(*signed("<xml><A>1</A></xml>", crypto=crypto))


def test_one_callback_more_than_ours_at_random_is_different() -> None:
    ours = Codec(APP_ID, TOKEN, AES_KEY, clock=lambda: NOW)

    assert len({ours.seal("<xml><A>1</A></xml>") for _ in range(50)}) == 50


HOSTILE = {
    "doctype": '<!DOCTYPE xml [<!ENTITY a "x">]><xml><A>&a;</A></xml>',
    "external": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x"><xml><A>1</A></xml>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>',
    "entity": "<xml><A>&a;</A></xml>",
    "twice": "<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>",
    "deep": "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
    "attributes": "<xml " + " ".join(f'a{i}="1"' for i in range(2000)) + "><A>1</A></xml>",
    "no_root": "",
    "text": "hello",
    "other_root": "<html><A>1</A></html>",
    "empty": "<xml/>",
    "unclosed": "<xml><A>1",
    "instruction": "<?php echo 1?><xml><A>1</A></xml>",
    "utf16": '<?xml version="1.0" encoding="UTF-16"?><xml><A>1</A></xml>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_is_refused(name: str) -> None:
    with pytest.raises(XmlRefusedError):
        read(HOSTILE[name])


def test_real_message_is_read_with_what_is_inside_its_fields() -> None:
    text = "<xml><A><![CDATA[a]]>b</A><Pics><PicList><item><Md5>1</Md5></item></PicList></Pics><B>&lt;</B></xml>"

    found = read(text)

    assert {name: value.split() for name, value in found.items()} == {
        "A": ["ab"],
        "Pics": ["PicList", "item", "Md5", "1"],
        "B": ["<"],
    }


@pytest.mark.parametrize("text", ["]]>", "a]]></Content><MsgType><![CDATA[image]]></MsgType>", "\x00x\x1b", "😀\n字"])
def test_reply_is_one_text_whatever_it_says(text: str) -> None:
    fields = read(text_reply("o-anna", "gh", text, NOW))

    assert fields["Content"] == text.replace("\x00", "").replace("\x1b", "")
    assert fields["MsgType"] == "text"
    assert fields["CreateTime"] == str(NOW)
