"""From which position on a conversation's head counts (what was said before heads were kept is in none); evidence by its hashes."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE conversations ADD COLUMN head_from INTEGER NOT NULL DEFAULT 1")
    op.execute("UPDATE conversations SET head_from = position + 1 WHERE head = ''")
    op.execute("CREATE INDEX evidence_by_sha256 ON evidence (sha256)")
    op.execute("CREATE INDEX evidence_by_dhash ON evidence (dhash)")
