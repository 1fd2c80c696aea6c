"""What checks found in a file, which of its rows could not be read, tags of versions, and what a source leaves out."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE \"source\" ADD COLUMN exclude VARCHAR DEFAULT '[]' NOT NULL",
    'ALTER TABLE "source" ADD COLUMN snapshot BOOLEAN DEFAULT 0 NOT NULL',
    'ALTER TABLE "source" ADD COLUMN accepted VARCHAR',
    'ALTER TABLE "source_file" ADD COLUMN bad_rows INTEGER',
    'ALTER TABLE "source_file" ADD COLUMN released VARCHAR',
    'ALTER TABLE "profile_block" ADD COLUMN row_hashes BLOB',
    'ALTER TABLE "profile_block" ADD COLUMN comoments BLOB',
    """
    CREATE TABLE "file_finding" (
        file_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        check_name VARCHAR NOT NULL,
        severity VARCHAR NOT NULL,
        column_name VARCHAR,
        row_number INTEGER,
        count INTEGER,
        reason VARCHAR NOT NULL,
        PRIMARY KEY (file_id, position)
    )
    """,
    """
    CREATE TABLE "bad_row" (
        file_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        line INTEGER NOT NULL,
        column_name VARCHAR,
        reason VARCHAR NOT NULL,
        text VARCHAR NOT NULL,
        PRIMARY KEY (file_id, position)
    )
    """,
    """
    CREATE TABLE "version_tag" (
        source_id VARCHAR NOT NULL,
        tag VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        created VARCHAR NOT NULL,
        PRIMARY KEY (source_id, tag)
    )
    """,
    # profiles are made otherwise from here on: those that are there go, and the next scan reads each file anew
    'DELETE FROM "profile_block"',
    'DELETE FROM "profile_column"',
    "UPDATE \"source_file\" SET mtime_ns = 0 WHERE state IN ('taken_in', 'quarantined')",
)


def upgrade() -> None:
    """Adds the columns and the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
