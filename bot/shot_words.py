"""What a shot shows, in words: the same everywhere, whoever is told of it."""

from bot.model.checklist import Checklist
from bot.wording import Wording


def shot_words(wording: Wording, checklist: Checklist, language: str, shot: str) -> str:
    """Return the shop's own words for this shot, else ours; "" for a file that is no shot, and for a shot that is not known any more.

    Files keep the name of a shot that their shop has taken out of its checklist since.
    """
    own = checklist.shots[shot].label if shot in checklist.shots else {}
    if language in own:
        return own[language]
    try:
        return wording.text(language, f"reasons.shot-{shot}")
    except KeyError:
        return ""
