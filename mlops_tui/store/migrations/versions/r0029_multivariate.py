"""What all columns of two windows say at once, and how the windows of a report were asked for."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns."""
    op.execute("ALTER TABLE drift_report ADD COLUMN multivariate VARCHAR")
    op.execute("ALTER TABLE drift_report ADD COLUMN asked VARCHAR")
