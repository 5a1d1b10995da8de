"""The checklist of photos: the built-in one is whole, a shop's own is asked for, and its mistakes are told at start."""

import asyncio
from pathlib import Path

import pytest

from bot.app import App
from bot.model.checklist import CHECKLIST, LANGUAGES, read_own
from bot.model.events import Address, Event, Text
from bot.model.reasons import REASONS
from bot.settings import EvidenceSettings, Settings, SettingsError, load_settings
from tests.fakes import Clock, FakePhone

OWN = """
[reasons]
quality = ["whole_item", "unboxing"]
freight = []

[shots.unboxing]
screenshot = true
label = { zh-CN = "开箱视频的截图", zh-TW = "開箱影片的截圖", en = "a screenshot of the unboxing video" }
why = { zh-CN = "能看到第一眼的样子。", zh-TW = "看得到第一眼的樣子。", en = "It shows the first look." }
"""


CLAIMS = {
    "zh-CN": "电扇不转了，想退款，订单 2100000000996",
    "zh-TW": "吹風機用兩天就不轉了，想退費，訂單 2100000000996",
    "en": "the fan stopped spinning, refund please, order 2100000000996",
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "checklist.toml"
    file.write_text(OWN, "utf-8")
    return file


def test_every_reason_has_known_shots() -> None:
    assert set(CHECKLIST.by_reason) == set(REASONS)
    assert all(shot in CHECKLIST.shots for shots in CHECKLIST.by_reason.values() for shot in shots)


def test_a_shops_own_list_changes_what_it_names_and_nothing_else(own: Path) -> None:
    checklist = read_own(own)

    assert [shot.id for shot in checklist.of("quality")] == ["whole_item", "unboxing"]
    assert checklist.of("freight") == ()
    assert checklist.of("damaged") == CHECKLIST.of("damaged")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_shops_own_shot_is_asked_for_in_its_words(own: Path, tmp_path: Path, language: str) -> None:
    settings = Settings(data=tmp_path, language=language, evidence=EvidenceSettings(checklist=own))
    app = App(settings, clock=Clock())
    await app.database.migrate()
    app.add([FakePhone()])
    task = asyncio.create_task(app.dispatcher.run())

    claim = CLAIMS[language]
    event = Event("phone:1", Address("phone", "anna"), Clock()(), Text(claim), language)
    said = (await app.dispatcher.accept(event))[-1].text
    task.cancel()
    await app.stop()

    words = read_own(own).shots["unboxing"].label
    assert words[language] in said


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[reasons]\nbroken = []", "'broken'"),
        ('[reasons]\nquality = ["nothing_known"]', "[shots.nothing_known]"),
        ('[reasons]\nquality = ["whole_item", "whole_item"]', "different"),
        ("[shots.x]\nscreenshot = 1", "'screenshot' of shot 'x'"),
        ("[shots.x]\ncolour = true", "'colour'"),
        ('[shots.x]\nlabel = { en = "x" }', "label.zh-CN"),
        ("[shots.Big]", "whole_item"),
        ("[photos]", "'photos'"),
        ("not toml", "TOML"),
    ],
)
def test_a_mistake_is_told_at_start_with_its_name(tmp_path: Path, content: str, named: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content, "utf-8")

    with pytest.raises(SettingsError) as told:
        load_settings(environment={"SHOUHOU_EVIDENCE__CHECKLIST": str(file)})

    assert named in str(told.value)
    assert str(file) in str(told.value)


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(environment={}, given={"evidence.checklist": tmp_path / "none.toml"})
