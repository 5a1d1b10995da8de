"""Every conversation file, played in every way. `./run test --accept` writes the files as they came out straight."""

import os
from pathlib import Path

import pytest

from tests.player import MODES, Player, play, read_script

FILES = sorted(Path(__file__).parent.glob("conversations/*.chat"))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_conversation(file: Path, mode: str, tmp_path: Path) -> None:
    came_out = await play(file, tmp_path, mode)

    if mode == "straight" and os.environ.get("SHOUHOU_ACCEPT"):
        file.write_text(came_out, "utf-8")
    assert came_out == file.read_text("utf-8")


async def test_all_conversations_interleaved_in_one_batch(tmp_path: Path) -> None:
    scripts = [read_script(file) for file in FILES]
    scripts = [script for script in scripts if not any(who == "wait" for who, _ in script.lines)]

    await Player(tmp_path, "interleaved").play(scripts)

    for script in scripts:
        expected = (FILES[0].parent / f"{script.name}.chat").read_text("utf-8")
        assert "\n".join(script.transcript) + "\n" == expected
