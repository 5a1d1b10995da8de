"""Every conversation file on Telegram, polling and by webhook: nothing reads differently there."""

from pathlib import Path

import pytest

from tests.botapi.server import bot_api
from tests.telegram_player import play

FILES = sorted(Path(__file__).parent.glob("conversations/*.chat"))
ORDINARY = ("album_en", "other_kinds_zh", "status_is_private")
"""What an ordinary run plays; the rest takes minutes."""


def files() -> list[object]:
    marks = dict.fromkeys(ORDINARY, ())
    return [pytest.param(file, marks=marks.get(file.stem, pytest.mark.long), id=file.stem) for file in FILES]


@pytest.mark.parametrize("transport", ["polling", "webhook"])
@pytest.mark.parametrize("file", files())
async def test_conversation_on_telegram(file: Path, transport: str, tmp_path: Path) -> None:
    async with bot_api() as api:
        assert await play(file, tmp_path, "straight", transport, api) == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("mode", "transport"),
    [
        ("restart", "webhook"),
        ("twice", "polling"),
        pytest.param("restart", "polling", marks=pytest.mark.long),
        pytest.param("twice", "webhook", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("file", [file for file in FILES if file.stem in ORDINARY[:1]], ids=lambda file: file.stem)
async def test_restarts_and_repeated_updates_change_nothing(
    file: Path, mode: str, transport: str, tmp_path: Path
) -> None:
    async with bot_api() as api:
        assert await play(file, tmp_path, mode, transport, api) == file.read_text("utf-8")
