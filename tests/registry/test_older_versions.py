"""Versions that were registered before they had a format are what they were, and later ones may come from no run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

import mlops_tui.store.migrations as migrations
from mlops_tui.registry.query import find_version
from mlops_tui.store.migrate import migrate
from mlops_tui.store.revision import REVISIONS
from mlops_tui.store.session import writer_engine
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

SIGNATURE = '{"columns": [], "target": "left", "task": "binary", "classes": [], "positive": null}'
BEFORE = REVISIONS[REVISIONS.index("0020") - 1]


def test_an_older_version_is_of_skops_and_what_points_to_it_still_does(tmp_path: Path) -> None:
    workspace = create(tmp_path / "work")
    engine, config = writer_engine(workspace.store), Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    engine.dispose()
    store = Store(workspace)
    with store.write() as writing:
        writing.execute("INSERT INTO model (id, name, task, created) VALUES ('M', 'churn', 'binary', '')")
        for number in (1, 2):
            writing.execute(
                "INSERT INTO model_version (id, model_id, number, run_id, source_id, data_version, family, params, artifact,"
                " size, signature, types, environment, metrics, checks, code, created)"
                " VALUES (?, 'M', ?, 'R', 'S', 1, 'forest', '{}', 'a', 1, ?, '[]', '{}', '{}', '{}', 'null', '')",
                (f"V{number}", number, SIGNATURE),
            )
    before = columns(store)
    store.close()
    migrate(workspace.store)
    store = Store(workspace)
    version = find_version(store.reader, "churn:2")
    assert (version.id, version.run_id, version.data_version, version.format, version.file) == (
        "V2",
        "R",
        1,
        "skops",
        None,
    )
    assert before <= columns(store)
    indexes = store.reader.execute("SELECT name FROM pragma_index_list('model_version') WHERE origin = 'c'").fetchall()
    assert ("ix_model_version_model_id",) in indexes
    with store.write() as writing:
        writing.execute(
            "UPDATE model_version SET run_id = NULL, source_id = NULL, data_version = NULL WHERE number = 1"
        )
    assert find_version(store.reader, "churn:1").run_id is None
    store.close()


def columns(store: Store) -> set[Any]:
    return {row[0] for row in store.reader.execute("SELECT name FROM pragma_table_info('model_version')")}
