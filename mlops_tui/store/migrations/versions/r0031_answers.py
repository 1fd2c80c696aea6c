"""What the recipe of a version that learnt again said of rows that it had not learnt from."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column."""
    op.execute("ALTER TABLE model_version ADD COLUMN answers VARCHAR")
