"""Settings that have no effect because another one is not set, or is set otherwise."""

from bot.settings.groups import Settings, plain

ONLY_VERIFIED = (
    "buttons",
    "message_quota",
    "message_hours",
    "touch_quota",
    "touch_seconds",
    "kept",
    "subscribe_template.id",
)
"""Settings of the official account about what it writes of itself."""
ONLY_WEBHOOK = ("public_url", "path", "secret")


def why_idle(settings: Settings, key: str) -> str:
    """Return why this setting has no effect, a sentence without an end; "" when it has one."""
    group, _, name = key.partition(".")
    match group:
        case "telegram" if name != "token" and not plain(settings.telegram.token):
            return "telegram.token is not set, so the shop is not on Telegram"
        case "telegram" if name in ONLY_WEBHOOK and settings.telegram.mode != "webhook":
            return 'telegram.mode is not "webhook"'
        case "wechat" | "miniprogram" if not getattr(settings, group).app_id:
            return f"{group}.app_id is not set"
        case "wecom" if not settings.wecom.corp_id:
            return "wecom.corp_id is not set"
        case "wechat" if name in ONLY_VERIFIED and not settings.wechat.verified:
            return "wechat.verified is false, and an account that is not verified can only answer"
        case "wechat" | "miniprogram" if name.startswith("subscribe_template.") and name != "subscribe_template.id":
            has_template = getattr(settings, group).subscribe_template.id
            return "" if has_template else f"{group}.subscribe_template.id is not set"
        case "evidence" if name == "region" and not settings.evidence.access_key:
            return "evidence.access_key is not set, so no S3 service is used"
    return ""
