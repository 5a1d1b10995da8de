"""The README's sample is a conversation that is played; SHOUHOU_ACCEPT=1 writes it anew."""

import os
import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
SAMPLE = re.compile(r"(<!-- conversation: (\S+) -->\n```text\n)(.*?)(```\n)", re.S)


def test_sample_is_the_conversation_file() -> None:
    text = README.read_text("utf-8")
    found = SAMPLE.search(text)
    assert found
    lines = (README.parent / found.group(2)).read_text("utf-8").splitlines(keepends=True)
    played = "".join(line for line in lines if line.strip() and not line.startswith(("#", "case:", "agent: show")))

    if os.environ.get("SHOUHOU_ACCEPT"):
        README.write_text(text[: found.start(3)] + played + text[found.end(3) :], "utf-8")
    assert found.group(3) == played or os.environ.get("SHOUHOU_ACCEPT")
