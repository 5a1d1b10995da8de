"""`shouhou wechat check` and `shouhou wechat menu`."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.wechat.accounts import OFFICIAL, api_of
from bot.adapters.wechat.api import WeChatApi
from bot.settings import Settings
from bot.tencent.check import Finding, NotWellError, ask, callback, running

ECHO = "4375120948345356249"


async def check(settings: Settings, platforms: Mapping[str, Any] | None = None) -> list[Finding]:
    """Token, the platform's addresses, our address, the menu; and what the running server says of its `platforms`.

    What depends on the token is left out without one.
    """
    api = api_of(settings.wechat)
    try:
        found = [await ask("token", lambda: token(api))]
        if found[0].ok:
            found.append(await ask("addresses", lambda: addresses(api)))
            if settings.wechat.verified:
                found.append(await ask("menu", lambda: menu(api, settings)))
        found.append(
            await callback(url_of(settings), settings.wechat.token.get_secret_value(), ECHO, ECHO, encrypted=False)
        )
    finally:
        await api.close()
    return [*found, *(running(platforms, OFFICIAL) if platforms is not None else ())]


async def set_menu(settings: Settings) -> Finding:
    """The account's menu as the settings have it."""
    api = api_of(settings.wechat)
    buttons = [{"type": "click", "name": one.label, "key": one.button} for one in settings.wechat.menu]

    async def create() -> str:
        await api.set_menu(buttons)
        return f"set: {labels(settings)}. WeChat shows it to customers within 24 hours, at once to who follows anew"

    try:
        return await ask("menu", create)
    finally:
        await api.close()


async def token(api: WeChatApi) -> str:
    await api.token()
    return "the app id and the secret are right, and this machine may call"


async def addresses(api: WeChatApi) -> str:
    found: Sequence[str] = await api.callback_addresses()
    return f"WeChat calls from {len(found)} addresses: a firewall must let them through"


async def menu(api: WeChatApi, settings: Settings) -> str:
    found = await api.menu()
    entries = found.get("selfmenu_info", {}).get("button", [])
    keys = [entry.get("key") for entry in entries]
    if keys == [one.button for one in settings.wechat.menu]:
        return f"as in the settings: {labels(settings)}"
    what = f"not as in the settings ({labels(settings)})" if entries else "there is none"
    raise NotWellError(f"{what}: `shouhou wechat menu` sets it")


def labels(settings: Settings) -> str:
    return "、".join(one.label for one in settings.wechat.menu)


def url_of(settings: Settings) -> str:
    """The public address where the settings name it, else this machine's."""
    return settings.wechat.url or f"http://{settings.web.host}:{settings.web.port}/wechat"
