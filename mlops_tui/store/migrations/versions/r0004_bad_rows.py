"""Rows that could not be read belong to a content and how it is read, as its profile does."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    'DROP TABLE "bad_row"',
    """
    CREATE TABLE "bad_row" (
        key VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        line INTEGER NOT NULL,
        column_name VARCHAR,
        reason VARCHAR NOT NULL,
        text VARCHAR NOT NULL,
        PRIMARY KEY (key, position)
    )
    """,
    """
    CREATE TABLE "profile_rejects" (
        key VARCHAR NOT NULL,
        count INTEGER NOT NULL,
        misfits VARCHAR NOT NULL,
        PRIMARY KEY (key)
    )
    """,
)


def upgrade() -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
