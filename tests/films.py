"""Small real videos."""

import io

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
