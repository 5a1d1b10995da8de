"""Chinese words in EXIF, byte for byte as phones and programs write them."""

import struct

import pytest
from PIL.ExifTags import IFD, Base

from bot.look.facts import facts

TEXT, BYTES, OPAQUE = 2, 1, 7
"""Types of a field (TIFF 6.0)."""
HEAD, FIELD, END = 8, 12, 4
KINDS = {
    Base.UserComment: OPAQUE,
    **dict.fromkeys((Base.XPTitle, Base.XPComment, Base.XPKeywords, Base.XPSubject), BYTES),
}
EDITORS = (
    "美图秀秀 11.2.0", "醒图", "轻颜相机", "剪映", "天天P图 7.1", "快手", "快影", "美颜相机",
    "黄油相机", "一甜相机", "无他相机", "泼辣修图", "B612咔叽", "Faceu激萌", "相机360", "稿定设计",
    "Canva可画", "必剪", "简拼修图", "美圖秀秀", "Adobe Photoshop 25.0", "Snapseed 2.0",
)  # fmt: skip


def exif(order: str = "<", **values: bytes) -> bytes:
    """Fields by their names. UserComment stands in the sheet of the photo, as it should."""
    own = {getattr(Base, name): value for name, value in values.items() if name != "UserComment"}
    comment = values.get("UserComment")
    first = sheet(order, HEAD, {**own, **({IFD.Exif: b""} if comment is not None else {})})
    if comment is None:
        return b"Exif\x00\x00" + head(order) + first
    second = HEAD + len(first)
    first = sheet(order, HEAD, own, points_at=second)
    return b"Exif\x00\x00" + head(order) + first + sheet(order, second, {Base.UserComment: comment})


def head(order: str) -> bytes:
    return (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", HEAD)


def sheet(order: str, place: int, values: dict[int, bytes], points_at: int = 0) -> bytes:
    count = len(values) + bool(points_at)
    tail_at, tail, fields = place + 2 + count * FIELD + END, b"", b""
    for tag, value in sorted(values.items()):
        if len(value) <= 4:
            fields += struct.pack(order + "HHI", tag, KINDS.get(tag, TEXT), len(value)) + value.ljust(4, b"\x00")
        else:
            fields += struct.pack(order + "HHII", tag, KINDS.get(tag, TEXT), len(value), tail_at + len(tail))
            tail += value
    if points_at:
        fields += struct.pack(order + "HHII", IFD.Exif, 4, 1, points_at)
    return struct.pack(order + "H", count) + fields + bytes(END) + tail


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_maker_is_named(encoding: str, order: str) -> None:
    found = facts(exif(order, Make="华为\x00".encode(encoding), Model="畅享 70\x00".encode(encoding)), b"")

    assert found == {"device": "华为 畅享 70"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", EDITORS)
def test_editing_program_is_known_whatever_its_encoding(name: str, encoding: str) -> None:
    assert facts(exif(Software=name.encode(encoding) + b"\x00"), b"") == {"edited_with": name}


@pytest.mark.parametrize("name", EDITORS)
def test_editing_program_is_known_in_xmp(name: str) -> None:
    assert facts(b"", f'<rdf:Description xmp:CreatorTool="{name}"/>'.encode()) == {"edited_with": name}


def test_name_that_was_cut_in_the_middle_of_a_character_is_read_up_to_there() -> None:
    assert facts(exif(Software="由美图秀秀保存".encode()[:-1]), b"") == {"edited_with": "由美图秀秀保"}


@pytest.mark.parametrize("make", ["Café", "Hasselblad", "Müller"])
def test_western_maker_is_read_in_latin_1(make: str) -> None:
    assert facts(exif(Make=make.encode("latin-1")), b"") == {"device": make}


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\x00\x00\x00" + '{"app":"醒图"}'.encode(),
        b"ASCII\x00\x00\x00" + '{"app":"醒图"}'.encode("gb18030"),
        bytes(8) + "醒图".encode("gb18030"),
        "用醒图保存".encode(),
        b"UNICODE\x00" + "醒图".encode("utf-16-le"),
        b"UNICODE\x00" + "醒图".encode("utf-16"),
    ],
)
def test_program_is_found_in_the_comment(comment: bytes) -> None:
    assert facts(exif(UserComment=comment), b"") == {"edited_with": "醒图"}


def test_comment_in_utf_16_follows_the_byte_order_of_the_exif() -> None:
    comment = b"UNICODE\x00" + "醒图".encode("utf-16-be")

    assert facts(exif(">", UserComment=comment), b"") == {"edited_with": "醒图"}


def test_comment_in_japanese_is_read() -> None:
    comment = b"JIS\x00\x00\x00\x00\x00" + "美颜".replace("颜", "顔").encode("iso2022_jp") + b" B612"

    assert facts(exif(UserComment=comment), b"") == {"edited_with": "B612"}


@pytest.mark.parametrize("tag", ["XPTitle", "XPComment", "XPKeywords", "XPSubject"])
def test_program_is_found_in_the_tags_of_windows(tag: str) -> None:
    assert facts(exif(**{tag: "剪映\x00".encode("utf-16-le")}), b"") == {"edited_with": "剪映"}


@pytest.mark.parametrize("words", ["没修图，原相机拍的", "a canvas bag, reminiscent of home", "压坏的纸箱"])
def test_words_of_a_customer_are_no_program_and_not_kept(words: str) -> None:
    found = facts(exif(ImageDescription=words.encode(), UserComment=bytes(8) + words.encode()), b"")

    assert found == {}


@pytest.mark.parametrize("comment", [b"", b"UNICODE\x00\xff", b"JIS\x00\x00\x00\x00\x00\xff\xff", bytes(range(256))])
def test_comment_of_noise_is_none(comment: bytes) -> None:
    assert facts(exif(UserComment=comment), b"") == {}
