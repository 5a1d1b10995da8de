"""Settings: what a shop says about itself reaches its customers, and what is wrong is told at once."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.settings import Settings, SettingsError, fields_of, load_settings
from tests.customers import arrive
from tests.servers import running

SHOP = """
[shop]
name = "Kettles & Co"
greeting = "Welcome to Kettles & Co!"
hours = "9:00-21:00"

[[contacts]]
label = "Phone"
value = "400-000-0000"
hours = "9:00-18:00"
verified_on = 2026-11-20

[[contacts]]
label = "Mail"
value = "help@shop.example"
"""


async def test_shop_tells_its_greeting_hours_and_contacts(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(SHOP, "utf-8")
    with running(tmp_path / "data", {"SHOUHOU_SETTINGS": str(file)}) as server:
        async with aiohttp.ClientSession() as http:
            anna = await arrive(http, server.url, "en")
            hello = " ".join(message["text"] for message in await anna.say("hello"))
            contacts = (await anna.say("/contact"))[-1]["text"]
            called = (await anna.say("/human"))[-1]["text"]

    assert "Welcome to Kettles & Co!" in hello
    assert "Phone: 400-000-0000 9:00-18:00 (checked on Fri 20 Nov)" in contacts
    assert "Mail: help@shop.example (please check it in the Kuaishou app)" in contacts
    assert "People are here 9:00-21:00." in called


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text('[shop]\ncolor = "green"\nnmae = "x"\n[[contacts]]\nvalue = "1"\n', "utf-8")

    with pytest.raises(SettingsError) as error:
        load_settings(file, {"SHOUHOU_WEB__EMBED_ON": "shop.example", "SHOUHOU_WEB__PORT": "0"})

    told = str(error.value)
    for key in ("shop.color", "shop.nmae", "web.embed_on", "web.port"):
        assert f"'{key}'" in told, told
    assert f"{file}: 'label' in table 1 of [[contacts]]" in told
    assert "did you mean 'shop.name'?" in told


def test_contact_is_read_with_its_day(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(SHOP, "utf-8")

    settings, _ = load_settings(file, {})

    assert [one.verified_on for one in settings.contacts] == [date(2026, 11, 20), None]


ODD = (
    "", " ", "x", "yesterday", "\0", "0", "-1", "99999999999999999999", "1e3", "true", "ß" * 5000, "https://", "/", "../..",
    0, -1, 10**30, 0.5, float("nan"), float("inf"), True, date(2026, 11, 20), [], ["x"], [{"label": 5}], [{"x": "y"}], [[]],
)  # fmt: skip
SECRETS = [key for key, field in fields_of(Settings) if field.annotation is SecretStr]


def mistakes(key: str, value: Any, variable: str = "") -> list[str]:
    """The lines of what is said about this value, of a variable or else of the command line."""
    try:
        load_settings(environment={variable: value} if variable else {}, given={} if variable else {key: value})
    except SettingsError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("key", [key for key, _ in fields_of(Settings)])
def test_whatever_is_wrong_is_said_of_the_setting_that_it_is_wrong_in(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a value of another type, and as the text of a variable."""
    monkeypatch.chdir(tmp_path)
    variable = f"SHOUHOU_{key.upper().replace('.', '__')}"
    refusals = 0
    for value in ODD:
        lines = mistakes(key, value)
        if isinstance(value, str):
            lines += mistakes(key, value, variable)
        for line in lines:
            assert f"'{key}'" in line or f"of [[{key}]]" in line, f"{value!r}: {line}"
            assert line.startswith((f"{variable}: ", "command line: ")), line
            assert len(line) < 500
            assert key not in SECRETS or "yesterday" not in line
        refusals += bool(lines)
    assert refusals >= 5


@pytest.mark.parametrize("key", [key for key, _ in fields_of(Settings)])
def test_misspelt_name_is_told_with_the_nearest_there_is(key: str) -> None:
    variable = f"SHOUHOU_{key.upper().replace('.', '__')}"
    typo = key[:-2] + key[-1] + key[-2] + "s"

    assert f"command line: there is no setting '{typo}'; did you mean '" in "".join(mistakes(typo, "x"))
    assert f"{variable}S: there is no setting" in "".join(mistakes("", "x", f"{variable}S"))
    if "." in key:
        single = f"SHOUHOU_{key.upper().replace('.', '_')}"  # one line where two are needed
        assert f"did you mean '{variable}'?" in "".join(mistakes("", "x", single))


def in_file(tmp_path: Path, text: str) -> str:
    file = tmp_path / "shop.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(file, {})
    return str(error.value).replace(str(file), "shop.toml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[contacts]]\nlabel = 'a'\nvalue = 'b'\n[[contacts]]\nlabel = 'a'\nvalue = 'b'\nverified_on = 'yesterday'",
         "shop.toml: 'verified_on' in table 2 of [[contacts]]: Input should be a valid date"),
        ("[[contacts]]\nlabel = 'a'\nvalue = 'b'\nverifed_on = 2026-11-20",
         "shop.toml: 'verifed_on' in table 1 of [[contacts]]: there is no such key; did you mean 'verified_on'?"),
        ("[[wechat.menu]]\nlabel = 'a'\nbuton = 'help'",
         "shop.toml: 'buton' in table 1 of [[wechat.menu]]: there is no such key; did you mean 'button'?"),
        ("contacts = ['400']", "shop.toml: table 1 of [[contacts]]: Input should be"),
        ("[contacts]\nlabel = 'a'", "shop.toml: there is no setting 'contacts.label'; write it as tables [[contacts]]"),
        ("telegram = 'x'", "shop.toml: 'telegram' is a group of settings, such as 'telegram.token'"),
        ("[language]\nfirst = 'en'", "shop.toml: there is no setting 'language.first'; 'language' is no table"),
        ("wechat.app_id = 'wx1'",
         "shop.toml: 'wechat.app_id': also needed: wechat.secret, wechat.token, wechat.aes_key"),
        ("telegram.mode = 'webhook'", "shop.toml: 'telegram.mode': telegram.mode is webhook, so telegram.public_url must"),
        ("web = ", "shop.toml: not TOML: "),
    ],
)  # fmt: skip
def test_mistake_in_the_file_is_told_where_it_stands(tmp_path: Path, text: str, line: str) -> None:
    assert line in in_file(tmp_path, text)


def test_mistakes_of_all_sorts_are_told_at_once(tmp_path: Path) -> None:
    told = in_file(
        tmp_path,
        "wechat.app_id = 'wx1'\nweb.port = 0\ntelegramm.token = 'x'\ntelegram.mode = 'webhook'\nlog.level = 'loud'",
    )

    assert [line.split(": ")[1] for line in told.splitlines()] == [
        "there is no setting 'telegramm.token'; did you mean 'telegram.token'?",
        "'web.port'",
        "'log.level'",
        "'telegram.mode'",
        "'wechat.app_id'",
    ]


def test_setting_that_is_wrong_by_itself_is_not_said_to_lack(tmp_path: Path) -> None:
    told = in_file(tmp_path, "wechat = { app_id = 'wx1', secret = 's', token = '!', aes_key = 'short' }")

    assert [line.split(": ")[1] for line in told.splitlines()] == ["'wechat.token'", "'wechat.aes_key'"]


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("telegram.staff_group = '-1001'", {"telegram.staff_group": "telegram.token is not set"}),
        ("telegram = { token = '', mode = 'polling', keeps_pace = false }", {"telegram.keeps_pace": "telegram.token"}),
        (f"telegram = {{ token = '1:{'a' * 35}', secret = '{'s' * 32}', staff_group = '-1001' }}",
         {"telegram.secret": 'telegram.mode is not "webhook"'}),
        ("wechat = { kept = 2, url = 'https://a.example/wechat' }",
         {"wechat.kept": "wechat.app_id is not set", "wechat.url": "wechat.app_id is not set"}),
        (f"wechat = {{ app_id = 'wx1', secret = 's', token = 'tok', aes_key = '{'k' * 43}', verified = false, kept = 2 }}",
         {"wechat.kept": "wechat.verified is false"}),
        ("miniprogram.message_quota = 3", {"miniprogram.message_quota": "miniprogram.app_id is not set"}),
        ("wecom.kept = 0", {"wecom.kept": "wecom.corp_id is not set"}),
        ("evidence.region = 'cn-north-1'", {"evidence.region": "evidence.access_key is not set"}),
        ("evidence = { access_key = 'a', secret_key = 's', region = 'cn-north-1' }", {}),
        ("shop.name = 'Kettles'", {}),
    ],
)  # fmt: skip
def test_setting_without_effect_is_said_to_have_none(tmp_path: Path, text: str, idle: dict[str, str]) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(text, "utf-8")

    _, listed = load_settings(file, {})

    said = {setting.key: setting.idle for setting in listed if setting.idle}
    assert said.keys() == idle.keys()
    for key, words in idle.items():
        assert words in said[key]


def test_start_tells_of_a_staff_group_without_a_token(tmp_path: Path) -> None:
    variables = {"SHOUHOU_TELEGRAM__STAFF_GROUP": "-1001234567890"}
    with running(tmp_path / "data", variables) as server:
        logged = [json.loads(line) for line in server.log.read_text("utf-8").splitlines() if line.startswith("{")]
        listed = server.shouhou("settings").stdout

    line = next(line for line in logged if line["event"] == "setting_without_effect")
    assert (line["key"], line["source"]) == ("telegram.staff_group", "SHOUHOU_TELEGRAM__STAFF_GROUP")
    assert "telegram.token is not set" in line["why"]
    assert "HAS NO EFFECT: telegram.token is not set" in listed
