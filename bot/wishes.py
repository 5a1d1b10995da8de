"""What a customer tells beside the wish for a refund, an exchange or a new one."""

import re

from bot.language import ONE_SCRIPT

LETTER = re.compile(r"[^\W\d_]")
APOSTROPHE = re.compile("['’`]")
WISH_WORDS = re.compile(
    r"退(?:货退款|货|款|费|钱|掉|订|换|回|(?=了|吧|吗|不|我|一下|下|$))+|仅退款|换货|换[一个]+|补发|重新发|售后|把?钱[退还][给我]*|不想?要了?"
    r"|\b(?:refund(?:ed|s)?|return(?:s|ing|ed)?|money back|exchanged?|replace(?:d|ment)?|swap"
    r"|send (?:me |us )?(?:a |another )?(?:new )?one|send(?:ing)? it back)\b"
)
"""In the spelling of `one_spelling`, as the fillers."""
FILLERS = re.compile(
    r"可不可以|能不能|行不行|好不好|不好意思|东西|处理|谢谢|麻烦|申请|办理|直接"
    r"|[我你您想要请帮给把这那个单件都全了吧吗呢啊呀呗哦嘛哈下一能可以行好的亲快就]"
    r"|\b(?:i|id|ill|im|want|wanna|to|a|an|my|me|the|please|pls|plz|need|would|like|can|could|may|you|u|get|have|give|back|for"
    r"|this|it|that|order|item|sir|just|full|new|one|send|now|asap|possible|is|of|with|money|us|product|purchase|request|start"
    r"|make|do)\b"
)
"""Words that tell nothing by themselves."""


def is_wish(text: str) -> bool:
    """There are words of wishing in it, whatever else."""
    return WISH_WORDS.search(one_spelling(text)) is not None


def story_of(clause: str) -> str:
    """The clause without its wish; "" when nothing is left that tells anything."""
    plain = one_spelling(clause)
    story = WISH_WORDS.sub(" ", plain)
    if not LETTER.search(FILLERS.sub(" ", story)):
        return ""
    return clause if story == plain else story


def one_spelling(text: str) -> str:
    """Small letters, one Chinese script, no apostrophes."""
    return APOSTROPHE.sub("", text.lower().translate(ONE_SCRIPT))
