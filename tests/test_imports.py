"""The platforms' libraries are loaded where their platform is on, and nowhere else: who is on none starts without them."""

import subprocess
import sys

PROGRAM = """
import sys
import bot.__main__, bot.case_commands, bot.evidence_commands, bot.pack_commands, bot.platform_commands, bot.server
import pathlib, tempfile
from bot.app import App
from bot.settings import Settings
with tempfile.TemporaryDirectory() as folder:
    app = App(Settings(data=pathlib.Path(folder)))
    app.platforms()
print(*sorted({"telegram", "httpx", "wechatpy", "aiohttp_socks"} & set(sys.modules)))
"""


def test_libraries_of_platforms_that_are_off_are_not_loaded() -> None:
    loaded = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120)

    assert loaded.stdout.split() == []
