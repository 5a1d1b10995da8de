"""The command line for evidence: `shouhou evidence …`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot import event_loop
from bot.options import DATA, Commands, no_data, settings_for, settings_of_a_shop
from bot.settings import DATABASE, Settings, is_bucket

A_FOLDER = "folder"


@click.group(cls=Commands)
def evidence() -> None:
    """Photos and what else customers sent: is all of it there and unchanged; where is it kept."""


@evidence.command()
@DATA
@click.pass_context
def check(context: click.Context, data: Path | None) -> None:
    """Check every object against its hash, every log and every conversation against its chain.

    The server may go on running. Ends with 1 if anything is wrong.
    """
    settings = settings_of_a_shop(context, data)
    from bot.log import set_up
    from bot.store.objects import ObjectsUnavailableError

    set_up("error")
    try:
        wrong = event_loop.run(tell_what_is_wrong(settings))
    except ObjectsUnavailableError as error:
        raise click.ClickException(f"not everything could be read ({error}): nothing is said about the rest") from None
    context.exit(1 if wrong else 0)


async def tell_what_is_wrong(settings: Settings) -> int:
    """How many things."""
    from bot.evidence_check import EvidenceCheck
    from bot.store.database import Database
    from bot.store.objects import open_objects

    database = Database(settings.data / DATABASE, checkpoints=False)
    try:
        if not await database.is_current():
            raise click.ClickException("the database is of another version: start this one's server once, then check")
        checking = EvidenceCheck(database, open_objects(settings.evidence, settings.data), datetime.now(UTC))
        wrong = 0
        async for problem in checking.problems():
            click.echo(f"WRONG  {problem}")
            wrong += 1
    finally:
        await database.close()
    counts = checking.counts
    click.echo(
        f"{counts['objects']} objects ({counts['bytes'] / 1e6:.1f} MB) for {counts['evidence']} pieces of evidence"
    )
    if counts["being received"]:
        click.echo(f"{counts['being received']} of them are just being received: younger than an hour, not named yet")
    click.echo(f"{counts['entries']} log entries of {counts['cases']} cases")
    click.echo(f"{counts['messages']} messages of {counts['conversations']} conversations")
    if counts["messages without a head"]:
        click.echo(
            f"{counts['messages without a head']} messages are from before conversations were chained: not checked"
        )
    click.echo(f"{wrong} things are wrong" if wrong else "everything is there and as it was stored")
    return wrong


def bucket_or_folder(_context: click.Context, _param: click.Parameter, value: str) -> str:
    if value != A_FOLDER and not is_bucket(value):
        raise click.BadParameter(f"s3://bucket, s3://bucket/prefix, or {A_FOLDER}")
    return value.rstrip("/")


@evidence.command()
@click.option("--to", required=True, callback=bucket_or_folder, help="s3://bucket/prefix; or folder, for the way back.")
@DATA
@click.pass_context
def move(context: click.Context, to: str, data: Path | None) -> None:
    """Copy all objects to an S3 bucket while the server runs.

    Nothing is deleted. What is there already is left alone, so it can be interrupted and repeated. Address and keys are those of
    the settings.
    """
    settings, _ = settings_for(context, data=data)
    from bot.log import set_up
    from bot.store.objects import ObjectsUnavailableError

    set_up("error")
    if to != A_FOLDER and not settings.evidence.access_key:
        raise click.ClickException("set evidence.access_key and evidence.secret_key first, and evidence.endpoint")
    if not settings.data.is_dir():  # there may be objects and no database yet
        raise no_data(settings)
    try:
        wrong = event_loop.run(copy_all(settings, to))
    except ObjectsUnavailableError as error:
        raise click.ClickException(f"a store cannot be reached ({error}); run it again to go on") from None
    click.echo(f"{wrong} objects were not copied" if wrong else what_next(settings, to))
    context.exit(1 if wrong else 0)


async def copy_all(settings: Settings, to: str) -> int:
    """How many could not be copied."""
    from bot.app import UPLOADS
    from bot.evidence_move import EvidenceMove
    from bot.store.objects import FOLDER, objects_at, objects_in, open_objects

    source = open_objects(settings.evidence, settings.data)
    if to == A_FOLDER:
        target = objects_in(settings.data / FOLDER)
        source.before = None
    else:
        target = objects_at(to, settings.evidence)
        if settings.evidence.store.rstrip("/") == to:  # the switch was made: what came before it is in the folder
            source = objects_in(settings.data / FOLDER)
    on_their_way = settings.data / UPLOADS
    on_their_way.mkdir(parents=True, exist_ok=True)
    moving = EvidenceMove(source, target, on_their_way)
    wrong = 0
    async for problem in moving.problems():
        click.echo(f"WRONG  {problem}")
        wrong += 1
    counts = moving.counts
    click.echo(
        f"{counts['copied']} objects copied ({counts['bytes'] / 1e6:.1f} MB), {counts['there']} were there already"
    )
    return wrong


def what_next(settings: Settings, to: str) -> str:
    if settings.evidence.store.rstrip("/") == ("" if to == A_FOLDER else to):
        return "Everything is there, and the settings say so."
    if to == A_FOLDER:
        return "Now stop the server, run this once more, take evidence.store out of the settings, and start."
    return f'Now set evidence.store = "{to}", restart the server, and run this once more for what came meanwhile.'
