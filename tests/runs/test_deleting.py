"""Runs that are deleted are gone from every list, and come back whole."""

from __future__ import annotations

import pytest

from mlops_tui.cli.main import run as mlops
from mlops_tui.core.errors import AmbiguousName, UnknownName, UsageError
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import count, find_run, page, runs_of
from mlops_tui.runs.service import Runs
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store


def logged(store: Store, name: str) -> str:
    log = RunLog(Store(store.workspace), *start_run(store, name=name, params={"depth": 3}))
    log.log_metric("auc", 0.9)
    log.end()
    return log.id


def test_a_deleted_run_is_nowhere_until_it_is_restored(store: Store) -> None:
    kept, gone = logged(store, "kept"), logged(store, "gone")
    Runs(store).delete(["gone"])
    assert [run.id for run in page(store.reader)] == [kept]
    assert [run.id for run in page(store.reader, sort="metrics.auc")] == [kept]
    assert count(store.reader, "metrics.auc > 0.5") == 1
    assert [run.id for run in page(store.reader, deleted=True)] == [gone]
    assert runs_of(store.reader, [gone, kept, "nothing"])[0].id == kept
    with pytest.raises(UnknownName, match=f"'gone' was deleted.*runs restore {gone}"):
        find_run(store.reader, "gone")
    [back] = Runs(store).restore([gone])
    assert (back.params, back.metrics) == ({"depth": 3}, {"auc": 0.9})
    assert {run.id for run in page(store.reader)} == {kept, gone}
    verbs = [event.verb for event in read_events(store.reader, of=gone)]
    assert {"deleted", "restored"} <= set(verbs)


def test_all_are_deleted_or_none(store: Store) -> None:
    logged(store, "one")
    with pytest.raises(UnknownName):
        Runs(store).delete(["one", "nothing"])
    log = RunLog(Store(store.workspace), *start_run(store, name="busy"))
    with pytest.raises(UsageError, match="is running"):
        Runs(store).delete(["one", "busy"])
    assert count(store.reader) == 2
    log.end()
    assert len(Runs(store).delete(["one", "busy", "one"])) == 2
    with pytest.raises(UnknownName):
        Runs(store).restore(["nothing"])


def test_a_name_may_be_used_again_and_both_come_back(store: Store) -> None:
    first = logged(store, "same")
    Runs(store).delete(["same"])
    second = logged(store, "same")
    assert find_run(store.reader, "same").id == second
    Runs(store).restore(["same"])
    with pytest.raises(AmbiguousName):
        find_run(store.reader, "same")
    assert {run.id for run in page(store.reader)} == {first, second}


def test_the_commands_say_how_to_bring_it_back(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.workspace.root)
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    gone = logged(store, "gone")
    assert mlops(["runs", "delete", "gone"])[0] == 0
    assert f"mlops-tui runs restore {gone}" in capsys.readouterr().out
    assert mlops(["runs", "list", "--deleted"])[0] == 0
    assert "gone" in capsys.readouterr().out
    assert mlops(["runs", "restore", gone])[0] == 0
    assert "gone is back" in capsys.readouterr().out
    assert mlops(["runs", "delete", "nothing"])[0] == 2
