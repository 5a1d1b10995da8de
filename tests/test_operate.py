"""What an operator finds: files, the log, what a killed process left behind."""

import json
import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.intake import clear_left_behind
from bot.log import set_up
from tests.servers import running, shouhou

DAYS = 24 * 3600
OPERATE = Path(__file__).parents[1] / "docs" / "operate.md"


def test_data_is_for_the_servers_own_user_only(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        files = [server.data, *server.data.rglob("*")]
        assert [file for file in files if file.stat().st_mode & 0o077] == []


def test_left_behind_files_go_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / "old" / "original", tmp_path / "young" / "original"
    for file in (old, young, tmp_path / "upload"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"half a photo")
    two_days_ago = time.time() - 2 * DAYS
    for one in (old.parent, tmp_path / "upload"):
        os.utime(one, (two_days_ago, two_days_ago))

    clear_left_behind([tmp_path, tmp_path / "never-made"])

    assert list(tmp_path.iterdir()) == [young.parent]


def test_what_libraries_log_is_json_without_values(capfd: pytest.CaptureFixture[str]) -> None:
    set_up("warning")

    logging.getLogger("library").error("cannot read %s\nmore about it", "a customer's words")

    line = json.loads(capfd.readouterr().err)
    assert line["said"] == "cannot read %s"
    assert line["name"] == "library"


def test_backup_as_documented_is_for_its_owner_only_and_can_be_restored(tmp_path: Path) -> None:
    page = OPERATE.read_text("utf-8")
    (commands,) = re.findall(r"## Backup\n.*?```sh\n(.*?)```", page, re.S)
    with running(tmp_path / "data"):
        subprocess.run(
            ["sh", "-euc", f"umask 022\n{commands.replace('.venv/bin/python', sys.executable)}"],
            cwd=tmp_path, check=True, timeout=60,
        )  # fmt: skip

    copied = [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]
    assert {"shouhou.db", "webchat.secret", "evidence"} <= {file.name for file in copied}
    assert [file for file in copied if file.stat().st_mode & 0o077] == []
    checked = shouhou("evidence", "check", "--data", str(tmp_path / "backup"), cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with running(tmp_path / "backup"):
        pass
