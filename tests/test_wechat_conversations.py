"""The conversations, played through the official account and 微信客服: the same sentences and the same buttons as anywhere."""

from pathlib import Path

import pytest

from tests.player import read_script
from tests.wechat_player import NotThereError, WeChatPlayer, WeComPlayer, differences

FILES = sorted(Path(__file__).parent.glob("conversations/*.chat"))
ALWAYS = {"damaged_kettle_en", "three_languages", "missed_promise_en", "not_understood_zh", "status_is_private"}
"""Played in every run: photos, languages, a message that waits, an agent, two people."""
OLD_BUTTONS = {
    "another_order_zh",
    "draft_24h_tw",
    "missed_promise_en",
    "question_in_between_en",
    "reason_other_en",
    "reason_signed_found_zh",
    "three_languages",
    "withdraw_zh",
}
"""Here somebody presses what an older message had: with numbers to type there is nothing to press any more."""


def cases() -> list[object]:
    marks = {False: [pytest.mark.long], True: []}
    return [
        pytest.param(file, mode, id=f"{file.stem}-{mode}", marks=marks[file.stem in ALWAYS])
        for file in FILES
        for mode in ("menu", "list", "wecom")
    ]


@pytest.mark.parametrize(("file", "mode"), cases())
async def test_conversation(file: Path, mode: str, tmp_path: Path) -> None:
    player = WeComPlayer(tmp_path, "menu") if mode == "wecom" else WeChatPlayer(tmp_path, mode)
    if mode == "list" and file.stem in OLD_BUTTONS:
        with pytest.raises(NotThereError):
            await player.play([read_script(file)])
        await player.close()
        return
    await player.play([read_script(file)])

    assert differences(player.steps, file) == []
    assert player.fake.faults == []
    assert player.fake.refusals == [], "nothing is tried that WeChat would refuse"
