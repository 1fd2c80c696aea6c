"""Alerts are told on channels, each telling a row that is tried again; what one does not want to hear of is muted."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables."""
    op.execute(
        """
        CREATE TABLE alert_delivery (
            id VARCHAR NOT NULL,
            alert_id VARCHAR NOT NULL,
            moment VARCHAR NOT NULL,
            channel VARCHAR NOT NULL,
            state VARCHAR NOT NULL,
            tries INTEGER NOT NULL,
            why VARCHAR,
            due FLOAT NOT NULL,
            at VARCHAR NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_alert_delivery_alert_id ON alert_delivery (alert_id)")
    op.execute("CREATE INDEX ix_alert_delivery_state ON alert_delivery (state)")
    op.execute(
        """
        CREATE TABLE alert_mute (
            id VARCHAR NOT NULL,
            subject_kind VARCHAR NOT NULL,
            subject_id VARCHAR NOT NULL,
            subject_name VARCHAR NOT NULL,
            "column" VARCHAR,
            until VARCHAR,
            why VARCHAR,
            muted_by VARCHAR NOT NULL,
            at VARCHAR NOT NULL,
            lifted VARCHAR,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_alert_mute_subject_id ON alert_mute (subject_id)")
