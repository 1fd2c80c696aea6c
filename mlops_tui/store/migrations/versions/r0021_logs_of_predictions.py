"""What a batch of predictions leaves beside its result, and which sources are predicted as their files come."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = {
    "prediction_batch": (
        "aside INTEGER DEFAULT 0 NOT NULL",
        "threshold FLOAT",
        "threshold_of VARCHAR",
        "findings VARCHAR DEFAULT '[]' NOT NULL",
        "shadow VARCHAR",
        "log VARCHAR",
    ),
    "source": (
        "slices VARCHAR DEFAULT '[]' NOT NULL",
        "predict_with VARCHAR",
        "predict_to VARCHAR",
        "predict_after INTEGER",
    ),
}


def upgrade() -> None:
    """Adds the columns."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f'ALTER TABLE "{table}" ADD COLUMN {column}')
