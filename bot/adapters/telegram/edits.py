"""What is new in an edited message. Telegram tells the whole message anew, also when only the preview of a link came."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.model.events import Body, Event, Text, Upload
from bot.store import inbox
from bot.store.database import Database


async def without_what_was_known(events: Sequence[Event], database: Database) -> list[Event]:
    """Return the events with edits reduced to what changed; an edit that changed nothing is dropped.

    Raises StoreUnavailableError.
    """
    originals = {original_of(event.body) for event in events} - {""}
    if not originals:
        return list(events)
    async with database.reading() as connection:
        known = await inbox.bodies(connection, sorted(originals))
    known |= {event.id: event.body for event in events if event.id in originals}
    return [change for event in events for change in changes_in(event, known)]


def original_of(body: Body) -> str:
    """Return the id of the event that was edited; "" for what is no edit."""
    return body.instead_of if isinstance(body, Text | Upload) else ""


def changes_in(event: Event, known: Mapping[str, Body]) -> Iterator[Event]:
    original = original_of(event.body)
    if not original:
        yield event
        return
    before = known.get(original)
    if event.words and event.words != words_of(before):
        yield replace(event, body=Text(event.words, instead_of=original))
    if isinstance(event.body, Upload) and is_new_file(event.body, before):
        # Its caption says whose it is and is no question; a later edit of the same message brings the same file again.
        file = replace(event.body, caption="", quoted=event.words or event.body.quoted, album="")
        yield replace(event, id=f"{original}:{file.media.unique_id}", body=file)


def words_of(body: Body | None) -> str:
    match body:
        case Text(text=words) | Upload(caption=words):
            return words
    return ""


def is_new_file(body: Upload, before: Body | None) -> bool:
    """Return whether it is not the file that the message had before. One whose unique id was not kept counts as the same."""
    if not isinstance(before, Upload):
        return True
    return bool(before.media.unique_id) and before.media.unique_id != body.media.unique_id
