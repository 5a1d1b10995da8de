"""The first tables."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE cases (
        number TEXT NOT NULL,
        customer TEXT NOT NULL,
        address TEXT NOT NULL,
        intake TEXT NOT NULL,
        order_number TEXT NOT NULL,
        reason TEXT NOT NULL,
        details TEXT NOT NULL,
        wish TEXT NOT NULL,
        status TEXT NOT NULL,
        submitted_at TEXT NOT NULL,
        photos INTEGER NOT NULL,
        evidence_count INTEGER NOT NULL,
        submitted_evidence INTEGER NOT NULL,
        promised_on TEXT NOT NULL,
        is_estimate BOOLEAN NOT NULL,
        paused_on TEXT,
        amount INTEGER,
        steps TEXT NOT NULL,
        log_length INTEGER NOT NULL,
        log_head TEXT NOT NULL,
        PRIMARY KEY (number),
        UNIQUE (intake)
    )
    """,
    """
    CREATE INDEX cases_of_customer ON cases (customer, submitted_at)
    """,
    """
    CREATE INDEX cases_to_decide ON cases (status, promised_on)
    """,
    """
    CREATE TABLE consents (
        customer TEXT NOT NULL,
        notice TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (customer, notice)
    )
    """,
    """
    CREATE TABLE conversations (
        address TEXT NOT NULL,
        customer TEXT NOT NULL,
        language TEXT NOT NULL,
        language_chosen BOOLEAN NOT NULL,
        position INTEGER NOT NULL,
        form TEXT,
        offered TEXT NOT NULL,
        misses INTEGER NOT NULL,
        person_asked_at TEXT,
        reachable BOOLEAN NOT NULL,
        created_at TEXT NOT NULL,
        PRIMARY KEY (address)
    )
    """,
    """
    CREATE INDEX conversations_wanting_a_person ON conversations (person_asked_at) WHERE person_asked_at IS NOT NULL
    """,
    """
    CREATE TABLE customers (
        id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE errands (
        id TEXT NOT NULL,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        details TEXT NOT NULL,
        state TEXT NOT NULL,
        due_at TEXT NOT NULL,
        failures INTEGER NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX errands_to_run ON errands (platform, due_at) WHERE state = 'due'
    """,
    """
    CREATE TABLE evidence (
        id TEXT NOT NULL,
        address TEXT NOT NULL,
        case_number TEXT,
        name TEXT NOT NULL,
        caption TEXT NOT NULL,
        state TEXT NOT NULL,
        received_at TEXT NOT NULL,
        shot TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        kind TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        view_sha256 TEXT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX evidence_of_case ON evidence (case_number) WHERE case_number IS NOT NULL
    """,
    """
    CREATE INDEX evidence_unassigned ON evidence (address) WHERE case_number IS NULL
    """,
    """
    CREATE TABLE inbox (
        id TEXT NOT NULL,
        address TEXT NOT NULL,
        position INTEGER NOT NULL,
        body TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX inbox_said ON inbox (address, position)
    """,
    """
    CREATE TABLE log (
        case_number TEXT NOT NULL,
        position INTEGER NOT NULL,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        what TEXT NOT NULL,
        facts TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (case_number, position)
    )
    """,
    """
    CREATE TABLE outbox (
        id TEXT NOT NULL,
        address TEXT NOT NULL,
        platform TEXT NOT NULL,
        position INTEGER NOT NULL,
        event TEXT NOT NULL,
        message TEXT NOT NULL,
        at TEXT NOT NULL,
        state TEXT NOT NULL,
        due_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX outbox_of_event ON outbox (event)
    """,
    """
    CREATE INDEX outbox_said ON outbox (address, position)
    """,
    """
    CREATE INDEX outbox_to_send ON outbox (platform, due_at) WHERE state IN ('due', 'sending')
    """,
    """
    CREATE TABLE reminders (
        id TEXT NOT NULL,
        address TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        due_at TEXT NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX reminders_to_come ON reminders (due_at) WHERE state = 'due'
    """,
    """
    CREATE TABLE setaside (
        id TEXT NOT NULL,
        event TEXT NOT NULL,
        error TEXT NOT NULL,
        at TEXT NOT NULL,
        state TEXT NOT NULL,
        retries INTEGER NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    # The log is append-only, whoever asks.
    """
    CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
    """,
    """
    CREATE TRIGGER log_is_never_cut BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
