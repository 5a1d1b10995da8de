"""Cases keep what only their reason asks for."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN more TEXT NOT NULL DEFAULT '{}'")
