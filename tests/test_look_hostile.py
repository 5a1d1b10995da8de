"""Files made to do harm: each costs little time and memory, and nothing of it is in what is shown."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.look.films import look_at_film
from bot.look.limits import allow
from bot.look.pictures import RefusedError
from tests import hostile
from tests.films import film
from tests.looked import Child, Looked, child, look_at
from tests.pictures import coloured, heic, jpeg, jpeg_of_home, saved

MOST_SECONDS = 2.0
MOST_MEGABYTES = 300.0
SIZE = (640, 480)
FRAME_HEAD, TABLES, SCAN = (0xC0, 0xC1, 0xC2), (0xDB, 0xC4), 0xDA


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Child]:
    with child() as ours:
        yield ours


def look(one: Child, content: bytes, folder: Path) -> Looked:
    file = folder / "original"
    file.write_bytes(content)
    return one.ask(do="look", file=file, folder=folder)


def is_cheap(looked: Looked) -> bool:
    return looked.seen is not None and looked.seconds <= MOST_SECONDS and looked.megabytes <= MOST_MEGABYTES


def is_bare(copy: bytes) -> bool:
    """Read by ISO/IEC 10918 alone: a plain JFIF head, tables, one frame, scans, and nothing behind the end."""
    assert copy[:2] == b"\xff\xd8"
    place, codes = 2, []
    while copy[place : place + 2] != b"\xff\xd9":
        assert copy[place] == 0xFF
        code, length = copy[place + 1], int.from_bytes(copy[place + 2 : place + 4])
        codes.append(code)
        if code == 0xE0 and (length != 16 or copy[place + 4 : place + 9] != b"JFIF\x00"):
            return False
        place += 2 + length
        while code == SCAN and (copy[place] != 0xFF or copy[place + 1] in (0x00, *range(0xD0, 0xD8))):
            place += 1
    allowed = {0xE0, *FRAME_HEAD, *TABLES, SCAN}
    return place + 2 == len(copy) and set(codes) <= allowed


def copies(folder: Path) -> list[bytes]:
    found = [file.read_bytes() for file in sorted(folder.glob("*.jpg"))]
    assert len(found) == 2
    return found


def test_reader_of_copies_sees_what_must_not_be_there() -> None:
    plain = jpeg(size=SIZE)

    assert is_bare(plain)
    assert not is_bare(plain + b"x")
    assert not is_bare(hostile.with_segments(plain, hostile.segment(0xFE, b"x")))
    assert not is_bare(hostile.with_segments(plain, hostile.segment(0xE2, b"ICC_PROFILE\x00")))
    assert not is_bare(jpeg_of_home())


@pytest.mark.parametrize("name", hostile.no_pictures())
def test_what_is_no_picture_is_refused(name: str, one: Child, tmp_path: Path) -> None:
    looked = look(one, hostile.no_pictures()[name], tmp_path)

    assert looked.seen == {"refused": "not_image"}
    assert is_cheap(looked)


@pytest.mark.parametrize("name", hostile.too_much())
def test_what_asks_for_too_much_or_is_broken_is_refused(name: str, tmp_path: Path) -> None:
    looked = look_at(hostile.too_much()[name](), tmp_path)

    assert looked.seen
    assert name.endswith("_" + looked.seen["refused"])
    assert is_cheap(looked)


@pytest.mark.parametrize("name", hostile.much())
def test_odd_but_whole_pictures_are_taken(name: str, tmp_path: Path) -> None:
    looked = look_at(hostile.much()[name](), tmp_path)

    assert looked.seen
    assert looked.seen["width"]
    assert is_cheap(looked)
    assert all(is_bare(copy) for copy in copies(tmp_path))


def test_gif_of_many_frames_costs_what_one_frame_costs(tmp_path: Path) -> None:
    many = look_at(hostile.gif_of_frames(3000), tmp_path)
    single = look_at(hostile.gif_of_frames(1), tmp_path)

    assert many.seen == single.seen
    assert many.seconds <= single.seconds + 0.1


@pytest.mark.parametrize("name", hostile.lying())
def test_exif_that_lies_costs_nothing(name: str, one: Child, tmp_path: Path) -> None:
    looked = look(one, hostile.lying()[name], tmp_path)

    assert looked.seen
    assert (looked.seen["width"], looked.seen["height"]) == SIZE
    assert "taken_at" not in looked.seen["found"]
    assert is_cheap(looked)
    assert all(is_bare(copy) for copy in copies(tmp_path))


@pytest.mark.parametrize("name", hostile.polyglots())
def test_nothing_but_pixels_is_in_the_copies(name: str, one: Child, tmp_path: Path) -> None:
    looked = look(one, hostile.polyglots()[name], tmp_path)

    assert looked.seen
    assert looked.seen["width"] == SIZE[0]
    assert is_cheap(looked)
    for copy in copies(tmp_path):
        assert is_bare(copy)
        assert not any(mark in copy for mark in (b"script", b"php", b"PK\x03\x04", b"svg"))


def test_place_and_profile_are_in_no_copy(one: Child, tmp_path: Path) -> None:
    home = jpeg_of_home()
    for content in (
        home,
        saved(coloured("p", SIZE), "JPEG", icc_profile=b"private" * 99, comment=b"private", xmp=b"private"),
        saved(coloured("p", SIZE), "PNG", icc_profile=b"private" * 99, exif=home[6:300]),
        saved(coloured("p", SIZE), "WEBP", icc_profile=b"private" * 99, exif=home[6:300], xmp=b"private"),
    ):
        assert look(one, content, tmp_path).seen
        assert all(is_bare(copy) and b"private" not in copy for copy in copies(tmp_path))


@pytest.mark.parametrize("kind", ["JPEG", "progressive", "PNG", "HEIF", "WEBP", "GIF"])
def test_picture_cut_off_anywhere_is_cut_off(kind: str, one: Child, tmp_path: Path) -> None:
    picture = coloured("cut", SIZE)
    whole = {
        "JPEG": lambda: saved(picture, "JPEG"),
        "progressive": lambda: saved(picture, "JPEG", progressive=True),
        "HEIF": lambda: heic("cut", SIZE),
        "GIF": lambda: saved(picture.convert("P"), "GIF"),
    }.get(kind, lambda: saved(picture, kind))()
    places = [len(whole) * part // 21 for part in range(1, 21)]

    looked = [look(one, whole[:place], tmp_path) for place in places]

    assert {one.seen["refused"] if one.seen and "refused" in one.seen else "taken" for one in looked} == {"cut_off"}
    assert all(is_cheap(one) for one in looked)


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_video_opens_no_connection_and_no_other_file(canary: socket.socket, tmp_path: Path) -> None:
    """FFmpeg reads playlists, and opens what they name, wherever it is."""
    port = canary.getsockname()[1]
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(film())
    for address in (f"http://127.0.0.1:{port}/a.ts", f"tcp://127.0.0.1:{port}", str(secret), f"file:{secret}"):
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n".encode()
        concat = f"ffconcat version 1.0\nfile '{address}'\n".encode()
        for content in (
            playlist,
            concat,
            b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + playlist,
            b"\x1aE\xdf\xa3" + playlist,
        ):
            looked = look_at(content, tmp_path)
            assert looked.seen
            assert "refused" in looked.seen
            assert is_cheap(looked)
            assert list(tmp_path.glob("*.jpg")) == []
            try:
                with pytest.raises(RefusedError):  # also by the reader of playlists
                    look_at_film(tmp_path / "original", "hls", tmp_path)
            finally:
                allow(0)  # it limits the process that it runs in

    with pytest.raises(BlockingIOError):
        canary.accept()


@pytest.mark.parametrize("part", range(1, 8))
def test_video_cut_off_before_its_index_is_refused(part: int, one: Child, tmp_path: Path) -> None:
    """No player opens it: most phones write the index at the end."""
    whole = film()

    looked = look(one, whole[: len(whole) * part // 8], tmp_path)

    assert looked.seen == {"refused": "unplayable"}
    assert is_cheap(looked)


def test_video_cut_off_behind_its_index_is_kept(one: Child, tmp_path: Path) -> None:
    whole = film("webm", codec="libvpx")

    looked = look(one, whole[: len(whole) * 7 // 8], tmp_path)

    assert looked.seen
    assert looked.seen["found"]["frame"] == [320, 240]
    assert is_cheap(looked)
