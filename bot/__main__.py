"""The command line: `shouhou …`."""

import asyncio
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from bot.options import AGENT, DATA, Commands, ask_server, settings_for
from bot.pack_commands import evidence
from bot.settings import Settings

STATES = ("under_review", "need_more", "approved", "refunded", "rejected", "withdrawn")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
    settings, _ = settings_for(context, data=data, web__port=port)
    import uvloop

    from bot.log import set_up
    from bot.server import StartError, serve

    set_up(settings.log.level)
    try:
        uvloop.run(serve(settings))
    except StartError as error:
        raise click.ClickException(str(error)) from None


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
    asyncio.run(talk(settings, name, language))
    sys.stdout.flush()
    os._exit(0)  # a thread may still wait for a line that nobody types; everything is stored and closed


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
    for one in listed:
        click.echo(f"{one.key} = {one.value}\n    from {one.source}; {one.meaning}")


@main.group(cls=Commands)
def case() -> None:
    """Cases: list, show, and decide on them."""


@case.command("list")
@click.option("--all", "every", is_flag=True, help="Closed ones too, the newest first.")
@DATA
@click.pass_context
def case_list(context: click.Context, every: bool, data: Path | None) -> None:
    """List the open cases, what is due first on top."""
    found = ask_server(context, data, "case.list", all=every)
    for one in found["cases"]:
        click.echo(
            f"{one['number']}  {one['status']:<12}  by {one['promised_on']}  {one['reason']}, {one['wish']}, "
            f"{files_in_words(one['files'])}, order {one['order'] or '(none)'}"
        )
    for one in found["waiting"]:
        click.echo(f"{one['address']}  waits for a person since {one['since'][:16]}Z")
    if not found["cases"] and not found["waiting"]:
        click.echo("No open cases.")


FILES = {"photo": "photo", "video": "video", "voice": "voice message", "file": "other file"}
NO_FILES = {"fetching": "on the way", "waived": "cannot be sent"}


def files_in_words(count: dict[str, int]) -> str:
    """By sort, `1 photo, 2 other files, 1 cannot be sent`."""
    found = [f"{count[sort]} {word}{'s' * (count[sort] > 1)}" for sort, word in FILES.items() if sort in count]
    found += [f"{count[state]} {words}" for state, words in NO_FILES.items() if state in count]
    return ", ".join(found) or "no files"


@case.command("show")
@click.argument("number", metavar="NUMBER_OR_ADDRESS")
@click.option("--json", "as_json", is_flag=True, help="For programs: amounts in fen, times in UTC.")
@AGENT
@DATA
@click.pass_context
def case_show(context: click.Context, number: str, as_json: bool, agent: str, data: Path | None) -> None:
    """Show one case: request, evidence, conversation, log; this is what a decision counts as seen.

    With an address, as `case list` shows it, the conversation that waits for a person.
    """
    shown = ask_server(context, data, "case.show", number=number, agent=agent, text=not as_json)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else shown["text"])


def act(
    context: click.Context, data: Path | None, agent: str, number: str, action: str, seen: int | None, **fields: Any
) -> None:
    done = ask_server(context, data, "case.act", number=number, agent=agent, action=action, seen=seen, fields=fields)
    for text in done["said"]:
        click.echo(f"told the customer: {text}")
    if done.get("reach"):
        click.echo(f"the customer {done['reach']}")


SEEN = click.option(
    "--seen", type=int, help="The evidence_count that you decided on (default: what you were shown last)."
)


def fen(_context: click.Context, _param: click.Parameter, value: str) -> int:
    yuan, _, cents = value.strip().lstrip("¥").partition(".")
    if not yuan.isdecimal() or not (cents + "00")[:2].isdecimal() or len(cents) > 2 or len(yuan) > 9:
        raise click.BadParameter("yuan with at most two decimals, like 59.00")
    return int(yuan) * 100 + int((cents + "00")[:2])


@case.command()
@click.argument("number")
@click.option("--amount", required=True, callback=fen, help="Yuan, like 59.00.")
@click.option("--anyway", is_flag=True, help="Also when it is more than the customer says they paid.")
@SEEN
@AGENT
@DATA
@click.pass_context
def approve(
    context: click.Context, number: str, amount: int, anyway: bool, seen: int | None, agent: str, data: Path | None
) -> None:
    """Approve a refund of this amount."""
    act(context, data, agent, number, "approve", seen, amount=amount, anyway=anyway)


@case.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why, for the customer.")
@click.option("--next", "next_step", required=True, help="What the customer can do now.")
@SEEN
@AGENT
@DATA
@click.pass_context
def reject(
    context: click.Context, number: str, reason: str, next_step: str, seen: int | None, agent: str, data: Path | None
) -> None:
    """Reject the request, with the reason and what the customer can do."""
    act(context, data, agent, number, "reject", seen, reason=reason, next=next_step)


@case.command()
@click.argument("number")
@click.argument("text")
@SEEN
@AGENT
@DATA
@click.pass_context
def ask(context: click.Context, number: str, text: str, seen: int | None, agent: str, data: Path | None) -> None:
    """Ask the customer for what is still needed; the clock pauses."""
    act(context, data, agent, number, "ask", seen, text=text)


@case.command()
@click.argument("number")
@SEEN
@AGENT
@DATA
@click.pass_context
def refunded(context: click.Context, number: str, seen: int | None, agent: str, data: Path | None) -> None:
    """Note that the money of an approved case was paid back."""
    act(context, data, agent, number, "refunded", seen)


@case.command()
@click.argument("number", metavar="NUMBER_OR_ADDRESS")
@click.argument("text")
@AGENT
@DATA
@click.pass_context
def reply(context: click.Context, number: str, text: str, agent: str, data: Path | None) -> None:
    """Write to the customer of a case, or in a conversation by its address: `webchat:…`, as `case list` shows it."""
    act(context, data, agent, number, "reply", None, text=text)


main.add_command(evidence)


@main.group(cls=Commands)
def telegram() -> None:
    """Telegram: is all well with the bot there?"""


@telegram.command("check")
@DATA
@click.pass_context
def telegram_check(context: click.Context, data: Path | None) -> None:
    """Say what is wrong with the token, the webhook, or because another program polls."""
    settings, _ = settings_for(context, data=data)
    from bot.adapters.telegram.check import check
    from bot.app import DataLock
    from bot.log import set_up

    set_up("error")
    lock = DataLock(settings.data)
    is_running = settings.data.exists() and not lock.take()
    lock.release()

    async def tell() -> bool:
        is_fine = True
        async for finding in check(settings.telegram, is_running=is_running):
            click.echo(("ok     " if finding.is_fine else "WRONG  ") + finding.sentence)
            is_fine = is_fine and finding.is_fine
        return is_fine

    if not asyncio.run(tell()):
        context.exit(1)


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


def tell(findings: list[Any]) -> None:
    for one in findings:
        click.echo(f"{'ok' if one.ok else 'no'}  {one.what}: {one.sentence}")
    if not all(one.ok for one in findings):
        raise click.exceptions.Exit(1)


def account(context: click.Context, data: Path | None, name: str, id_: str) -> Settings:
    settings, _ = settings_for(context, data=data)
    if not getattr(getattr(settings, name), id_):
        raise click.ClickException(f"there is no account: set {name}.{id_} and what goes with it")
    return settings


@main.group(cls=Commands)
def wechat() -> None:
    """The WeChat official account: check it, set its menu."""


@wechat.command("check")
@DATA
@click.pass_context
def wechat_check(context: click.Context, data: Path | None) -> None:
    """Check token, allowed addresses, callback and menu; a sentence for each."""
    settings = account(context, data, "wechat", "app_id")
    from bot.adapters.wechat.check import check
    from bot.log import set_up

    set_up("error")
    tell(asyncio.run(check(settings)))


@wechat.command("menu")
@DATA
@click.pass_context
def wechat_menu(context: click.Context, data: Path | None) -> None:
    """Set the account's menu to that of the settings."""
    settings = account(context, data, "wechat", "app_id")
    from bot.adapters.wechat.check import set_menu
    from bot.log import set_up

    set_up("error")
    tell([asyncio.run(set_menu(settings))])


@main.group(cls=Commands)
def wecom() -> None:
    """微信客服 of WeCom: check it."""


@wecom.command("check")
@DATA
@click.pass_context
def wecom_check(context: click.Context, data: Path | None) -> None:
    """Check token, accounts, service state and callback; a sentence for each."""
    settings = account(context, data, "wecom", "corp_id")
    from bot.adapters.wecom.check import check
    from bot.log import set_up

    async def run() -> list[Any]:
        return await check(settings, await last_chat(settings, "wecom"))

    set_up("error")
    tell(asyncio.run(run()))


async def last_chat(settings: Settings, platform: str) -> str:
    """Of this data folder; nothing when there is none."""
    from bot.app import DATABASE
    from bot.store import conversations
    from bot.store.database import Database

    if not (settings.data / DATABASE).exists():
        return ""
    database = Database(settings.data / DATABASE, checkpoints=False)
    try:
        async with database.reading() as connection:
            return (await conversations.latest(connection, platform) or "").removeprefix(f"{platform}:")
    finally:
        await database.close()


if __name__ == "__main__":
    main(prog_name="shouhou")
