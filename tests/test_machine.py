"""What the second command of the README gets for itself on a fresh machine, and what it says of the rest."""

import os
from pathlib import Path

import pytest

from tests import machine
from tests.machine import browser, main, needed, was_tried


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing is installed; returns its folder of programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("SHOUHOU_TEST_BROWSER", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "cache"))
    monkeypatch.setattr(machine, "PLACES", ())
    monkeypatch.setattr(machine, "TRIED", tmp_path / "tried")
    monkeypatch.setattr("sys.executable", str(programs / "python"))
    return programs


def program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
def test_browser_of_the_machine_is_taken(bare: Path, name: str) -> None:
    path = program(bare / name)

    assert browser() == path


def test_browser_of_playwright_is_taken(bare: Path, tmp_path: Path) -> None:
    path = program(tmp_path / "cache" / "chromium-1208" / "chrome-linux" / "chrome")

    assert browser() == path


def test_debians_packages_are_installed_where_that_is_allowed(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(bare / "weed")
    for name in ("chromium", "openssl", "strace"):
        program(bare.parent / "packages" / name)
    program(
        bare / "apt-get",
        f'test "$1" = update || for name in chromium openssl strace; do /bin/cp {bare.parent}/packages/$name {bare}; done',
    )

    main()

    assert machine.missing() == []
    assert "not to be had" not in capsys.readouterr().err


def test_what_cannot_be_had_is_said_in_one_sentence_and_not_tried_again_at_once(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    main()

    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith(
        "Not on this machine and not to be had: chromium, openssl, strace, weed; the tests of the"
    )
    assert was_tried(["chromium", "strace"])
    main()
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.usefixtures("bare")
def test_test_that_needs_what_is_missing_is_skipped_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.skip.Exception, match="strace is not on this machine"):
        needed("strace")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI needs it"):
        needed("strace")
