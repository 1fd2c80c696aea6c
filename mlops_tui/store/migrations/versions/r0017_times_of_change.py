"""When anything about a file had changed last, which no program can put back."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of a file taken in before it is unknown until the file is read again."""
    op.execute('ALTER TABLE "source_file" ADD COLUMN ctime_ns INTEGER')
