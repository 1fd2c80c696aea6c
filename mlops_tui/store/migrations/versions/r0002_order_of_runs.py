"""Indices for what the runs are sorted by: a page of them is read, not the table."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the indices."""
    op.execute('CREATE INDEX ix_run_param_key_number ON "run_param" (key, number, value)')
    for column in ("name", "status", "ended"):
        op.execute(f'CREATE INDEX ix_run_{column} ON "run" ({column})')
