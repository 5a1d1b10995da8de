"""Looks at evidence files: what they are, what is seen in them, and copies to show.

Files come from anybody, so they are opened in child processes only (`python -m bot.look`), under limits. `workers` is the side of the
server; it imports no decoder.
"""

from importlib.util import find_spec

VIEW, THUMB = "view.jpg", "thumb.jpg"
"""The copies to show, as a child writes them into the folder that it is given."""


def can_read_text() -> bool:
    """Whether the extra `ocr` is installed."""
    return all(find_spec(name) for name in ("rapidocr", "onnxruntime"))
