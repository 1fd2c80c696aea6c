"""How long labels go on coming, and when those of a file are all there."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds three columns."""
    op.execute("ALTER TABLE source ADD COLUMN matures_after FLOAT")
    op.execute("ALTER TABLE quality_chunk ADD COLUMN matures VARCHAR")
    op.execute("ALTER TABLE quality_chunk ADD COLUMN young BOOLEAN DEFAULT 0 NOT NULL")
