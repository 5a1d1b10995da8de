"""What customers wrote, told from what Tencent's platforms say in its place: of a kind that they do not bring, a sentence."""

import re

from bot.model.events import LONGEST_TEXT, Text, Unusable, cleaned

LONGEST_LINE = 100
BURST = "burst"
"""The album of every file: WeChat does not say which were sent together, so those that follow each other closely get one receipt."""
TOLD = re.compile(
    r"""[【\[\s]*(?:
    (?:您?收到|暂|暫|当前|當前|目前|该|該|此)?(?:一条)?不(?:支持|支援)的?(?:此|该|該)?(?:消息|訊息)(?:类型|類型)?(?:[，,].{0,20})?
    |(?:暂|暫)不(?:支持|支援)(?:此|该|該)?(?:消息|訊息|内容|內容)(?:类型|類型)?(?:[，,].{0,20})?
    |(?:当前|當前|目前)(?:微信|客户端|客戶端)?版本(?:暂|暫)?不(?:支持|支援)(?:展示|显示|顯示|查看)?(?:该|該|此)(?:内容|內容|消息|訊息)(?:类型|類型)?(?:[，,].{0,20})?
    |(?:this\ )?unsupported\ (?:message|msg)(?:\ type)?
    |this\ (?:message|msg)(?:\ type)?\ (?:is\ not\ supported|cannot\ be\ displayed).{0,60}
    |(?:the\ )?(?:message|msg)\ type\ is\ not\ supported.{0,60}
    )[。.!\s】\]]*""",
    re.VERBOSE | re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Return whether a text is one of those sentences, and nothing besides."""
    return TOLD.fullmatch(text) is not None


def words(raw: str) -> Text | Unusable | None:
    """Return what the customer wrote; Unusable for a placeholder, None for nothing."""
    plain = cleaned(raw).strip()[:LONGEST_TEXT]
    if is_placeholder(plain):
        return Unusable("other")
    return Text(plain) if plain else None


def titled(title: str, address: str = "") -> Text | Unusable:
    """Return what a link or a page says of itself; Unusable where that is nothing, or that it cannot be shown."""
    if is_placeholder(title.strip()):
        return Unusable("other")
    return words("\n".join(part for part in (title, address) if part)) or Unusable("other")


def line(*parts: str) -> str:
    """Return names as one short line; nothing for a placeholder."""
    joined = " ".join(cleaned(" ".join(parts)).split())[:LONGEST_LINE]
    return "" if is_placeholder(joined) else joined
