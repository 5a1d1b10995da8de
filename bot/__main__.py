"""The command line: `shouhou …`."""

import gc
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from bot import event_loop
from bot.case_commands import case
from bot.failures import sentence_of
from bot.options import DATA, Commands, ask_server, settings_for
from bot.pack_commands import evidence
from bot.platform_commands import telegram, wechat, wecom
from bot.settings import DATABASE


class Program(Commands):
    def main(self, *words: Any, **how: Any) -> Any:
        """The process ends with its command. Threads that still wait, for a line in the terminal or in an S3 client, would keep an
        interpreter from ending, or abort it.
        """
        try:
            return super().main(*words, **how)
        except SystemExit as ended:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))

    def invoke(self, context: click.Context) -> Any:
        """A disk, folder or database that cannot be used ends any command with a sentence."""
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if sentence := sentence_of(error, context.meta.get(DATABASE, Path(DATABASE))):
                raise click.ClickException(sentence) from None
            raise


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--settings", "file", type=click.Path(path_type=Path), help="TOML file (default: ./shouhou.toml if there is one)."
)
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """Shouhou: an after-sales support bot."""
    os.umask(0o077)  # what we write about customers is for our own user only
    context.obj = file


@main.command()
@DATA
@click.option("--port", type=int, help="Port of the web page.")
@click.pass_context
def start(context: click.Context, data: Path | None, port: int | None) -> None:
    """Start the bot and its web page."""
    gc.disable()  # until all is loaded (serve turns it on again): nothing of that is garbage
    settings, listed = settings_for(context, data=data, web__port=port)
    import structlog

    from bot.log import set_up
    from bot.server import serve

    set_up(settings.log.level)
    for setting in listed:
        if setting.idle:
            structlog.get_logger().warning(
                "setting_without_effect", key=setting.key, source=setting.source, why=setting.idle
            )
    event_loop.run(serve(settings))


def plain_name(_context: click.Context, _param: click.Parameter, value: str) -> str:
    if not value.replace("-", "").replace("_", "").isalnum():
        raise click.BadParameter("letters, digits, - and _ only")
    return value


@main.command()
@click.option("--as", "name", default="me", show_default=True, callback=plain_name, help="Whose conversation it is.")
@click.option("--language", type=click.Choice(["zh-CN", "zh-TW", "en"]), help="Language to begin in.")
@DATA
@click.pass_context
def chat(context: click.Context, name: str, language: str | None, data: Path | None) -> None:
    """Talk to the bot here, or let it read lines from a pipe."""
    settings, _ = settings_for(context, data=data)
    from bot.chat import talk
    from bot.log import set_up

    set_up("error")
    event_loop.run(talk(settings, name, language))


def run_script(name: str, words: str) -> None:
    """The same as `./run NAME`: tests and benchmarks are in the source folder, not in the installed package."""

    @main.command(name, help=words, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> None:
        script = Path(__file__).parent.parent / "run"
        if not script.exists():
            raise click.ClickException(f"'{name}' is for a clone of the source: there it is ./run {name}")
        os.execv(script, [str(script), name, *arguments])  # noqa: S606 - our own script


run_script("test", "Run all tests (in a clone; --long adds the slow ones).")
run_script("check", "Check format, lint, types, import contracts and tests (in a clone).")
run_script("bench", "Run the benchmarks, or those named (in a clone).")


@main.command()
@DATA
@click.pass_context
def settings(context: click.Context, data: Path | None) -> None:
    """Print every setting: its value, where it came from, what it means."""
    _, listed = settings_for(context, data=data)
    for setting in listed:
        idle = f"\n    HAS NO EFFECT: {setting.idle}" if setting.idle else ""
        click.echo(f"{setting.key} = {setting.value}\n    from {setting.source}; {setting.meaning}{idle}")


@main.group(cls=Commands)
def setaside() -> None:
    """Events whose handling failed: look at them, try again, drop them."""


@setaside.command("list")
@DATA
@click.pass_context
def setaside_list(context: click.Context, data: Path | None) -> None:
    """List what waits, with where it failed."""
    found = ask_server(context, data, "setaside.list")
    for one in found:
        click.echo(f"{one['id']}  {one['at'][:16]}Z  {one['error']}")
    if not found:
        click.echo("Nothing is set aside.")


def setaside_command(name: str, words: str) -> None:
    @setaside.command(name, help=words)
    @click.argument("id_", metavar="ID")
    @DATA
    @click.pass_context
    def run(context: click.Context, id_: str, data: Path | None) -> None:
        done = ask_server(context, data, f"setaside.{name}", id=id_)
        click.echo(json.dumps(done, ensure_ascii=False, indent=2))


setaside_command("show", "Show one, with the whole event.")
setaside_command("retry", "Handle it again.")
setaside_command("drop", "Forget it.")


for group in (case, evidence, telegram, wechat, wecom):
    main.add_command(group)


if __name__ == "__main__":
    main(prog_name="shouhou")
