"""The finalists of a study: scored once more on folds that no trial saw, and which of them is chosen."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.execute("""
CREATE TABLE study_finalist (
    study_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    value FLOAT NOT NULL,
    recheck FLOAT NOT NULL,
    error FLOAT NOT NULL,
    fold_values VARCHAR NOT NULL,
    chosen BOOLEAN NOT NULL,
    why VARCHAR,
    PRIMARY KEY (study_id, number)
)
""")
