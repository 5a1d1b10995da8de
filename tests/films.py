"""Small real videos."""

import io
from functools import cache

import av
import numpy as np
from av.video.stream import VideoStream


def film(
    kind: str = "mp4",
    size: tuple[int, int] = (320, 240),
    seconds: float = 3.0,
    codec: str = "mpeg4",
    metadata: dict[str, str] | None = None,
) -> bytes:
    """Grey, brighter with time."""
    file = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if kind in ("mp4", "mov") else {}
    with av.open(file, "w", format=kind, options=options) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        count = max(1, round(seconds * 10))
        for index in range(count):
            picture = np.full((size[1], size[0], 3), 40 + 200 * index // count, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file.getvalue()


def noisy_frames(whole: bytes) -> bytes:
    """The same with its frames overwritten: the index is whole, and nothing of what it points at can be decoded."""
    at = whole.index(b"mdat")
    size = int.from_bytes(whole[at - 4 : at]) - 8
    return whole[: at + 4] + np.random.default_rng(3).bytes(size) + whole[at + 4 + size :]


def sound() -> bytes:
    """A second of silence, as recorders of some phones save it: with the brand of a video."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100)
        for packet in (*stream.encode(silence()), *stream.encode()):
            container.mux(packet)
    return file.getvalue()


def silence() -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
    frame.sample_rate = 44_100
    return frame


@cache
def small_film(name: str = "") -> bytes:
    """A film of two frames; other bytes for another name."""
    named = name.encode()
    return film(size=(64, 48), seconds=0.2) + (8 + len(named)).to_bytes(4) + b"free" + named
