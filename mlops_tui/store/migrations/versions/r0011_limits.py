"""What a trial may take at most, why a worker ended before its time, and what a study's kept predictions tell."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns and the table."""
    op.execute('ALTER TABLE "study" ADD COLUMN trial_timeout FLOAT')
    op.execute('ALTER TABLE "study" ADD COLUMN trial_memory INTEGER')
    op.execute('ALTER TABLE "study" ADD COLUMN ensemble BOOLEAN DEFAULT 0 NOT NULL')
    op.execute('ALTER TABLE "job_worker" ADD COLUMN fault VARCHAR')
    op.execute("""
CREATE TABLE study_analysis (
    study_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    PRIMARY KEY (study_id, kind)
)
""")
