"""A version of a source keeps how its files were read: options, kinds and time column."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; versions that are there already were read as their sources are now, as far as is known."""
    op.execute("ALTER TABLE \"source_version\" ADD COLUMN options VARCHAR DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE \"source_version\" ADD COLUMN kinds VARCHAR DEFAULT '{}' NOT NULL")
    op.execute('ALTER TABLE "source_version" ADD COLUMN time_column VARCHAR')
    op.execute(
        "UPDATE source_version SET (options, kinds, time_column) ="
        " (SELECT s.options, s.kinds, s.time_column FROM source s WHERE s.id = source_version.source_id)"
    )
