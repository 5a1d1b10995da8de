"""The conversations, played through the official account and 微信客服: the same sentences and the same buttons as anywhere."""

import re
from pathlib import Path

import pytest

from tests.player import read_script
from tests.wechat_player import NotThereError, WeChatPlayer, WeComPlayer, differences

ALBUM, STICKER = ")+(", "{sticker"
"""Which WeChat does not tell of."""
FILES = [
    file
    for file in sorted(Path(__file__).parent.glob("conversations/*.chat"))
    if not any(mark in file.read_text("utf-8") for mark in (ALBUM, STICKER))
]
ALWAYS = {
    "damaged_kettle_en": ("menu", "list", "wecom"),
    "three_languages": ("menu",),
    "missed_promise_en": ("wecom",),
    "not_understood_zh": ("list",),
    "status_is_private": ("wecom",),
    "unsupported_kind_zh": ("menu", "list", "wecom"),
}
"""Played in every run: photos, languages, a message that waits, an agent, two people."""
OLD_BUTTON = re.compile(
    "按[钮鈕].*已[经經]失效|button is from earlier|button no longer works|这份申请已经提交|草稿已經過了"
)
"""Somebody presses what an older message had: with numbers to type there is nothing to press any more."""


def cases() -> list[object]:
    marks = {False: [pytest.mark.long], True: []}
    return [
        pytest.param(file, mode, id=f"{file.stem}-{mode}", marks=marks[mode in ALWAYS.get(file.stem, ())])
        for file in FILES
        for mode in ("menu", "list", "wecom")
    ]


@pytest.mark.parametrize(("file", "mode"), cases())
async def test_conversation(file: Path, mode: str, tmp_path: Path) -> None:
    player = WeComPlayer(tmp_path, "menu") if mode == "wecom" else WeChatPlayer(tmp_path, mode)
    if mode == "list" and OLD_BUTTON.search(file.read_text("utf-8")):
        with pytest.raises(NotThereError):
            await player.play([read_script(file)])
        await player.close()
        return
    await player.play([read_script(file)])

    assert differences(player.steps, file) == []
    assert player.fake.faults == []
    assert player.fake.refusals == [], "nothing is tried that WeChat would refuse"
