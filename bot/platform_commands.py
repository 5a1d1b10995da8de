"""The command line for platforms: `shouhou telegram check`, `wechat check`, `wechat menu`, `wecom check`."""

from pathlib import Path
from typing import Any

import click

from bot import event_loop
from bot.options import DATA, Commands, settings_for
from bot.settings import DATABASE, Settings


@click.group(cls=Commands)
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
    from bot.server import checks_of_server

    set_up("error")
    lock = DataLock(settings.data)
    is_running = settings.data.exists() and not lock.take()
    lock.release()

    async def run() -> bool:
        checks = await checks_of_server(settings) if is_running else None
        down = checks["tasks"].get("down", []) if checks else []
        found = check(settings.telegram, is_running=is_running, down=down)
        return all([tell(finding.is_fine, finding.sentence) async for finding in found])

    if not event_loop.run(run()):
        context.exit(1)


def tell(is_fine: bool, sentence: str) -> bool:
    click.echo(("ok     " if is_fine else "WRONG  ") + sentence)
    return is_fine


def tell_all(findings: list[Any]) -> None:
    are_fine = [tell(one.ok, f"{one.what}: {one.sentence}") for one in findings]
    if not all(are_fine):
        raise click.exceptions.Exit(1)


def account(context: click.Context, data: Path | None, name: str, id_: str) -> Settings:
    settings, _ = settings_for(context, data=data)
    if not getattr(getattr(settings, name), id_):
        raise click.ClickException(f"there is no account: set {name}.{id_} and what goes with it")
    return settings


@click.group(cls=Commands)
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

    async def checked() -> list[Any]:
        return await check(settings, await served_platforms(settings))

    set_up("error")
    tell_all(event_loop.run(checked()))


@wechat.command("menu")
@DATA
@click.pass_context
def wechat_menu(context: click.Context, data: Path | None) -> None:
    """Set the account's menu to that of the settings."""
    settings = account(context, data, "wechat", "app_id")
    from bot.adapters.wechat.check import set_menu
    from bot.log import set_up

    set_up("error")
    tell_all([event_loop.run(set_menu(settings))])


@click.group(cls=Commands)
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
        return await check(settings, await last_chat(settings, "wecom"), await served_platforms(settings))

    set_up("error")
    tell_all(event_loop.run(run()))


async def served_platforms(settings: Settings) -> Any:
    """Return what the running server says of its platforms; None where none runs."""
    from bot.server import checks_of_server

    checks = await checks_of_server(settings)
    return checks.get("platforms") if checks else None


async def last_chat(settings: Settings, platform: str) -> str:
    """Of this data folder; nothing when there is none."""
    from bot.store import conversations
    from bot.store.database import Database

    if not (settings.data / DATABASE).exists():
        return ""
    database = Database(settings.data / DATABASE, checkpoints=False)
    try:
        if not await database.is_current():
            return ""
        async with database.reading() as connection:
            return (await conversations.latest(connection, platform) or "").removeprefix(f"{platform}:")
    finally:
        await database.close()
