"""Settings: what a shop says about itself reaches its customers, and what is wrong is told at once."""

from datetime import date
from pathlib import Path

import aiohttp
import pytest

from bot.settings import SettingsError, load_settings
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
    for key in ("shop.color", "shop.nmae", "web.embed_on", "web.port", "contacts.0.label"):
        assert f"'{key}'" in told, told
    assert "did you mean 'shop.name'?" in told


def test_contact_is_read_with_its_day(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(SHOP, "utf-8")

    settings, _ = load_settings(file, {})

    assert [one.verified_on for one in settings.contacts] == [date(2026, 11, 20), None]
