"""Studies of an objective of the user's own, studies of several objectives, and what their trials came to."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    op.execute('ALTER TABLE "study" ADD COLUMN script VARCHAR')
    op.execute('ALTER TABLE "study" ADD COLUMN objectives VARCHAR')
    op.execute('ALTER TABLE "study_trial" ADD COLUMN objective_values VARCHAR')
    op.execute('ALTER TABLE "study_trial" ADD COLUMN attributes VARCHAR')
