"""Evidence that was sent together, until it was answered together."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE evidence ADD COLUMN album TEXT NOT NULL DEFAULT ''")
