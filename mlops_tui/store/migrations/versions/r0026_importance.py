"""What a version's predictions hang on, column by column."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table."""
    op.execute(
        """
        CREATE TABLE column_importance (
            version_id VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            importance FLOAT NOT NULL,
            PRIMARY KEY (version_id, name)
        )
        """
    )
