"""From an empty file, from an older revision, and never from a newer one."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import mlops_tui.store.migrations as migrations
from mlops_tui.bootstrap import open_services
from mlops_tui.core.errors import NewerStore
from mlops_tui.store.migrate import migrate
from mlops_tui.store.revision import HEAD, REVISIONS, VERSION_TABLE, is_current, read_revision
from mlops_tui.store.session import writer_engine
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace, create

OLDEST = REVISIONS[0]
OPENING = """
import sys
from pathlib import Path
from mlops_tui.bootstrap import open_services
sys.stdin.readline()
open_services(Path(sys.argv[1])).close()
"""


@pytest.fixture
def older(tmp_path: Path) -> Workspace:
    """A workspace whose store has the first revision alone, with a row in it."""
    workspace = create(tmp_path / "older")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    engine = writer_engine(workspace.store)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, OLDEST)
    engine.dispose()
    with closing(sqlite3.connect(workspace.store, isolation_level=None)) as writer:
        writer.execute("INSERT INTO setting (key, value) VALUES ('kept', 'yes')")
    return workspace


def everything(path: Path) -> list[str]:
    """The schema and the rows of a store, as statements."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def backup_of(workspace: Workspace) -> Path:
    return workspace.home / f"store-{OLDEST}.backup.db"


@pytest.mark.parametrize("there", [False, True], ids=["no file", "an empty file"])
def test_from_nothing_a_store_comes_to_the_newest_revision(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "store.db"
    if there:
        path.touch()
    migrate(path)
    assert read_revision(path) == HEAD
    assert is_current(path)
    assert [file.name for file in tmp_path.glob("*.backup.db")] == []


def test_an_older_store_is_backed_up_and_then_migrated(older: Workspace) -> None:
    before = everything(older.store)
    services = open_services(older.root)
    assert services.store.reader.execute("SELECT value FROM setting WHERE key = 'kept'").fetchone() == ("yes",)
    services.close()
    assert read_revision(older.store) == HEAD
    assert everything(backup_of(older)) == before


def test_an_older_store_comes_to_the_same_schema_as_a_new_one(older: Workspace, store: Store) -> None:
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    migrate(older.store)
    with closing(sqlite3.connect(older.store)) as connection:
        assert connection.execute(schema).fetchall() == store.reader.execute(schema).fetchall()


def test_of_processes_that_open_an_older_store_at_once_one_migrates_it(older: Workspace) -> None:
    """The others wait and find it done; the backup is the older store, not what the first one made of it."""
    before = everything(older.store)
    line = [sys.executable, "-c", OPENING, str(older.root)]
    running = [subprocess.Popen(line, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert read_revision(older.store) == HEAD
    assert everything(backup_of(older)) == before


def test_a_migration_that_comes_second_backs_up_nothing(store: Store) -> None:
    migrate(store.workspace.store)
    assert list(store.workspace.home.glob("*.backup.db")) == []


def test_a_migration_that_fails_leaves_the_store_as_it_was(older: Workspace) -> None:
    """A table that a later revision makes, or an index of its name, is in the way."""
    with closing(sqlite3.connect(older.store, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE ix_run_name (x)")
    before = everything(older.store)
    with pytest.raises(Exception, match="ix_run_name"):
        migrate(older.store)
    assert everything(older.store) == before
    assert read_revision(older.store) == OLDEST


def test_a_newer_store_is_refused_and_not_touched(store: Store) -> None:
    workspace = store.workspace
    with store.write() as writing:
        writing.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    store.close()
    before = hashlib.sha256(workspace.store.read_bytes()).hexdigest()
    with pytest.raises(NewerStore, match=r"written by a newer mlops-tui \(revision 9999") as caught:
        open_services(workspace.root)
    assert "pip install --upgrade" in caught.value.remedy
    assert hashlib.sha256(workspace.store.read_bytes()).hexdigest() == before
    assert list(workspace.home.glob("*.backup.db")) == []


def test_the_revisions_that_are_known_are_those_that_there_are() -> None:
    files = Path(migrations.__file__).parent.joinpath("versions").glob("r*.py")
    assert tuple(sorted(file.name[1:5] for file in files)) == REVISIONS
