"""The two kinds of accounts as the settings describe them."""

from collections.abc import Callable
from datetime import datetime

from bot.adapter import Window
from bot.adapters.wechat.adapter import Account, Settle, WeChatAdapter
from bot.adapters.wechat.api import HOST, WeChatApi
from bot.settings import Callback, MiniProgram, Settings, WeChat
from bot.store.database import Database
from bot.store.files import Files
from bot.store.tokens import KeptToken
from bot.tencent.codec import Codec
from bot.wording import Wording

HOUR = 3600.0
OFFICIAL = "wechat"
MINI = "miniprogram"
Clock = Callable[[], datetime]


def official_account(
    settings: Settings, database: Database, wording: Wording, files: Files, settle: Settle, clock: Clock
) -> WeChatAdapter:
    ours = settings.wechat
    touched = Window(ours.touch_quota, ours.touch_seconds)
    account = Account(
        name=OFFICIAL,
        path="/wechat",
        windows={
            "message": Window(ours.message_quota, ours.message_hours * HOUR),
            "menu": touched,
            "follow": touched,
            "scan": touched,
        },
        kept=ours.kept,
        may_write=ours.verified,
        template=ours.subscribe_template,
        notices="/cgi-bin/message/subscribe/bizsend",
        with_menu=ours.buttons == "menu",
    )
    key = ours.aes_key.get_secret_value() if ours.mode == "safe" else None
    codec = codec_of(ours, ours.app_id, key, clock)
    return WeChatAdapter(
        account,
        codec,
        kept_api(ours, account.name, database, clock),
        database,
        wording,
        settings.language,
        files,
        settle,
        clock,
    )


def mini_program(
    settings: Settings, database: Database, wording: Wording, files: Files, settle: Settle, clock: Clock
) -> WeChatAdapter:
    ours = settings.miniprogram
    account = Account(
        name=MINI,
        path="/miniprogram",
        windows={
            "message": Window(ours.message_quota, ours.message_hours * HOUR),
            "enter": Window(ours.enter_quota, ours.enter_seconds),
        },
        kept=ours.kept,
        answers=False,
        template=ours.subscribe_template,
        notices="/cgi-bin/message/subscribe/send",
        with_menu=False,
    )
    codec = codec_of(ours, ours.app_id, ours.aes_key.get_secret_value(), clock, json=True)
    return WeChatAdapter(
        account,
        codec,
        kept_api(ours, account.name, database, clock),
        database,
        wording,
        settings.language,
        files,
        settle,
        clock,
    )


def codec_of(ours: Callback, id_: str, key: str | None, clock: Clock, *, json: bool = False) -> Codec:
    """`key` is None where callbacks are not encrypted on purpose."""
    if key == "":
        raise ValueError("without an AES key anybody could write for customers")
    return Codec(id_, ours.token.get_secret_value(), key or "", lambda: clock().timestamp(), json=json)


def kept_api(ours: WeChat | MiniProgram, platform: str, database: Database, clock: Clock) -> WeChatApi:
    """With the token that all processes of the account share."""
    secret = ours.secret.get_secret_value()
    kept = KeptToken(database, platform, ours.app_id, secret)
    return WeChatApi(ours.app_id, secret, ours.api or HOST, kept, lambda: clock().timestamp())


def api_of(ours: WeChat | MiniProgram) -> WeChatApi:
    return WeChatApi(ours.app_id, ours.secret.get_secret_value(), ours.api or HOST)
