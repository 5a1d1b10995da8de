"""The command line for evidence packs: `shouhou evidence get`, `pack` and `verify`."""

import shutil
from pathlib import Path

import click

from bot.durable import move_durably
from bot.evidence_commands import evidence
from bot.options import AGENT, DATA, ask_server

__all__ = ["evidence"]


@evidence.command()
@click.argument("number")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to put them in (default: one with the case's number, here).",
)
@click.option("--original", is_flag=True, help="The originals, untouched: they may tell where a photo was taken.")
@AGENT
@DATA
@click.pass_context
def get(
    context: click.Context, number: str, folder: Path | None, original: bool, agent: str, data: Path | None
) -> None:
    """Copy a case's files out: pictures as small copies without metadata. It is in the case's log."""
    done = ask_server(context, data, "evidence.get", number=number, agent=agent, original=original)
    made, folder = Path(done["folder"]), folder or Path(done["number"])
    try:
        if not done["files"]:
            raise click.ClickException(f"{done['number']} has no files")
        folder.mkdir(parents=True, exist_ok=True)
        for one in done["files"]:
            if (folder / one["file"]).exists():
                raise click.ClickException(f"{folder / one['file']} is there already: name another folder with -o")
        for one in done["files"]:
            if one["is_there"]:
                move_durably(made / one["file"], folder / one["file"])
    finally:
        shutil.rmtree(made, ignore_errors=True)
    from bot.pack.html import visible

    for one in done["files"]:
        called = f'  called "{visible(one["called"])}"' if one["called"] else ""
        click.echo(f"{'' if one['fits'] else 'WRONG  '}{folder / one['file']}  {one['id']}{called}")
    if not all(one["fits"] for one in done["files"]):
        raise click.ClickException("what is marked is missing or not what was received: see `shouhou evidence check`")


@evidence.command()
@click.argument("number")
@click.option(
    "-o", "--output", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP to write."
)
@AGENT
@DATA
@click.pass_context
def pack(context: click.Context, number: str, file: Path, agent: str, data: Path | None) -> None:
    """Make the evidence pack of a case: originals, log, words and a page to read, which anybody can check.

    The originals in it are untouched: they may tell where a photo was taken. Think of that before you hand it on.
    It is in the case's log before it is made. Ends with 1 when something kept does not fit: the pack is written all the same.
    """
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    done = ask_server(context, data, "evidence.pack", number=number, agent=agent)
    made = Path(done["file"])
    try:
        move_durably(made, file)
    finally:
        shutil.rmtree(made.parent, ignore_errors=True)
    click.echo(f"{file}  {done['size']:,} bytes\nSHA-256 of the pack:     {done['sha256']}")
    click.echo(f"SHA-256 of manifest.json: {done['manifest']}")
    click.echo("The originals in it are untouched: they may tell where a photo was taken. " + places(done["places"]))
    if done["asked"]:
        click.echo(
            f"time stamp by {done['asked']}: manifest.tsr"
            if done["time_stamp"]
            else f"no time stamp: {done['asked']} gave none; the pack is whole without it"
        )
    if done["problem"]:
        raise click.ClickException(f"what is kept of this case does not fit: {done['problem']}")


def places(files: list[str]) -> str:
    return f"These do: {', '.join(files)}" if files else "In none of them we noticed a place."


@evidence.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.pass_context
def verify(context: click.Context, path: Path) -> None:
    """Check a pack, as ZIP or unpacked, as the verify.py in it does."""
    from bot.pack.verify import main

    context.exit(main([str(path)]))
