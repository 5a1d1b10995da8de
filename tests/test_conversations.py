"""Every conversation file, played in every way. `./run test --accept` writes the files as they came out straight."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.look.workers import Workers
from tests.player import MODES, Player, play, read_script

FILES = sorted(Path(__file__).parent.glob("conversations/*.chat"))
CRASHED = {
    "album_en",
    "asked_for_more_zh",
    "cancel_and_resume_zh",
    "danger_first_zh",
    "decision_on_unseen_evidence_en",
    "draft_24h_tw",
    "draft_deleted_en",
    "evidence_pack_zh",
    "language_switch",
    "leaves_during_upload_en",
    "missed_promise_en",
    "order_number_alone_zh",
    "photo_after_approval_zh",
    "photo_sent_twice_zh",
    "photos_first_zh",
    "photos_of_two_people",
    "photos_put_right_en",
    "question_then_person_en",
    "reason_damaged_tw",
    "reason_no_tracking_en",
    "refused_files_en",
    "rejected_then_more_en",
    "several_to_withdraw_en",
    "shots_waived_zh",
    "two_open_cases_zh",
    "video_and_photos_en",
    "withdraw_zh",
}
"""What an ordinary run crashes at every commit: each kind of event and of commit. The rest takes minutes."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    ours = Workers(most=1)
    yield ours
    await ours.stop()


def cases() -> list[object]:
    return [
        pytest.param(
            file,
            mode,
            id=f"{file.stem}-{mode}",
            marks=[pytest.mark.long] * (mode == "crash" and file.stem not in CRASHED),
        )
        for file in FILES
        for mode in MODES
    ]


def test_what_is_crashed_is_there() -> None:
    assert {file.stem for file in FILES} >= CRASHED


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("file", "mode"), cases())
async def test_conversation(file: Path, mode: str, tmp_path: Path, workers: Workers) -> None:
    came_out = await play(file, tmp_path, mode, workers=workers)

    if mode == "straight" and os.environ.get("SHOUHOU_ACCEPT"):
        file.write_text(came_out, "utf-8")
    assert came_out == file.read_text("utf-8")


@pytest.mark.asyncio(loop_scope="module")
async def test_all_conversations_interleaved_in_one_batch(tmp_path: Path, workers: Workers) -> None:
    scripts = [read_script(file) for file in FILES]
    scripts = [script for script in scripts if not any(who == "wait" for who, _ in script.lines)]

    await Player(tmp_path, "interleaved", workers=workers).play(scripts)

    for script in scripts:
        expected = (FILES[0].parent / f"{script.name}.chat").read_text("utf-8")
        assert "\n".join(script.transcript) + "\n" == expected
