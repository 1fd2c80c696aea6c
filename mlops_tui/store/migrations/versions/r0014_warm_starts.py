"""Studies that begin with the best trials of earlier ones."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.execute('ALTER TABLE "study" ADD COLUMN warm_start VARCHAR')
