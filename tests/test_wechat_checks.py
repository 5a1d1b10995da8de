"""`shouhou wechat check`, `wechat menu` and `wecom check`: what is well, and for what is not the sentence that says what to do."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.adapters.wechat import check as wechat
from bot.adapters.wecom import check as wecom
from bot.settings import Settings
from tests.fake_wechat import FakeWeChat
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.servers import running, shouhou
from tests.wechat_apps import bot_on_wechat, bot_on_wecom, wechat_settings, wecom_settings

ANNA = "wm-anna"


def at(settings: Settings, **more: object) -> Settings:
    """With something changed in its account."""
    name = "wecom" if settings.wecom.corp_id else "wechat"
    return settings.model_copy(update={name: getattr(settings, name).model_copy(update=more)})


async def test_everything_is_well(tmp_path: Path) -> None:
    fake = FakeWeChat()
    async with bot_on_wechat(tmp_path, fake) as app:
        settings = at(app.settings, url=fake.callback)
        assert (await wechat.set_menu(settings)).ok
        found = await wechat.check(settings)

    assert [(one.what, one.ok) for one in found] == [
        ("token", True),
        ("addresses", True),
        ("menu", True),
        ("callback", True),
    ]
    assert [one["key"] for one in fake.menu["button"]] == ["refund", "status", "human"]


async def test_each_fault_has_its_sentence(tmp_path: Path) -> None:
    fake = FakeWeChat()
    async with bot_on_wechat(tmp_path, fake) as app:
        here = at(app.settings, url=fake.callback)
        menu = (await wechat.check(here))[2]
        other_token = (await wechat.check(at(here, token=SecretStr("another"))))[-1]
        elsewhere = (await wechat.check(at(here, url=f"{fake.url}/nobody")))[-1]
        secret = (await wechat.check(at(here, secret=SecretStr("wrong"))))[0]
        fake.allowed = False
        address = (await wechat.check(here))[0]
    gone = await wechat.check(here)

    assert (menu.ok, menu.sentence) == (False, "there is none: `shouhou wechat menu` sets it")
    assert not other_token.ok
    assert "another token" in other_token.sentence
    assert "answers 404" in elsewhere.sentence
    assert "the secret is wrong" in secret.sentence
    assert "203.0.113.9" in address.sentence
    assert [one.ok for one in gone] == [False, False]
    assert "cannot be reached" in gone[1].sentence


async def test_wecom_is_well_and_says_who_has_the_conversation(tmp_path: Path) -> None:
    fake = FakeWeCom()
    await fake.start()
    async with bot_on_wecom(tmp_path, fake) as app:
        settings = at(app.settings, url=fake.callback)
        fake.states[ANNA] = 3
        found = await wecom.check(settings, f"{ACCOUNT}/{ANNA}")
        wrong = await wecom.check(at(settings, aes_key=SecretStr("B" * 43)))
    await fake.stop()

    assert [(one.what, one.ok) for one in found] == [
        ("token", True),
        ("accounts", True),
        ("service state", True),
        ("callback", True),
    ]
    assert "the bot is silent there" in found[2].sentence
    assert not wrong[-1].ok


async def test_command_line_checks_the_running_server(tmp_path: Path) -> None:
    fake, kf = FakeWeChat(), FakeWeCom()
    await fake.start()
    await kf.start()
    ours, theirs = wechat_settings(tmp_path, fake.url).wechat, wecom_settings(tmp_path, kf.url).wecom
    variables = {
        f"SHOUHOU_{group}__{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else value
        for group, account in (("WECHAT", ours), ("WECOM", theirs))
        for name in ("app_id", "corp_id", "secret", "token", "aes_key", "api")
        if (value := getattr(account, name, None))
    }

    def checked(*words: str) -> tuple[int, str]:
        with running(tmp_path / "data", variables) as server:
            more = {"SHOUHOU_WEB__PORT": str(server.port)}
            done = shouhou(*words, "--data", str(server.data), cwd=tmp_path, variables=variables | more)
            return done.returncode, done.stdout + done.stderr

    code, said = await asyncio.to_thread(checked, "wechat", "check")
    assert (code, said.count("ok  ")) == (1, 3), said
    assert "WRONG  menu: there is none" in said
    code, said = await asyncio.to_thread(checked, "wecom", "check")
    assert (code, said.count("ok  ")) == (0, 3), said
    await fake.stop()
    await kf.stop()


def test_without_an_account_the_command_says_what_to_set(tmp_path: Path) -> None:
    done = shouhou("wechat", "check", cwd=tmp_path)

    assert done.returncode == 1
    assert "set wechat.app_id" in done.stderr


@pytest.mark.parametrize("name", ["wechat.aes_key", "wechat.token", "wecom.secret"])
def test_settings_print_no_secret(name: str, tmp_path: Path) -> None:
    keys = {
        "SHOUHOU_WECHAT__APP_ID": "wx1", "SHOUHOU_WECHAT__SECRET": "hush", "SHOUHOU_WECHAT__TOKEN": "hush",
        "SHOUHOU_WECHAT__AES_KEY": "h" * 43, "SHOUHOU_WECOM__CORP_ID": "ww1", "SHOUHOU_WECOM__SECRET": "hush",
        "SHOUHOU_WECOM__TOKEN": "hush", "SHOUHOU_WECOM__AES_KEY": "h" * 43,
    }  # fmt: skip
    printed = shouhou("settings", cwd=tmp_path, variables=keys).stdout
    wrong = shouhou("settings", cwd=tmp_path, variables=keys | {"SHOUHOU_WECHAT__AES_KEY": "hush!"}).stderr
    lacking = shouhou("settings", cwd=tmp_path, variables=keys | {"SHOUHOU_WECHAT__TOKEN": ""}).stderr

    assert f"{name} = (secret)" in printed
    assert "hush" not in printed + wrong + lacking
    assert "'wechat.aes_key': an EncodingAESKey has 43 letters and digits" in wrong
    assert "also needed: wechat.token" in lacking
