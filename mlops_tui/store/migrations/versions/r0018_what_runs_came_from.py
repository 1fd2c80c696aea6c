"""What a run came from: its parent, its job, its code and command, and the data that it was given."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = (
    "parent VARCHAR",
    "job_id VARCHAR",
    "command VARCHAR",
    "script VARCHAR",
    "script_hash VARCHAR",
    "commit_hash VARCHAR",
    "branch VARCHAR",
    "is_dirty BOOLEAN",
)


def upgrade() -> None:
    """Adds the columns and the table."""
    for column in COLUMNS:
        op.execute(f'ALTER TABLE "run" ADD COLUMN {column}')
    op.execute('CREATE INDEX ix_run_parent ON "run" (parent)')
    op.execute('CREATE INDEX ix_run_job_id ON "run" (job_id)')
    op.execute(
        """
        CREATE TABLE "run_input" (
            run_id VARCHAR NOT NULL,
            position INTEGER NOT NULL,
            name VARCHAR NOT NULL,
            role VARCHAR NOT NULL,
            kind VARCHAR NOT NULL,
            hash VARCHAR NOT NULL,
            rows INTEGER,
            columns VARCHAR NOT NULL,
            path VARCHAR,
            PRIMARY KEY (run_id, position)
        ) WITHOUT ROWID
        """
    )
    op.execute('CREATE INDEX ix_run_input_hash ON "run_input" (hash)')
