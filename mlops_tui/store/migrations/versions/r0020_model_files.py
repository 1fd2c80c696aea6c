"""A model version has a format, and may come from a file instead of a run."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNKNOWN_OF_A_FILE = ("run_id VARCHAR", "source_id VARCHAR", "data_version INTEGER")
TABLE, REBUILT = 'CREATE TABLE "model_version"', 'CREATE TABLE "model_version_rebuilt"'


def upgrade() -> None:
    """Adds the columns, and lets others be NULL: SQLite takes a constraint back only with the whole table, which is made
    anew from its own words, so that columns and indexes of every revision stay.
    """
    op.execute("ALTER TABLE \"model_version\" ADD COLUMN format VARCHAR DEFAULT 'skops' NOT NULL")
    op.execute('ALTER TABLE "model_version" ADD COLUMN file VARCHAR')
    found = op.get_bind().execute(
        text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'model_version' AND sql IS NOT NULL")
    )
    parts = [(kind, sql) for kind, sql in found]
    (table,) = (sql for kind, sql in parts if kind == "table")
    for column in UNKNOWN_OF_A_FILE:
        table = table.replace(f"{column} NOT NULL", column)
    names = [f'"{row[1]}"' for row in op.get_bind().execute(text('PRAGMA table_info("model_version")'))]
    op.get_bind().exec_driver_sql(table.replace(TABLE, REBUILT, 1))
    columns = ", ".join(names)
    op.execute(f'INSERT INTO "model_version_rebuilt" ({columns}) SELECT {columns} FROM "model_version" ORDER BY rowid')
    op.execute('DROP TABLE "model_version"')
    op.execute('ALTER TABLE "model_version_rebuilt" RENAME TO "model_version"')
    for kind, sql in parts:
        if kind != "table":
            op.get_bind().exec_driver_sql(sql)
