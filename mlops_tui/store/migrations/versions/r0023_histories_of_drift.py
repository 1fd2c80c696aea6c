"""Reports of drift know which chunk of a history they are of, and are read without their figures; references are pinned."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OF_REPORTS = (
    "unit VARCHAR DEFAULT 'window' NOT NULL",
    "place VARCHAR DEFAULT '' NOT NULL",
    "first_at VARCHAR",
    "last_at VARCHAR",
    "notes VARCHAR DEFAULT '[]' NOT NULL",
)
OF_COLUMNS = ("verdict VARCHAR DEFAULT '' NOT NULL", "measure VARCHAR", "effect FLOAT")

BY_FILE = """
    UPDATE drift_report AS r SET unit = 'file', place = (
        SELECT printf('%012.1f %017.3f %s', coalesce(f.since_version, 0), 0, f.path) FROM source_file AS f
        WHERE f.source_id = r.source_id AND f.path = r.current ORDER BY f.id LIMIT 1
    )
    WHERE EXISTS (SELECT 1 FROM source_file AS f WHERE f.source_id = r.source_id AND f.path = r.current)
"""
"""Files came in the order of the versions that they came with."""

TILES = """
    UPDATE drift_column SET
        verdict = CASE WHEN drift THEN 'drift' WHEN NOT drift THEN 'steady'
            WHEN why LIKE 'cannot tell%' THEN 'cannot_tell' ELSE 'not_compared' END,
        measure = CASE WHEN json_extract(payload, '$.wasserstein.value') IS NOT NULL THEN 'wasserstein'
            WHEN json_extract(payload, '$.jensen_shannon.value') IS NOT NULL THEN 'jensen_shannon' END,
        effect = coalesce(
            json_extract(payload, '$.wasserstein.value'), json_extract(payload, '$.jensen_shannon.value')
        )
"""


def upgrade() -> None:
    """Adds columns and fills them for the reports that there are, two indexes and a table."""
    for column in OF_REPORTS:
        op.execute(f"ALTER TABLE drift_report ADD COLUMN {column}")
    for column in OF_COLUMNS:
        op.execute(f"ALTER TABLE drift_column ADD COLUMN {column}")
    op.execute(BY_FILE)
    op.execute(TILES)
    op.execute("CREATE INDEX ix_drift_report_place ON drift_report (source_id, reference, unit, place)")
    op.execute(
        "CREATE INDEX ix_drift_column_tile ON drift_column (report_id, position, name, kind, verdict, measure, effect)"
    )
    op.execute(
        """
        CREATE TABLE pinned_reference (
            source_id VARCHAR NOT NULL,
            reference VARCHAR NOT NULL,
            home_id VARCHAR,
            at VARCHAR NOT NULL,
            PRIMARY KEY (source_id)
        )
        """
    )
