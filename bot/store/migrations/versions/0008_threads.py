"""In which part of a chat the customer wrote last, on platforms whose chats have parts: what is said belongs there."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE conversations ADD COLUMN thread TEXT NOT NULL DEFAULT ''")
