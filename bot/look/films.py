"""A still of a video, and how long it is."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from bot.look.copies import write_copies
from bot.look.facts import device, line, moment
from bot.look.limits import MOST_SECONDS, allow
from bot.look.pictures import UPRIGHT, RefusedError, fitted

STILL_AT_SECONDS = 1.0
"""The first moment of a video is often black, or a hand."""
MOST_FRAME_PIXELS = 9_000_000
"""8 megapixels are 4K."""
MOST_TRIED = 90
"""Packets."""
NOTHING_ELSE = {"protocol_whitelist": "", "enable_drefs": "0", "use_absolute_path": "0"}
"""Neither a network protocol nor another file is opened, whatever the file asks for: FFmpeg reads from the one that we hold open."""
TURNS = {90: UPRIGHT[8], -270: UPRIGHT[8], 180: UPRIGHT[3], -180: UPRIGHT[3], 270: UPRIGHT[6], -90: UPRIGHT[6]}
PLACES = ("com.apple.quicktime.location.ISO6709", "location", "location-eng")


def look_at_film(file: Path, reader: str, folder: Path) -> dict[str, Any]:
    """Return `seconds`, `frame` as it is shown, and what the device says; with a frame, the copies are in the folder.

    Raises RefusedError with `unplayable` when nobody could play it. A film that is only too much for us is kept without a still.
    """
    allow(MOST_SECONDS)
    found: dict[str, Any] = {}
    with file.open("rb") as opened:
        try:
            film = av.open(opened, format=reader, options=NOTHING_ELSE, metadata_errors="replace")
        except MemoryError:
            return found
        except Exception:  # broken files raise whatever they like
            raise RefusedError("unplayable") from None
        assert isinstance(film, InputContainer)
        with film:
            if not film.streams.video and not film.streams.audio:
                raise RefusedError("unplayable")
            try:
                found |= told(film)
                still = still_of(film) if film.streams.video else None
            except RefusedError:
                raise
            except Exception:  # a codec that we do not have, for one
                return found
    if still:
        view, size = still
        write_copies(view, folder)
        found["frame"] = list(size)
    return found


def told(film: InputContainer) -> dict[str, Any]:
    said = dict(film.metadata)
    found = {
        "seconds": round(film.duration / av.time_base, 1) if film.duration and film.duration > 0 else 0,
        "taken_at": moment_utc(line(said.get("creation_time"))),
        "device": device(line(said.get("com.apple.quicktime.make")), line(said.get("com.apple.quicktime.model"))),
        "has_place": any(said.get(key) for key in PLACES),
    }
    return {key: value for key, value in found.items() if value}


def moment_utc(told: str) -> str:
    """Of a time as FFmpeg writes it, such as 2026-11-20T10:00:00.000000Z; videos keep it in UTC."""
    return moment(told[:19].replace("-", ":").replace("T", " "), "+00:00")


def still_of(film: InputContainer) -> tuple[Image.Image, tuple[int, int]] | None:
    """Return a picture to show, and how large a frame is, both upright; None when frames are too large for us.

    Raises RefusedError when there is none.
    """
    stream = film.streams.video[0]
    size = stream.codec_context
    if not 0 < size.width * size.height <= MOST_FRAME_PIXELS:
        return None
    stream.thread_type = "NONE"  # each thread keeps frames of its own
    at = min(STILL_AT_SECONDS, (film.duration or 0) / av.time_base / 2)
    if at > 0:
        with suppress(av.FFmpegError):  # it has no index: the still is of its beginning
            film.seek(int(at * av.time_base))
    frame = frame_at(film, stream, at)
    if frame is None:
        raise RefusedError("unplayable")
    width, height = fitted((frame.width, frame.height))
    still = Image.fromarray(frame.reformat(width, height, "rgb24").to_ndarray())
    turn = TURNS.get(round(frame.rotation))
    if turn is not None:
        still = still.transpose(turn)
    is_turned = turn is not None and turn != UPRIGHT[3]
    return still, (frame.height, frame.width) if is_turned else (frame.width, frame.height)


def frame_at(film: InputContainer, stream: VideoStream, seconds: float) -> VideoFrame | None:
    """Return the first frame from then on, or the last of those tried: what can be jumped to lies up to some seconds before."""
    last = None
    packets = film.demux(stream)
    for _ in range(MOST_TRIED):
        try:
            packet = next(packets, None)
        except av.InvalidDataError:  # cut off here
            return last
        if packet is None:
            return last
        frames: Sequence[object] = ()
        with suppress(av.InvalidDataError):  # a damaged one: players go on, too
            frames = packet.decode()
        for frame in frames:
            if isinstance(frame, VideoFrame):
                last = frame
                if frame.time is None or frame.time >= seconds:
                    return frame
    return last
