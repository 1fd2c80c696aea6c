"""Profiles of blocks by slices, and drift by slice."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE profile_slice (
        key VARCHAR NOT NULL,
        by_column VARCHAR NOT NULL,
        block INTEGER NOT NULL,
        place INTEGER NOT NULL,
        sort VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        rows INTEGER NOT NULL,
        payload BLOB NOT NULL,
        PRIMARY KEY (key, by_column, block, place)
    )
    """,
    """
    CREATE TABLE slice_report (
        id VARCHAR NOT NULL,
        report_id VARCHAR NOT NULL,
        by_column VARCHAR NOT NULL,
        value VARCHAR,
        kind VARCHAR NOT NULL,
        drift BOOLEAN,
        why VARCHAR NOT NULL,
        read INTEGER NOT NULL,
        notes VARCHAR NOT NULL,
        mark VARCHAR NOT NULL,
        at VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_slice_report_report_id ON slice_report (report_id)",
    """
    CREATE TABLE slice_drift (
        slices_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        sort VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        reference_rows INTEGER NOT NULL,
        current_rows INTEGER NOT NULL,
        reference_share FLOAT NOT NULL,
        current_share FLOAT NOT NULL,
        drift BOOLEAN,
        why VARCHAR NOT NULL,
        alone VARCHAR NOT NULL,
        payload VARCHAR NOT NULL,
        PRIMARY KEY (slices_id, position)
    )
    """,
)


def upgrade() -> None:
    """Adds three tables."""
    for statement in TABLES:
        op.execute(statement)
