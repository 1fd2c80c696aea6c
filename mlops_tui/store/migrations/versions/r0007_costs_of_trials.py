"""A trial tells what it cost: processor time, the time to predict, the most memory."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    for column in ("cpu_seconds FLOAT", "predict_seconds FLOAT", "peak_bytes INTEGER"):
        op.execute(f'ALTER TABLE "study_trial" ADD COLUMN {column}')
