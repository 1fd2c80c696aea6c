"""Trials that a person has hidden, and the study that another one goes on from."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table and the column."""
    op.execute(
        "CREATE TABLE study_hidden (study_id VARCHAR NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (study_id, number))"
    )
    op.execute('ALTER TABLE "study" ADD COLUMN parent VARCHAR')
