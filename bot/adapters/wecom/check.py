"""`shouhou wecom check`."""

import time
from collections.abc import Mapping
from typing import Any

from bot.adapters.wecom.adapter import BOT, ENDED, NEW, PATH, PERSON, QUEUE
from bot.adapters.wecom.api import HOST, WeComApi
from bot.adapters.wecom.parse import PLATFORM
from bot.settings import Settings
from bot.tencent.check import Finding, ask, callback, running
from bot.tencent.codec import Codec

ECHO = "4375120948345356249"
STATES = {
    NEW: "new: the bot may write",
    BOT: "with the bot",
    QUEUE: "waiting for people: the bot is silent there",
    PERSON: "with people of the shop: the bot is silent there",
    ENDED: "ended: the customer must write first",
}


async def check(settings: Settings, last_chat: str = "", platforms: Mapping[str, Any] | None = None) -> list[Finding]:
    """Token, accounts, our address, the state of the conversation that was last written to, if there is one; and what the running
    server says of its `platforms`."""
    ours = settings.wecom
    api = WeComApi(ours.corp_id, ours.secret.get_secret_value(), ours.api or HOST)
    try:
        found = [await ask("token", lambda: token(api))]
        if found[0].ok:
            found += await accounts(api)
            if last_chat:
                found.append(await ask("service state", lambda: state(api, last_chat)))
    finally:
        await api.close()
    found.append(await address(settings))
    return [*found, *(running(platforms, PLATFORM) if platforms is not None else ())]


async def token(api: WeComApi) -> str:
    await api.token()
    return "the company's id and the secret are right, and this machine may call"


async def accounts(api: WeComApi) -> list[Finding]:
    names: list[str] = []
    unmanaged: list[str] = []

    async def listed() -> str:
        for one in await api.accounts():
            (names if one.get("manage_privilege", True) else unmanaged).append(str(one.get("name", one["open_kfid"])))
        return f"the bot answers for {len(names)}: {'、'.join(names)}"

    found = [await ask("accounts", listed)]
    if found[0].ok and not names:
        found = [Finding("accounts", False, "there is none that the API may manage: allow it in 微信客服 → API")]
    if unmanaged:
        found.append(
            Finding("accounts", False, f"not allowed to the API: {'、'.join(unmanaged)}. Allow it in 微信客服 → API")
        )
    return found


async def state(api: WeComApi, last_chat: str) -> str:
    account, _, customer = last_chat.partition("/")
    found = await api.service_state(account, customer)
    return f"the latest conversation is {STATES.get(found, f'in state {found}')}"


async def address(settings: Settings) -> Finding:
    ours = settings.wecom
    key, secret = ours.aes_key.get_secret_value(), ours.token.get_secret_value()
    url = ours.url or f"http://{settings.web.host}:{settings.web.port}{PATH}"
    sealed = Codec(ours.corp_id, secret, key, time.time).sealed_echo(ECHO)
    return await callback(url, secret, sealed, ECHO, encrypted=True)
