"""What the bot says and does, one file per subject. The first router with a match wins."""

from handlers import (
    agents,
    case_status,
    cases,
    deadlines,
    drafts,
    edits,
    human,
    links,
    packs,
    photos,
    questions,
    readings,
    refund,
    start,
    unusable,
)

ROUTERS = (
    start.router,
    case_status.router,
    human.router,
    links.router,
    cases.router,
    photos.router,
    readings.router,
    packs.router,
    refund.router,
    drafts.router,
    agents.router,
    deadlines.router,
    edits.router,
    unusable.router,
    questions.router,
)
