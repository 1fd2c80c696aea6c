"""A registration that ends at any moment leaves the whole version or none of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import DiskFull
from mlops_tui.registry.engine import register_file
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.query import find_model, list_models, list_versions
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.limited import limited
from tests.living import Living, houses
from tests.registry import dying
from tests.registry.elsewhere import Filing, classifier, forest, price_model, read, sample, write

OF_A_FILE = ("copyfileobj", "open_foreign", "sha256", "replace", "put", "_model_of", "add_version")
OF_A_RUN = ("fit", "sha256", "replace", "put", "_model_of", "add_version")


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = Living(tmp_path_factory.mktemp("dying") / "work")
    made.add("houses", houses(100), target="price", id_column="id")
    made.tune("houses", trials=1, name="houses", families=["ridge"])
    yield made
    made.close()


def spec_of_run(living: Living, name: str) -> dict[str, Any]:
    (run,) = living.store.reader.execute("SELECT run_id FROM study_trial").fetchone()
    return {"run": run, "name": name}


def spec_of_file(folder: Path, name: str) -> dict[str, Any]:
    model, rows = price_model(folder)
    path = write(model, folder / "model.skops")
    told = {"like": None, "task": None, "family": None, "trust": False}
    return {"name": name, "file": str(path), "sample": str(rows), "target": "price", **told}


def let_die(store: Store, kind: str, spec: dict[str, Any], *calls: str) -> None:
    line = [sys.executable, dying.__file__, str(store.workspace.root), kind, json.dumps(spec), *calls]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        line, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr


def names(store: Store) -> list[str]:
    return [model.name for model in list_models(store.reader)]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "calls"), [("register_file", OF_A_FILE), ("register", OF_A_RUN)])
def test_a_worker_killed_before_the_end_leaves_no_version_and_one_killed_after_it_the_whole(
    living: Living, tmp_path: Path, kind: str, calls: tuple[str, ...]
) -> None:
    store, name = living.store, f"by-{kind}"
    spec = spec_of_file(tmp_path, name) if kind == "register_file" else spec_of_run(living, name)
    let_die(store, kind, spec, *calls)
    assert name not in names(store)
    assert read_events(store.reader, of=name) == []
    assert store.reader.execute(
        "SELECT count(*) FROM model_version WHERE model_id NOT IN (SELECT id FROM model)"
    ).fetchone() == (0,)
    let_die(store, kind, spec, "committed", "nothing")
    versions = list_versions(store.reader, find_model(store.reader, name).id)
    assert [version.number for version in versions] == [2, 1]
    assert [event.verb for event in read_events(store.reader, of=name)] == ["registered", "registered"]
    for version in versions:
        assert load_version(store, version) is not None
    assert store.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_a_disk_that_is_full_while_the_file_is_copied_registers_nothing(store: Store, tmp_path: Path) -> None:
    """No file of the worker may grow beyond some megabytes, and the model is larger."""
    rows = sample(tmp_path)
    store.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    model = classifier(forest(rows)["randomforestclassifier"].set_params(n_estimators=400)).fit(*read(rows))
    path = write(model, tmp_path / "model.skops")
    room = 3 * max(store.workspace.store.stat().st_size, 300_000)
    assert path.stat().st_size > room
    told = {"like": None, "task": None, "family": None, "trust": True}
    spec = {"name": "full", "file": str(path), "sample": str(rows), "target": "left", **told}
    root, arguments = (
        Path(__file__).parents[2],
        [str(store.workspace.root), "register_file", json.dumps(spec), "nothing"],
    )
    before = sorted(store.workspace.artifacts.rglob("*"))
    line = [*limited(f"files={room}"), dying.__file__, *arguments]
    done = subprocess.run(
        line, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode != 0
    assert "DiskFull: A file that is written for" in done.stderr
    assert "full" not in names(store)
    assert sorted(store.workspace.artifacts.rglob("*")) == before


def test_a_store_that_cannot_grow_registers_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing, rows = Filing(store), sample(tmp_path)
    path, work = write(forest(rows), tmp_path / "model.skops"), register_file.add_version

    def add_version(writing: Any, *given: Any) -> Any:
        version = work(writing, *given)
        pages = writing.execute("PRAGMA page_count").fetchone()[0]
        writing.execute(f"PRAGMA max_page_count={pages}")
        writing.event("filled", ("model", version.model_id, "churn"), why="x" * 1_000_000)
        return version

    monkeypatch.setattr(register_file, "add_version", add_version)
    with pytest.raises(DiskFull, match="is full"):
        filing.register(path, rows, trust=True)
    assert list_models(store.reader) == []
    assert read_events(store.reader, of="churn") == []
    monkeypatch.undo()
    assert filing.register(path, rows, trust=True)["version"] == 1
