"""Alembic's entry: runs the revisions on the connection that `store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from mlops_tui.store.revision import VERSION_TABLE

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table=VERSION_TABLE, transactional_ddl=True, transaction_per_migration=False
)
context.run_migrations()
