"""Gates that are asked together, what a person says of a model version, and the version and the window that it was made of."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns and the table; what a gate said before was asked by itself."""
    op.execute("ALTER TABLE gate_result ADD COLUMN on_cannot_tell VARCHAR NOT NULL DEFAULT 'refuse'")
    op.execute("ALTER TABLE gate_result ADD COLUMN asking VARCHAR NOT NULL DEFAULT ''")
    op.execute("UPDATE gate_result SET asking = id")
    op.execute("ALTER TABLE model_version ADD COLUMN card VARCHAR NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE model_version ADD COLUMN note VARCHAR")
    op.execute("ALTER TABLE model_version ADD COLUMN parent INTEGER")
    op.execute('ALTER TABLE model_version ADD COLUMN "window" VARCHAR')
    op.execute("ALTER TABLE model_version ADD COLUMN held_out VARCHAR")
    op.execute('ALTER TABLE study ADD COLUMN "window" VARCHAR')
    op.execute(
        """
        CREATE TABLE model_version_tag (
            version_id VARCHAR NOT NULL,
            "key" VARCHAR NOT NULL,
            value VARCHAR NOT NULL,
            PRIMARY KEY (version_id, "key")
        )
        """
    )
