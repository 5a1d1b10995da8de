"""What is kept beside its sources is used for just those sources, and nothing goes wrong without it."""

from pathlib import Path

from bot.kept import kept


def test_is_worked_out_again_when_a_source_has_changed_or_the_file_is_broken(tmp_path: Path) -> None:
    source = tmp_path / "phrases"
    times = []

    def look() -> int:
        def work_out() -> int:
            times.append(1)
            return len(times)

        return kept("phrases", tmp_path, [source], work_out)

    source.write_text("one")
    assert (look(), look()) == (1, 1)
    source.write_text("two")
    assert (look(), look()) == (2, 2)
    file = next((tmp_path / "__pycache__").iterdir())
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert (look(), look()) == (3, 3)
    file.unlink()
    file.mkdir()
    assert (look(), look()) == (4, 5)
