"""How what a version says of a file has moved from what its recipe said of training rows, and how well it does by periods."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns."""
    op.execute("ALTER TABLE quality_chunk ADD COLUMN predictions VARCHAR DEFAULT '[]' NOT NULL")
    op.execute("ALTER TABLE quality_chunk ADD COLUMN unit VARCHAR DEFAULT 'file' NOT NULL")
