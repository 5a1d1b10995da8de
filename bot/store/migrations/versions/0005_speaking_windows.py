"""What may be said on platforms that count: messages that wait for the customer to write again, and the windows to say them in."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'notice'")
    op.execute("ALTER TABLE outbox ADD COLUMN sent_as TEXT")
    op.execute("CREATE INDEX outbox_unsent ON outbox (address, position) WHERE state IN ('due', 'sending', 'waiting')")
    op.execute(
        "CREATE TABLE windows (address TEXT NOT NULL, act TEXT NOT NULL, ends_at TEXT NOT NULL, free INTEGER NOT NULL, "
        "PRIMARY KEY (address, act))"
    )
    op.execute("CREATE TABLE bookmarks (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)")
