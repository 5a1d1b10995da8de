"""What is wrong with the token, the webhook, or because of another program, in a sentence for each."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError

from bot.adapters.telegram.api import Api
from bot.settings import Telegram

LISTEN_SECONDS = 6
"""Another program that polls asks again within this time, which ends our question."""


@dataclass(frozen=True, slots=True)
class Finding:
    is_fine: bool
    sentence: str


async def check(settings: Telegram, *, is_running: bool, down: Sequence[str] = ()) -> AsyncIterator[Finding]:
    """`is_running`: our own server polls just now, so that we do not take its place. `down`: its parts that do not run."""
    for part in down:
        yield Finding(
            False,
            f"The server runs, but its part '{part}' does not: it fails and is started again, and `part_ended` in the log says where.",
        )
    if not settings.token.get_secret_value():
        yield Finding(False, "telegram.token is empty: get one from @BotFather with /newbot.")
        return
    api = Api(settings)
    try:
        async for finding in found(api, settings, is_running):
            yield finding
    except InvalidToken:
        yield Finding(False, "Telegram does not know telegram.token: ask @BotFather for it with /token.")
    except NetworkError as error:
        host = settings.base_url.partition("//")[2]
        why = f"{host} is not reached from here ({error.message or type(error).__name__})"
        yield Finding(False, f"{why}: is a firewall in between, or a proxy missing (HTTPS_PROXY, ALL_PROXY)?")
    except (TelegramError, KeyError, TypeError) as error:
        yield Finding(False, f"What answers at {settings.base_url} is not the Bot API ({type(error).__name__}).")
    finally:
        await api.close()


async def found(api: Api, settings: Telegram, is_running: bool) -> AsyncIterator[Finding]:
    me = await api.me()
    yield Finding(True, f"The token is that of @{me.username}.")
    webhook = await api.webhook()
    url, ours = webhook.url, f"{settings.public_url}{settings.path}"
    if settings.mode == "polling":
        if url:
            host = url.partition("//")[2].partition("/")[0]
            yield Finding(
                False,
                f"A webhook at {host} takes this bot's updates: Shouhou removes it when it starts. "
                "If another program of yours has set it, give one of them a token of its own.",
            )
        else:
            yield await who_polls(api, is_running)
    elif url != ours:
        yield Finding(
            False,
            f"The webhook is {'not set' if not url else 'set to another address'}: starting Shouhou sets it to {ours}.",
        )
    else:
        yield Finding(True, f"The webhook is set to {ours}.")
    if url and webhook.last_error_message:
        at = webhook.last_error_date or datetime.fromtimestamp(0, UTC)
        yield Finding(
            False, f"Telegram could not call the webhook at {at:%Y-%m-%d %H:%M} UTC: {webhook.last_error_message}."
        )
    if settings.staff_group:
        yield await staff_group(api, int(settings.staff_group), me.id)
    if webhook.pending_update_count:
        yield Finding(True, f"{webhook.pending_update_count} updates wait at Telegram, which keeps them for 24 hours.")


async def staff_group(api: Api, group: int, me: int) -> Finding:
    try:
        chat, member = await api.chat(group), await api.member(group, me)
    except ChatMigrated as error:
        return Finding(
            False, f"The staff group goes on under another id: set telegram.staff_group to {error.new_chat_id}."
        )
    except (BadRequest, Forbidden):
        return Finding(False, f"The bot is not in the staff group {group}: add it as an admin who may manage topics.")
    if not chat.is_forum:
        return Finding(False, f"The staff group {group} has no topics: turn them on in its settings.")
    if member.status != ChatMemberStatus.OWNER and not getattr(member, "can_manage_topics", False):
        return Finding(False, "The bot may not make topics in the staff group: make it an admin who may manage topics.")
    return Finding(True, "The staff group has topics, and the bot may make them.")


async def who_polls(api: Api, is_running: bool) -> Finding:
    """Without an offset: nothing is confirmed by asking."""
    if is_running:
        return Finding(True, "The server is running and polls; of a second poller its log says telegram_second_poller.")
    try:
        await api.updates(None, LISTEN_SECONDS)
    except Conflict:
        return Finding(
            False, "Another program asks for this bot's updates: stop it, or give this one a token of its own."
        )
    return Finding(True, "Nobody else asks for this bot's updates.")
