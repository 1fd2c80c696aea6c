"""A study keeps by which rule its trials are stopped early."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.execute("ALTER TABLE \"study\" ADD COLUMN pruner VARCHAR DEFAULT 'paired' NOT NULL")
