"""Links between a customer's chats."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE links (
            id TEXT NOT NULL PRIMARY KEY,
            secret_sha256 TEXT NOT NULL,
            address TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            state TEXT NOT NULL,
            tries INTEGER NOT NULL,
            joined TEXT NOT NULL,
            joined_customer TEXT NOT NULL,
            moved TEXT NOT NULL
        )
        """
    )
