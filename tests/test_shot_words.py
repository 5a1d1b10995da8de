"""Whatever shot a file has, everybody who is told of it reads what it shows, in each language and with any checklist."""

from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from bot.adapters.telegram import posts
from bot.app import words
from bot.case_text import CaseText
from bot.model.case import Case, CaseStatus
from bot.model.checklist import CHECKLIST, LANGUAGES, Checklist, Shot
from bot.model.conversation import Conversation
from bot.model.events import Address, Event, Text
from bot.model.evidence import Evidence, EvidenceState
from bot.pack.gather import Custody, Gathered
from bot.pack.manifest import Stamp
from bot.pack.summary import Summary
from bot.pack.words import CaseWords
from bot.settings import Settings
from bot.shot_words import shot_words
from bot.store.log import Entry
from bot.turn import Shared, State, Turn
from handlers.photo_answers import show_list
from handlers.shots import EXTRA, next_request, why_of, words_for

NOW = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)
WORDING, KNOWLEDGE = words()
NO_SHOT = ("", EXTRA, "taken_out_of_the_checklist_since")
CASE = Case(
    "KS-1", "anna", "phone:anna", "i1", "2100000000001", "damaged", "", "refund", CaseStatus.UNDER_REVIEW, NOW, 1, 1, 1,
    date(2026, 12, 2), False,
)  # fmt: skip


def own_shot(id_: str) -> Shot:
    """Return a shop's own shot, whose words begin with its id."""
    label = {language: f"{id_} seen ({language})" for language in LANGUAGES}
    return Shot(id_, label=label, why=label)


def checklist_with(own: Shot | None) -> Checklist:
    """Return ours; with a shop's own shot it is what a damaged item is shown by."""
    if own is None:
        return CHECKLIST
    return Checklist({**CHECKLIST.shots, own.id: own}, {**CHECKLIST.by_reason, "damaged": (own.id,)})


def piece(shot: str, state: EvidenceState = EvidenceState.KEPT, case: str | None = "KS-1") -> Evidence:
    id_ = f"{state:0<24}"
    return Evidence(
        id_, "phone:anna", case, "a.jpg", "", state, NOW, shot, "ab" * 32, 9, "JPEG", 9, 9, "cd" * 32
    )  # fmt: skip


def told_to_agents_on_telegram(checklist: Checklist, language: str, shot: str) -> str:
    one = piece(shot)
    entry = Entry("KS-1", 1, NOW, "customer", "photos_added", {"photos": 1, "evidence": [{"id": one.id}]}, "")
    text, photo = posts.posts_of("log 1", entry, CASE, {one.id: one}, CaseWords(WORDING, checklist, language))
    assert text.call.fields["text"]
    return str(photo.call.fields.get("caption", ""))


def gathered(language: str, shot: str) -> Gathered:
    pieces = [piece(shot), piece(shot, EvidenceState.WAIVED)]
    conversation = Conversation("phone:anna", "anna", language, NOW)
    return Gathered(
        Custody(CASE, pieces, [Entry("KS-1", 1, NOW, "customer", "opened", {}, "")]), [], conversation, {}, {}
    )


def shown_by_case_show(checklist: Checklist, language: str, shot: str) -> str:
    case = gathered(language, shot)
    return CaseText(CaseWords(WORDING, checklist, language), case, {}, "", NOW).text()


def written_in_a_pack(checklist: Checklist, language: str, shot: str) -> str:
    case = gathered(language, shot)
    names = {case.mine.evidence[0].id: "01-a.jpg"}
    return unescape(Summary(WORDING, checklist, case, [], names, {}, Stamp()).page().decode())


def said_to_the_customer(checklist: Checklist, language: str, shot: str) -> str:
    """Return all that names shots of a request that has such a file and could not send such another."""
    pieces = [piece(shot, case=None), piece(shot, EvidenceState.WAIVED, None)]
    state = State(Conversation("phone:anna", "anna", language, NOW), {}, {one.id: one for one in pieces})
    event = Event("phone:1", Address("phone", "anna"), NOW, Text("?"), language)
    turn = Turn(event, NOW, state, Shared(WORDING, KNOWLEDGE, Settings(), checklist))
    listed = show_list(turn, 0)
    request, _ = next_request(turn, {"reason": "damaged"})
    why = [why_of(turn, one) for one in checklist.of("damaged")]
    return "\n".join((words_for(turn, shot), str(listed), *(one.text for one in turn.said), request, *why))


PLACES = (told_to_agents_on_telegram, shown_by_case_show, written_in_a_pack, said_to_the_customer)


def check(place: Any, own: Shot | None, language: str, shot: str) -> None:
    checklist = checklist_with(own)
    expected = shot_words(WORDING, checklist, language, shot)
    assert bool(expected) == (shot in checklist.shots)
    if own and own.id == shot:
        assert expected == own.label[language]

    assert expected in place(checklist, language, shot)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", PLACES)
def test_every_shot_can_be_told_everywhere(place: Any, language: str) -> None:
    for shot in (*CHECKLIST.shots, *NO_SHOT):
        check(place, None, language, shot)
        check(place, own_shot("whole_item"), language, shot)


IDS = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True).filter(lambda id_: id_ != EXTRA)


@effort(max_examples=60, deadline=None)
@given(
    own=IDS | st.sampled_from(sorted(CHECKLIST.shots)),
    shot=IDS | st.sampled_from([*CHECKLIST.shots, *NO_SHOT]),
    data=st.data(),
)
def test_every_shot_of_any_checklist_can_be_told(own: str, shot: str, data: st.DataObject) -> None:
    shot = data.draw(st.sampled_from([own, shot]))
    language = data.draw(st.sampled_from(LANGUAGES))
    for place in PLACES:
        check(place, own_shot(own), language, shot)
