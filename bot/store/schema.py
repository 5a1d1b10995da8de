"""The tables. Ids are text, times are UTC as ISO text of one width (so they sort), days are ISO text, structures are JSON text."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, text

HEAD = "0008"
"""The migration that this schema is at."""

metadata = MetaData()


def string(name: str, *, key: bool = False, optional: bool = False, unique: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=optional, unique=unique or None)


def number(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=optional)


customers = Table("customers", metadata, string("id", key=True), string("created_at"))

conversations = Table(
    "conversations",
    metadata,
    string("address", key=True),
    string("customer"),
    string("language"),
    Column("language_chosen", Boolean, nullable=False),
    number("position"),  # of the last thing said, by either side
    string("form", optional=True),  # the open form or draft, JSON
    string("offered"),  # the buttons of the last message that had any, JSON
    number("misses"),  # texts in a row that were not understood
    string("person_asked_at", optional=True),  # since when the customer waits for a person
    Column("reachable", Boolean, nullable=False),
    Column("files_for", Text, nullable=False, server_default=text("''")),
    Column("head", Text, nullable=False, server_default=text("''")),  # all that was said, chained by SHA-256
    Column("head_from", Integer, nullable=False, server_default=text("1")),  # the first position that is in it
    Column("thread", Text, nullable=False, server_default=text("''")),  # the part of the chat that was written in last
    string("created_at"),
    Index("conversations_wanting_a_person", "person_asked_at", sqlite_where=text("person_asked_at IS NOT NULL")),
)

inbox = Table(
    "inbox",
    metadata,
    string("id", key=True),
    string("address"),
    number("position"),  # 0: nothing that the customer said
    string("body"),
    string("at"),
    Index("inbox_said", "address", "position"),
)

cases = Table(
    "cases",
    metadata,
    string("number", key=True),
    string("customer"),
    string("address"),
    string("intake", unique=True),
    string("order_number"),
    string("reason"),
    string("details"),
    string("wish"),
    string("status"),
    string("submitted_at"),
    number("photos"),
    number("evidence_count"),
    number("submitted_evidence"),
    string("promised_on"),
    Column("is_estimate", Boolean, nullable=False),
    string("paused_on", optional=True),
    number("amount", optional=True),
    string("steps"),
    Column(
        "more", Text, nullable=False, server_default=text("'{}'")
    ),  # the answers to its reason's own questions, JSON
    number("log_length"),
    string("log_head"),
    Index("cases_of_customer", "customer", "submitted_at"),
    Index("cases_to_decide", "status", "promised_on"),
)

evidence = Table(
    "evidence",
    metadata,
    string("id", key=True),
    string("address"),
    string("case_number", optional=True),
    string("name"),
    string("caption"),
    string("state"),
    string("received_at"),
    string("shot"),
    string("sha256"),
    number("size"),
    string("kind"),
    number("width"),
    number("height"),
    string("view_sha256"),
    Column("album", Text, nullable=False, server_default=text("''")),
    Column(
        "source", Text, nullable=False, server_default=text("''")
    ),  # the event that brought it: platform and message
    Column("thumb_sha256", Text, nullable=False, server_default=text("''")),
    Column("dhash", Text, nullable=False, server_default=text("''")),
    Column("advice", Text, nullable=False, server_default=text("''")),
    Column("found", Text, nullable=False, server_default=text("'{}'")),  # what was seen in it, JSON
    Index("evidence_unassigned", "address", sqlite_where=text("case_number IS NULL")),
    Index("evidence_of_case", "case_number", sqlite_where=text("case_number IS NOT NULL")),
    Index("evidence_by_sha256", "sha256"),
    Index("evidence_by_dhash", "dhash"),
)

log = Table(
    "log",
    metadata,
    string("case_number", key=True),
    number("position", key=True),
    string("at"),
    string("actor"),
    string("what"),
    string("facts"),
    string("hash"),
)

outbox = Table(
    "outbox",
    metadata,
    string("id", key=True),
    string("address"),
    string("platform"),
    number("position"),
    string("event"),  # the inbox id of the turn that said it
    string("message"),
    string("at"),
    string("state"),
    string("due_at"),
    number("attempts"),
    Column("kind", Text, nullable=False, server_default=text("'notice'")),  # answer, notice or decision
    string("sent_as", optional=True),  # the id under which it went, alone or with others
    Index("outbox_said", "address", "position"),
    Index("outbox_of_event", "event"),
    Index("outbox_to_send", "platform", "due_at", sqlite_where=text("state IN ('due', 'sending')")),
    Index("outbox_unsent", "address", "position", sqlite_where=text("state IN ('due', 'sending', 'waiting')")),
)

windows = Table(
    "windows",
    metadata,
    string("address", key=True),
    string("act", key=True),  # what the customer did
    string("ends_at"),
    number("free"),  # how many messages may still be said
)

bookmarks = Table("bookmarks", metadata, string("name", key=True), string("value"))

errands = Table(
    "errands",
    metadata,
    string("id", key=True),
    string("platform"),
    string("address"),
    string("kind"),
    string("subject"),
    string("details"),
    string("state"),
    string("due_at"),  # while it is running: until when nobody else may take it
    number("failures"),
    Index("errands_to_run", "platform", "due_at", sqlite_where=text("state = 'due'")),
)

reminders = Table(
    "reminders",
    metadata,
    string("id", key=True),
    string("address"),
    string("kind"),
    string("subject"),
    string("due_at"),
    string("state"),
    Index("reminders_to_come", "due_at", sqlite_where=text("state = 'due'")),
)

setaside = Table(
    "setaside",
    metadata,
    string("id", key=True),
    string("event"),
    string("error"),
    string("at"),
    string("state"),
    number("retries"),
)

consents = Table("consents", metadata, string("customer", key=True), string("notice", key=True), string("at"))

links = Table(
    "links",
    metadata,
    string("id", key=True),
    string("secret_sha256"),
    string("address"),  # where the code was asked for
    string("expires_at"),
    string("state"),
    number("tries"),
    string("joined"),  # the chat in which it was used
    string("joined_customer"),  # whose that was until then
    string("moved"),  # all the chats that were theirs, JSON
)
