"""How well versions do, file by file."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table."""
    op.execute(
        """
        CREATE TABLE quality_chunk (
            version_id VARCHAR NOT NULL,
            file_hash VARCHAR NOT NULL,
            file VARCHAR NOT NULL,
            place INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            labelled INTEGER NOT NULL,
            first VARCHAR,
            last VARCHAR,
            metric VARCHAR NOT NULL,
            reference FLOAT,
            estimated VARCHAR,
            realised VARCHAR,
            verdict VARCHAR NOT NULL,
            why VARCHAR NOT NULL,
            answer VARCHAR,
            answer_why VARCHAR NOT NULL,
            area FLOAT,
            mark VARCHAR NOT NULL,
            seen VARCHAR NOT NULL,
            at VARCHAR NOT NULL,
            PRIMARY KEY (version_id, file_hash)
        )
        """
    )
