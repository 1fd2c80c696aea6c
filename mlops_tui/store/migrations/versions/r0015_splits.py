"""How a study's rows become folds, which was read off its source each time."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column, with what the study's source says now."""
    op.execute('ALTER TABLE "study" ADD COLUMN split VARCHAR')
    op.execute(
        "UPDATE study SET split = (SELECT CASE WHEN s.time_column IS NOT NULL THEN 'time' WHEN s.group_column IS NOT NULL"
        " THEN 'group' WHEN study.task = 'regression' THEN 'plain' ELSE 'stratified' END FROM source s"
        " WHERE s.id = study.source_id)"
    )
