"""What looking at evidence found, where it came from, and the chain of all that was said in a conversation."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE evidence ADD COLUMN source TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE evidence ADD COLUMN thumb_sha256 TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE evidence ADD COLUMN dhash TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE evidence ADD COLUMN advice TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE evidence ADD COLUMN found TEXT NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE conversations ADD COLUMN files_for TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE conversations ADD COLUMN head TEXT NOT NULL DEFAULT ''")
