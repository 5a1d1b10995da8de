"""What looking at honest files finds: size, advice, what looks alike, what the device says, copies to show, codes."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageOps, PngImagePlugin
from PIL.ExifTags import IFD, Base

from bot.look.measures import dhash, measure
from bot.look.pictures import fitted
from tests import scenes
from tests.films import film, noisy_frames, sound
from tests.looked import Child, child
from tests.pictures import heic, jpeg_of_home, saved

ALIKE = 12
"""Bits; more are different pictures."""


@pytest.fixture(scope="module")
def one() -> Iterator[Child]:
    with child("pictures", str(1 << 40)) as ours:
        yield ours


@pytest.fixture
def look(one: Child, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def ask(content: bytes | Image.Image, **request: Any) -> dict[str, Any]:
        file = tmp_path / "original"
        file.write_bytes(content if isinstance(content, bytes) else saved(content, "JPEG", quality=90))
        copies = {} if request.get("do") else {"do": "look", "folder": tmp_path}
        seen = one.ask(file=file, **copies, **request).seen
        assert seen is not None
        return seen

    return ask


Look = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "GIF"])
def test_every_kind_of_picture_has_its_size_its_hash_and_two_copies(kind: str, look: Look, tmp_path: Path) -> None:
    heic()  # its writer is registered
    picture = scenes.scene(size=(1680, 1260))

    seen = look(saved(picture, kind))

    assert (seen["kind"], seen["width"], seen["height"]) == (kind, 1680, 1260)
    assert apart(seen["dhash"], dhash(picture)) <= (2 * ALIKE if kind == "GIF" else ALIKE)  # a GIF has 256 colours
    with Image.open(tmp_path / "view.jpg") as view, Image.open(tmp_path / "thumb.jpg") as thumb:
        assert (view.size, thumb.size) == ((1600, 1200), (320, 240))
        assert np.abs(grey(view) - grey(picture.resize(view.size))).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_shown_measured_and_hashed_upright(orientation: int, look: Look, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    turned = scenes.scene(size=(1680, 840))
    straight = Image.open(io.BytesIO(saved(turned, "JPEG", exif=exif, quality=90)))
    expected = ImageOps.exif_transpose(straight).convert("RGB")

    seen = look(saved(turned, "JPEG", exif=exif, quality=90))

    assert (seen["width"], seen["height"]) == expected.size
    assert apart(seen["dhash"], dhash(expected)) <= ALIKE
    with Image.open(tmp_path / "view.jpg") as view:
        assert view.size == fitted(expected.size)
        assert np.abs(grey(view) - grey(expected.resize(view.size))).mean() < 8


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("size", [(4032, 3024), (3025, 4033), (3744, 201)])
def test_photo_of_usual_size_is_decoded_to_its_view(
    size: tuple[int, int], mode: str, progressive: bool, look: Look, tmp_path: Path
) -> None:
    whole = scenes.scene(size=(2016, 1512)).resize(size, Image.Resampling.BICUBIC)

    seen = look(saved(whole.convert(mode), "JPEG", quality=80, progressive=progressive))

    assert (seen["width"], seen["height"]) == size
    with Image.open(tmp_path / "view.jpg") as view:
        assert view.size == (-(-size[0] * 3 // 8), -(-size[1] * 3 // 8))
        assert np.abs(grey(view) - grey(whole.resize(view.size, Image.Resampling.LANCZOS))).mean() < 4


def test_png_with_two_megabytes_of_text_and_profile_is_taken(look: Look) -> None:
    """As editors save them: layers and history as text, and the profile of a wide-gamut screen."""
    words = PngImagePlugin.PngInfo()
    words.add_text("history", "layer " * 350_000, zip=True)
    words.add_itxt("History", "图层 " * 350_000, zip=True)
    words.add_itxt("XML:com.adobe.xmp", '<rdf:Description xmp:CreatorTool="醒图"/>', zip=True)

    seen = look(saved(scenes.scene(), "PNG", pnginfo=words, icc_profile=b"acsp" * 500_000))

    assert (seen["kind"], seen["found"]["edited_with"]) == ("PNG", "醒图")


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "I;16", "1"])
def test_pictures_of_every_mode_are_shown_on_white(mode: str, look: Look, tmp_path: Path) -> None:
    deep = Image.fromarray((grey(scenes.scene()) * 257).astype(np.uint16))
    picture = deep if mode == "I;16" else scenes.scene().convert(mode)
    if "A" in mode:
        picture.putalpha(0)

    look(saved(picture, "JPEG" if mode == "CMYK" else "PNG"))

    with Image.open(tmp_path / "view.jpg") as view:
        expected = 255 if "A" in mode else grey(scenes.scene()).mean()
        assert abs(grey(view).mean() - expected) < 12


@pytest.mark.parametrize(
    ("picture", "advice"),
    [
        pytest.param(scenes.scene, [], id="sharp"),
        pytest.param(scenes.cardboard, [], id="sharp cardboard, with nothing on it"),
        pytest.param(lambda: scenes.out_of_focus(scenes.scene(), 4), ["blurred"], id="out of focus"),
        pytest.param(lambda: scenes.out_of_focus(scenes.scene(), 10), ["blurred"], id="far out of focus"),
        pytest.param(lambda: scenes.at_night(scenes.scene()), ["dark"], id="at night"),
        pytest.param(lambda: scenes.scene(size=(800, 600)), ["small"], id="small"),
        pytest.param(
            lambda: scenes.at_night(scenes.out_of_focus(scenes.scene(size=(800, 600)), 6)),
            ["dark", "small"],
            id="noise hides blur",
        ),
        pytest.param(lambda: scenes.screenshot(("订单编号", "2100000000001")), ["screenshot"], id="screenshot"),
        pytest.param(
            lambda: scenes.screenshot(("订单编号", "2100000000001"), is_dark=True), ["screenshot"], id="dark screenshot"
        ),
    ],
)
def test_advice_follows_from_what_is_measured(
    picture: Callable[[], Image.Image], advice: list[str], look: Look
) -> None:
    assert look(picture())["found"].get("advice", []) == advice


def test_blur_is_measured_against_the_contrast_there_is() -> None:
    """Fog makes an even picture, not a blurred one."""
    sharp = scenes.scene()
    pale = sharp.point(lambda value: 120 + value // 8)

    assert measure(pale).sharpness == pytest.approx(measure(sharp).sharpness, rel=0.6)
    assert measure(scenes.out_of_focus(sharp, 4)).sharpness < measure(sharp).sharpness / 20


def test_same_photo_is_known_again_and_another_is_not(look: Look) -> None:
    picture = scenes.scene(1)
    original = look(picture)["dhash"]
    again = [
        saved(picture, "JPEG", quality=40),
        saved(picture, "PNG"),
        saved(picture.resize((640, 480)), "JPEG"),
        saved(picture.point(lambda value: min(255, value + 12)), "JPEG"),
    ]

    assert all(apart(look(one)["dhash"], original) <= ALIKE for one in again)
    assert all(apart(look(scenes.scene(name))["dhash"], original) > 60 for name in range(2, 8))


def test_what_the_device_says(look: Look) -> None:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "samsung", "SM-G970F\x00"
    exif[Base.Software] = "Adobe Photoshop 25.0"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:20 18:22:31"
    picture = scenes.scene()

    found = look(saved(picture, "JPEG", exif=exif))["found"]
    exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = "+08:00"
    exif[Base.Software] = "G970FXXU9"
    with_zone = look(saved(picture, "JPEG", exif=exif))["found"]

    assert found["taken_at"] == "2026-11-20T18:22:31"
    assert (found["device"], found["edited_with"]) == ("samsung SM-G970F", "Adobe Photoshop 25.0")
    assert with_zone["taken_at"] == "2026-11-20T18:22:31+08:00"
    assert "edited_with" not in with_zone
    assert "has_place" not in found


def test_editor_named_in_xmp_is_found(look: Look) -> None:
    xmp = '<x:xmpmeta><rdf:Description xmp:CreatorTool="美图秀秀 10.1"/></x:xmpmeta>'.encode()

    assert look(saved(scenes.scene(), "JPEG", xmp=xmp))["found"]["edited_with"] == "美图秀秀 10.1"


def test_that_there_is_a_place_is_told_and_never_which(look: Look) -> None:
    seen = look(jpeg_of_home())

    assert seen["found"]["has_place"] is True
    assert not any(mark in str(seen) for mark in ("39.", "116.", "23.", "54."))


def test_what_metadata_says_is_cleaned_and_short(look: Look) -> None:
    exif = Image.Exif()
    exif[Base.Model] = "a\u202eb\x07\n<b>" + "x" * 5000

    device = look(saved(scenes.scene(), "JPEG", exif=exif))["found"]["device"]

    assert len(device) == 100
    assert not any(mark in device for mark in "\u202e\x07\n")


def test_document_is_kept_or_refused_as_the_reason_wants(look: Look) -> None:
    content = b"%PDF-1.7\n%%EOF"

    assert look(content) == {"kind": "PDF", "width": 0, "height": 0}
    assert look(content, documents=False) == {"refused": "pdf"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"OggS" + bytes(99), "OGG"),
        (b"#!AMR\n" + bytes(99), "AMR"),
        (b"ID3\x04" + bytes(99), "MP3"),
        (b"\xff\xf3\x44" + bytes(99), "MP3"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(99), "M4A"),
    ],
)
def test_voice_messages_are_kept(content: bytes, kind: str, look: Look) -> None:
    assert look(content) == {"kind": kind, "width": 0, "height": 0}


@pytest.mark.parametrize(
    ("container", "codec", "kind"), [("mp4", "mpeg4", "MP4"), ("mov", "libx264", "MOV"), ("webm", "libvpx", "WEBM")]
)
def test_video_has_a_length_and_a_still(container: str, codec: str, kind: str, look: Look, tmp_path: Path) -> None:
    seen = look(film(container, (1680, 960), codec=codec, seconds=2.0))

    assert (seen["kind"], seen["width"], seen["height"]) == (kind, 0, 0)
    assert seen["found"]["frame"] == [1680, 960]
    assert seen["found"]["seconds"] == pytest.approx(2.0, abs=0.3)
    with Image.open(tmp_path / "view.jpg") as view:
        assert view.size == (1600, 914)
        assert 90 < grey(view).mean() < 200, "about a second after the start, not the first moment"
    assert (tmp_path / "thumb.jpg").exists()


def test_what_a_video_says_of_itself(look: Look) -> None:
    metadata = {
        "creation_time": "2026-11-20T10:00:00.000000Z",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 13",
        "com.apple.quicktime.location.ISO6709": "+39.9075+116.3972/",
    }

    seen = look(film("mov", metadata=metadata))

    assert seen["found"]["taken_at"] == "2026-11-20T10:00:00+00:00"
    assert seen["found"]["device"] == "Apple iPhone 13"
    assert seen["found"]["has_place"] is True
    assert "116" not in str(seen)


UNPLAYABLE = {
    "nothing but a head": b"\x00\x00\x00\x18ftypmp42" + bytes(5000),
    "noise": b"\x00\x00\x00\x18ftypisom" + np.random.default_rng(1).bytes(50_000),
    "webm of noise": b"\x1aE\xdf\xa3" + np.random.default_rng(2).bytes(50_000),
    "frames of noise": noisy_frames(film(codec="libx264")),
}


@pytest.mark.parametrize("content", UNPLAYABLE.values(), ids=UNPLAYABLE)
def test_what_nobody_can_play_is_refused(content: bytes, look: Look, tmp_path: Path) -> None:
    assert look(content) == {"refused": "unplayable"}
    assert list(tmp_path.glob("*.jpg")) == []


KEPT = {
    "sound alone": sound(),
    "larger than we open": film(size=(4096, 2304), seconds=0.1),
    "a codec that we do not have": film(codec="libx264").replace(b"avc1", b"xxxx"),
}


@pytest.mark.parametrize("content", KEPT.values(), ids=KEPT)
def test_video_that_we_cannot_show_is_kept(content: bytes, look: Look, tmp_path: Path) -> None:
    """Others may be able to."""
    seen = look(content)

    assert (seen["kind"], seen["width"]) == ("MP4", 0)
    assert "frame" not in seen["found"]
    assert list(tmp_path.glob("*.jpg")) == []


def parcel(text: str, form: str, degrees: int = 0) -> Image.Image:
    """A label on a parcel in a photo of 12 megapixels."""
    options: dict[str, Any] = {"ec_level": "M"} if form == "QRCode" else {}
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, form), **options)
    label = Image.fromarray(np.asarray(code.to_image(scale=4))).convert("RGB")
    photo = scenes.scene(size=(1600, 1200)).resize((4000, 3000))
    sheet = Image.new("RGB", (label.width + 200, label.height + 240), "white")
    sheet.paste(label.resize((label.width, max(label.height, 160))), (100, 100))
    turned = sheet.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC, fillcolor="white")
    photo.paste(turned, (1500, 900))
    return photo


@pytest.mark.parametrize("degrees", [0, 10, 45, 90, 180])
def test_waybill_number_is_read_at_full_resolution(degrees: int, look: Look) -> None:
    said = look(parcel("SF1234567890123", "Code128", degrees), do="codes")

    assert said["found"]["codes"] == [{"kind": "Code128", "text": "SF1234567890123", "courier": "sf"}]


def test_codes_are_cleaned_cut_and_few(look: Look) -> None:
    photo = parcel("https://example.com/\u202e" + "x" * 400, "QRCode")

    codes = look(photo, do="codes")["found"]["codes"]

    assert [one["kind"] for one in codes] == ["QRCode"]
    assert codes[0]["text"].startswith("https://example.com/x")
    assert len(codes[0]["text"]) == 200
    assert "courier" not in codes[0]


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\xff\xd8\xff", b"OggS" + bytes(99)])
def test_no_codes_are_found_where_there_is_no_picture(content: bytes, look: Look) -> None:
    assert look(content, do="codes") == {"found": {}}


def grey(image: Image.Image) -> "np.ndarray[Any, Any]":
    return np.asarray(image.convert("L")).astype(np.float32)


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
