"""A study keeps the distributions that it was given in place of its families' own."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.execute('ALTER TABLE "study" ADD COLUMN space VARCHAR')
