"""The command line for cases: `shouhou case …`."""

import json
from pathlib import Path
from typing import Any

import click

from bot.options import AGENT, DATA, Commands, ask_server


@click.group(cls=Commands)
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
