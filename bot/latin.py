"""What a text in Latin letters shows: that somebody writes English, that somebody writes pinyin, or nothing.

A chat must not change its language for a link, a code, a brand or a single word. English shows in the small words that carry a
sentence, together with words of our subject; a name has none of them.
"""

import re
from functools import lru_cache

MOST_CHARS = 400
"""What language a longer text is in shows at its beginning."""
SPACE_OR_HAN = re.compile(r"[\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
NO_WORD = re.compile(r"[\d@#_]|://|[A-Za-z]\.[A-Za-z]")
"""In what stands between spaces: a number, a code (Mate60), a mail address, a link (v.kuaishou.com/f/x), a file (box.jpg)."""
LATIN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
SHORT_FORM = re.compile(r"(n)?['’](?:t|s|m|re|ve|ll|d)$")


def listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


SENTENCE_WORDS = listed(
    "i me my mine we us our you your he she they them their it its this these those is am are was were be been isnt arent wasnt"
    " do does did dont doesnt didnt have has had havent hasnt hadnt can cant cannot could couldnt will wont would wouldnt should"
    " shouldnt may might must not never nothing someone somebody anyone anybody everything how what when where which who why whose"
    " want wants wanted need needs needed please pls plz im ive id ill youre theyre thats whats wheres because but if"
    " got get gets getting give gave given tell told know think thought came come said says sent send"
)
"""They carry an English sentence, and hardly ever a name."""
SMALL_WORDS = listed(
    "the a an of and or in on at to for from with without by as so too very still yet already again after before since until there"
    " here now then than just only also no all any some more back about out up off"
)
"""English too, and frequent in names: Lord of the Rings."""
SUBJECT_WORDS = listed(
    "refund refunds refunded return returns returned returning exchange replace replaced replacement repair order orders ordered"
    " item items product package parcel packaging box delivery deliver delivered arrive arrived arrives shipping shipped shipment"
    " tracking courier broken broke damaged damage cracked torn scratched defective faulty fake counterfeit wrong missing late"
    " delayed empty leaking works working work stopped used opened quality size small big large bought buy paid pay charged charge"
    " money amount price twice seller shop store support service help human person agent staff status progress update request"
    " claim case application applied apply complaint cancel cancelled withdraw change changed photo photos picture evidence"
    " number address time days day week weeks month yesterday today waiting wait long problem question issue thing something"
    " received receive signed"
)
"""What people write to a shop about."""
COURTESY = re.compile(
    r"\b(?:thank you(?: (?:so|very) much)?|thanks(?: a lot)?|thx|hi|hello|hey|helo|ok|okay|okey|bye|yes|no|yep|nope|good|great"
    r"|nice|cool|wow|sorry|morning|afternoon|evening|night|how are you)\b",
    re.I,
)
"""Said in any language's chats."""
LONG_GREETING = re.compile(r"\b(?:hello|thank|thanks|good (?:morning|afternoon|evening|day))\b", re.I)
NAME = re.compile(r"[A-Z][A-Za-z'’]*")
LONGEST_NAME = 4
"""Words: longer texts in which each word begins with a capital are still sentences."""
UNKNOWN_WORDS = 4
"""So many words that are neither names nor pinyin are a text in some language of Latin letters."""

INITIALS = "zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]"
FINALS = "iang|iong|uang|ueng|iao|ian|ing|uai|uan|ang|eng|ong|van|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve|a|o|e|i|u|v"
PINYIN = re.compile(rf"(?:(?:{INITIALS})(?:{FINALS})|a|o|e|ai|ei|ao|ou|an|en|ang|er)+")


def words_in(text: str) -> list[str]:
    """Return the words of Latin letters as they stand, without links, codes, numbers and addresses."""
    parts = (part for part in SPACE_OR_HAN.split(text[:MOST_CHARS]) if not NO_WORD.search(part))
    words = [word for part in parts for word in LATIN.findall(part)]
    return [word for word in words if len(word) > 1 or word in ("I", "i", "a")]


def is_english(text: str) -> bool:
    """Whether the text is clearly English: a sentence or a part of one, and no name, no courtesy, no single word."""
    words = words_in(COURTESY.sub(" ", text[:MOST_CHARS]))
    plain = [plain_word(word) for word in words]
    carrying = set(plain) & SENTENCE_WORDS
    known = set(plain) & ENGLISH
    share = sum(word in ENGLISH for word in plain) / len(plain) if plain else 0.0
    if is_name(words) or (is_pinyin(plain) and share < 1):
        return False
    has_short_form = any(SHORT_FORM.search(word) for word in words)
    if carrying and (len(known) > 1 or has_short_form) and len(words) > 1:
        return share >= 0.5
    return len(known) > 2 and share >= 0.75 and bool(known & SUBJECT_WORDS)


def seems_english(text: str) -> bool:
    """Whether a chat that begins with this text is better begun in English: a known word is enough, or many unknown ones."""
    if LONG_GREETING.search(text[:MOST_CHARS]):
        return True
    words = words_in(COURTESY.sub(" ", text[:MOST_CHARS]))
    plain = [plain_word(word) for word in words]
    if is_name(words) or is_pinyin(plain):
        return is_english(text)
    return bool(set(plain) & (SENTENCE_WORDS | SUBJECT_WORDS)) or (
        len([word for word in words if word.islower()]) >= UNKNOWN_WORDS
    )


def seems_pinyin(text: str) -> bool:
    plain = [plain_word(word) for word in words_in(text)]
    return is_pinyin(plain) and not set(plain) <= ENGLISH


def plain_word(word: str) -> str:
    return word.lower().replace("'", "").replace("’", "")


def is_name(words: list[str]) -> bool:
    """Nike Air Max, The North Face; but not WHERE IS MY REFUND."""
    is_shouted = all(word.isupper() for word in words)
    return len(words) <= LONGEST_NAME and not is_shouted and all(NAME.fullmatch(word) for word in words)


def is_pinyin(plain: list[str]) -> bool:
    return bool(plain) and all(is_pinyin_word(word) for word in plain)


@lru_cache(maxsize=4096)
def is_pinyin_word(word: str) -> bool:
    return PINYIN.fullmatch(word) is not None


ENGLISH = SENTENCE_WORDS | SMALL_WORDS | SUBJECT_WORDS
