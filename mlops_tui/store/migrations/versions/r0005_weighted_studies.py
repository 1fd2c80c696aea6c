"""A study knows the column that says what each of its rows weighs."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.execute('ALTER TABLE "study" ADD COLUMN weight VARCHAR')
