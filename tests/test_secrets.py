"""The server's own secrets: made once, there after any power cut, and nothing works without one."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import control_routes
from bot.adapters.telegram import webhook
from bot.adapters.webchat.sessions import Sessions
from bot.adapters.wechat.accounts import codec_of
from bot.durable import write_durably
from bot.secret_file import secret_in
from bot.settings import Settings, SettingsError, WeChat, load_settings
from bot.start_error import StartError
from bot.store.tokens import KeptToken
from tests import power_cut
from tests.servers import shouhou

MAKE = "from bot.secret_file import secret_in; secret_in(folder / 'web.secret', 'nothing is lost')"
MOVE = "from bot.durable import move_durably; move_durably(Path('{made}'), folder / 'case.zip')"
WRITE = "from bot.durable import write_durably; write_durably(folder / 'door', b'new' * 9)"


def test_power_cut_at_any_line_leaves_no_secret_or_a_whole_one(tmp_path: Path) -> None:
    step, outcome = 1, power_cut.CUT
    while outcome == power_cut.CUT:
        folder = tmp_path / str(step)
        folder.mkdir()
        outcome = power_cut.run(MAKE, folder, step)
        secret = secret_in(folder / "web.secret", "nothing is lost")
        assert len(secret) == 32, f"cut before line {step}"
        assert secret_in(folder / "web.secret", "nothing is lost") == secret
        step += 1

    assert step > 10


def test_power_cut_at_any_line_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    step, outcome, left = 1, power_cut.CUT, set()
    while outcome == power_cut.CUT:
        folder = tmp_path / str(step)
        folder.mkdir()
        write_durably(folder / "door", b"old")
        outcome = power_cut.run(
            WRITE.replace("write_durably(", "sync(os.open(folder / 'door', 0)); write_durably("), folder, step
        )
        left.add((folder / "door").read_bytes())
        step += 1

    assert left == {b"old", b"new" * 9}


def test_power_cut_at_any_line_leaves_no_pack_or_a_whole_one(tmp_path: Path) -> None:
    step, outcome, left = 1, power_cut.CUT, set()
    while outcome == power_cut.CUT:
        made, folder = tmp_path / f"{step}.made", tmp_path / str(step)
        folder.mkdir()
        made.write_bytes(b"pack")
        outcome = power_cut.run(MOVE.format(made=made), folder, step)
        left.add((folder / "case.zip").read_bytes() if (folder / "case.zip").exists() else None)
        step += 1

    assert left == {None, b"pack"}


def test_what_a_cut_left_beside_a_secret_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "web.secret.x1y2.aside").write_bytes(bytes(32))

    assert any(secret_in(tmp_path / "web.secret", "nothing is lost"))
    assert [file.name for file in tmp_path.iterdir()] == ["web.secret"], "nor does it stay"


def test_file_is_on_the_disk_before_it_has_its_name_and_its_name_before_anybody_relies_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    really_sync, really_replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        really_sync(handle)

    def replace(source: str, target: str) -> None:
        steps.append("name")
        really_replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", sync)
        patch.setattr("os.replace", replace)
        write_durably(tmp_path / "door", b"new", 0o640)

    assert steps == ["file", "name", "folder"]
    assert (tmp_path / "door").stat().st_mode & 0o777 == 0o640


def test_file_that_could_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_source: object, _target: object) -> None:
        raise OSError("no")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no"):
        write_durably(tmp_path / "door", b"new")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["webchat.secret", "telegram.secret"])
@pytest.mark.parametrize(("content", "what"), [(b"", "0 bytes"), (b"x" * 31, "31 bytes"), (bytes(32), "only zeros")])
def test_start_with_a_bad_secret_says_which_file_and_what_to_do(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_bytes(content)
    variables = {"SHOUHOU_TELEGRAM__TOKEN": f"1:{'a' * 35}", "SHOUHOU_TELEGRAM__BASE_URL": "http://127.0.0.1:9"}

    done = shouhou("start", "--data", str(tmp_path / "data"), cwd=tmp_path, variables=variables)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for words in (name, what, "backup", "remove it", "Telegram" if name == "telegram.secret" else "customers"):
        assert words in done.stderr


def test_nothing_works_with_an_empty_secret(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="anybody"):
        Sessions(b"")
    with pytest.raises(ValueError, match="anybody"):
        webhook.route("/telegram", "", None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="anybody"):
        control_routes.routes(None, "")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="anybody"):
        codec_of(WeChat(), "wx1", "", lambda: datetime.now(UTC))
    with pytest.raises(ValueError, match="anybody"):
        KeptToken(None, "wechat", "wx1", "")  # type: ignore[arg-type]
    (tmp_path / "secret").touch()
    with pytest.raises(StartError):
        secret_in(tmp_path / "secret", "nothing is lost")


def test_short_secret_in_the_settings_is_refused() -> None:
    with pytest.raises(SettingsError, match="32 to 256"):
        load_settings(None, {"SHOUHOU_TELEGRAM__SECRET": "guess-me"})
    assert Settings().telegram.secret.get_secret_value() == ""
