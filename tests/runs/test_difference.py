"""How two runs differ beyond their values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_tui.cli.main import run as mlops
from mlops_tui.core.code import code_of, diff_of
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.captured import Captured, environment
from mlops_tui.runs.difference import difference
from mlops_tui.runs.input import Input
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from tests.api.test_origin import git


def logged(store: Store, name: str, packages: dict[str, str], data: str) -> str:
    """A run of the code as it is now, with those packages and data of that hash."""
    root = store.workspace.root
    code = code_of(root)
    log = RunLog(Store(store.workspace), *start_run(store, name=name, params={"depth": len(packages)}))
    found = Captured(
        "python train.py",
        str(root / "train.py"),
        None,
        code["commit"] if code else None,
        "main",
        bool(code and code["dirty"]),
        diff_of(root),
        {**environment(), "packages": packages},
    )
    log.keep_origin(found)
    log.keep_input(Input("rows.csv", "training", "file", data * 64, 3, {"x": "integer"}))
    log.end()
    return log.id


@pytest.fixture
def two(store: Store) -> tuple[str, str]:
    """Two runs, between which a commit was made and the data changed; the second one's code had a change too."""
    root = store.workspace.root
    (root / "train.py").write_text("depth = 3\n")
    (root / ".gitignore").write_text(".mlops\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    first = logged(store, "first", {"numpy": "2.1", "pandas": "2.2"}, "a")
    (root / "train.py").write_text("depth = 4\n")
    git(root, "commit", "-qam", "second")
    (root / "train.py").write_text("depth = 5\n")
    second = logged(store, "second", {"numpy": "2.3", "pandas": "2.2", "polars": "1.0"}, "b")
    return first, second


def test_code_packages_and_data_are_told_apart(store: Store, two: tuple[str, str]) -> None:
    one, other = (get_run(store.reader, run) for run in two)
    found = difference(store.reader, store.workspace, one, other)
    assert found.code is not None
    assert "-depth = 3\n+depth = 4\n" in found.code
    assert found.changes[0] == ""
    assert "-depth = 4\n+depth = 5\n" in found.changes[1]
    assert found.packages == (("numpy", "2.1", "2.3"), ("polars", None, "1.0"))
    assert found.machine == ()
    assert [given.hash[0] for given in found.gone] == ["a"]
    assert [given.hash[0] for given in found.added] == ["b"]


def test_with_itself_a_run_does_not_differ(store: Store, two: tuple[str, str]) -> None:
    one = get_run(store.reader, two[0])
    found = difference(store.reader, store.workspace, one, one)
    assert (found.code, found.packages, found.added, found.gone) == ("", (), (), ())


def test_without_the_repository_the_code_is_not_made_up(store: Store, two: tuple[str, str], tmp_path: Path) -> None:
    one, other = (get_run(store.reader, run) for run in two)
    found = difference(store.reader, store.workspace, one, replace(other, script=str(tmp_path / "gone" / "train.py")))
    assert found.code is None


def test_the_command_tells_all_of_it(
    store: Store, two: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.workspace.root)
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    assert mlops(["runs", "diff", "first", "second"])[0] == 0
    said = capsys.readouterr().out
    for words in ("depth", "numpy", "2.1", "2.3", "rows.csv", "second alone", "+depth = 4", "second had changed since"):
        assert words in said
    assert mlops(["runs", "diff", "first", "first"])[0] == 0
    assert "They do not differ" in capsys.readouterr().out
