"""What the commands have in common: the settings, the data folder, the way to the running server."""

import getpass
from pathlib import Path
from typing import Any

import click

from bot.settings import DATABASE, Setting, Settings, SettingsError, load_settings


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # as written below, not by the alphabet


def settings_for(context: click.Context, **given: Any) -> tuple[Settings, list[Setting]]:
    values = {key.replace("__", "."): value for key, value in given.items() if value is not None}
    try:
        settings, listed = load_settings(context.obj, given=values)
    except SettingsError as error:
        raise click.ClickException(f"the settings need mending:\n{error}") from None
    context.meta[DATABASE] = settings.data / DATABASE  # for what is said when something fails
    return settings, listed


DATA = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Folder of the database and the evidence."
)


AGENT = click.option("--agent", default=getpass.getuser, help="Who decides (default: your user name).")


def settings_of_a_shop(context: click.Context, data: Path | None) -> Settings:
    """For what acts on data that is there; it makes no folder."""
    settings, _ = settings_for(context, data=data)
    if not (settings.data / DATABASE).exists():
        raise no_data(settings)
    return settings


def no_data(settings: Settings) -> click.ClickException:
    where = settings.data.absolute()
    return click.ClickException(
        f"there is no Shouhou data in {where}: name another folder with --data FOLDER or SHOUHOU_DATA"
    )


def ask_server(context: click.Context, data: Path | None, action: str, /, **fields: Any) -> Any:
    settings = settings_of_a_shop(context, data)
    from bot.control_client import ask
    from bot.log import set_up

    set_up("error")
    try:
        return ask(settings, action, fields)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from None
