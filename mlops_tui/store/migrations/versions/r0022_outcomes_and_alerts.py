"""How a champion does beside the one before, once labels are there, and alerts."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the two tables."""
    op.execute(
        """
        CREATE TABLE champion_outcome (
            version_id VARCHAR NOT NULL,
            before_id VARCHAR NOT NULL,
            files INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            labelled INTEGER NOT NULL,
            compared INTEGER NOT NULL,
            conflicting INTEGER NOT NULL,
            strange INTEGER NOT NULL,
            unknown INTEGER NOT NULL,
            metric VARCHAR NOT NULL,
            difference FLOAT,
            low FLOAT,
            high FLOAT,
            margin FLOAT NOT NULL,
            verdict VARCHAR NOT NULL,
            why VARCHAR NOT NULL,
            labels VARCHAR NOT NULL,
            seen VARCHAR NOT NULL,
            at VARCHAR NOT NULL,
            PRIMARY KEY (version_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE alert (
            id VARCHAR NOT NULL,
            kind VARCHAR NOT NULL,
            subject_kind VARCHAR NOT NULL,
            subject_id VARCHAR NOT NULL,
            subject_name VARCHAR NOT NULL,
            severity VARCHAR NOT NULL,
            sentence VARCHAR NOT NULL,
            remedy VARCHAR NOT NULL,
            evidence VARCHAR NOT NULL,
            since VARCHAR NOT NULL,
            seen VARCHAR NOT NULL,
            times INTEGER NOT NULL,
            revision INTEGER,
            ended VARCHAR,
            why_ended VARCHAR,
            acknowledged VARCHAR,
            acknowledged_by VARCHAR,
            acknowledged_why VARCHAR,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_alert_subject_id ON alert (subject_id)")
