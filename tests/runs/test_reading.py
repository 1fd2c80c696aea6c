"""Pages of runs, one run by its name or id, and which of them are lost."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import pytest

from mlops_tui.core.errors import AmbiguousName, UnknownName, UsageError
from mlops_tui.jobs.liveness import this_process
from mlops_tui.runs import query
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.model import Run, is_lost
from mlops_tui.runs.query import count, find_run, get_run, metric_keys, page, param_keys
from mlops_tui.runs.service import Runs, settle
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store


def begin(store: Store, name: str, **metrics: float) -> RunLog:
    run = RunLog(store, *start_run(store, name=name, params={"letter": name, "n": len(name)}))
    run.log_metrics(metrics)
    return run


def names(runs: list[Run]) -> list[str]:
    return [run.name for run in runs]


@pytest.fixture
def five(store: Store) -> Store:
    begin(store, "a", auc=0.2)
    begin(store, "bb", auc=0.9)
    begin(store, "ccc")
    begin(store, "dddd", auc=math.nan)
    begin(store, "eeeee", auc=0.5, loss=1.0)
    return store


def test_runs_without_the_metric_come_last_either_way(five: Store) -> None:
    assert names(page(five.reader, sort="metrics.auc")) == ["bb", "eeeee", "a", "dddd", "ccc"]
    assert names(page(five.reader, sort="metrics.auc", descending=False)) == ["a", "eeeee", "bb", "dddd", "ccc"]


@pytest.mark.parametrize("sort", [None, "name", "status", "experiment", "ended", "metrics.auc", "params.n", "tags.x"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("where", [None, "params.n > 1"])
@pytest.mark.parametrize("deep", [query.DEEP, 1, 2])
def test_pages_laid_end_to_end_are_the_whole(
    five: Store, sort: str | None, descending: bool, where: str | None, deep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are read from the nearer end."""
    monkeypatch.setattr(query, "DEEP", deep)
    whole = names(page(five.reader, where=where, sort=sort, descending=descending))
    assert len(whole) == count(five.reader, where)
    for size in (1, 2, 3):
        pages = [
            page(five.reader, where=where, sort=sort, descending=descending, limit=size, offset=offset)
            for offset in range(0, 7, size)
        ]
        assert [run.name for part in pages for run in part] == whole


def test_a_page_brings_the_parameters_and_metrics_of_its_runs(five: Store) -> None:
    (run,) = page(five.reader, where="name = eeeee")
    assert run.params == {"letter": "eeeee", "n": 5}
    assert run.metrics == {"auc": 0.5, "loss": 1.0}


def test_a_parameter_that_is_a_number_is_sorted_as_one(store: Store) -> None:
    for number in (9, 10, 100):
        start_run(store, name=str(number), params={"n": number})
    assert names(page(store.reader, sort="params.n")) == ["100", "10", "9"]


def test_archived_runs_are_neither_shown_counted_nor_found(five: Store) -> None:
    with five.write() as writing:
        writing.execute("UPDATE run SET archived = '2026-01-01T00:00:00.000000Z' WHERE name IN ('a', 'ccc')")
    assert set(names(page(five.reader, sort="metrics.auc"))) == {"bb", "dddd", "eeeee"}
    assert count(five.reader) == 3
    with pytest.raises(UnknownName):
        find_run(five.reader, "ccc")


def test_keys_are_listed_once(five: Store) -> None:
    assert metric_keys(five.reader) == ["auc", "loss"]
    assert param_keys(five.reader) == ["letter", "n"]


def test_no_keys_are_listed_where_nothing_was_logged(store: Store) -> None:
    assert metric_keys(store.reader) == []


def test_a_run_is_found_by_its_name_or_by_either_end_of_its_id(store: Store) -> None:
    identifier, name = start_run(store)
    for selector in (name, identifier, identifier[-6:], identifier[-6:].lower(), identifier[:20]):
        assert find_run(store.reader, selector).id == identifier


def test_a_name_wins_over_an_id(store: Store) -> None:
    first, _ = start_run(store)
    second, _ = start_run(store, name=first[-6:])
    assert find_run(store.reader, first[-6:]).id == second


def test_an_ambiguous_selector_lists_its_candidates(store: Store) -> None:
    runs = [start_run(store, name="twin")[0] for _ in range(2)]
    for selector in ("twin", runs[0][:5]):
        with pytest.raises(AmbiguousName) as caught:
            find_run(store.reader, selector)
        assert all(run[-6:] in caught.value.remedy for run in runs)


def test_an_unknown_selector_names_what_is_close(five: Store) -> None:
    with pytest.raises(UnknownName, match="no run 'eeee'") as caught:
        find_run(five.reader, "eeee")
    assert "eeeee" in caught.value.remedy


def test_a_column_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="no field 'speed'"):
        page(store.reader, sort="speed")


STARTER = """
import sys
from pathlib import Path
from mlops_tui.runs import query
from mlops_tui.runs.begin import start_run
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace
print(start_run(Store(Workspace(Path(sys.argv[1]))), name="left")[0])
"""


def test_a_run_whose_process_is_gone_is_lost_and_written_so_once(store: Store) -> None:
    subprocess.run([sys.executable, "-c", STARTER, str(store.workspace.root)], check=True, timeout=60)
    alive, _ = start_run(store, name="alive")
    left = find_run(store.reader, "left").id
    assert settle(store) == [left]
    assert settle(store) == []
    assert get_run(store.reader, left).status == "lost"
    assert get_run(store.reader, alive).status == "running"
    assert [event.verb for event in read_events(store.reader, of=left)] == ["lost", "started"]
    assert names(Runs(store).page(where="status = lost")) == ["left"]


def test_a_store_that_can_only_be_looked_at_tells_lost_runs_without_writing(store: Store) -> None:
    subprocess.run([sys.executable, "-c", STARTER, str(store.workspace.root)], check=True, timeout=60)
    looking = Store(store.workspace, read_only=True, why_read_only="a test")
    assert Runs(looking).find("left").status == "lost"
    looking.close()
    assert get_run(store.reader, find_run(store.reader, "left").id).status == "running"


def test_the_same_pid_of_another_start_host_or_workspace_is_not_the_process(store: Store) -> None:
    here = store.workspace.identity()
    run = get_run(store.reader, start_run(store)[0])
    assert run.pid == this_process()[0]
    assert not is_lost(run, here)
    assert is_lost(replace(run, pid_started=(run.pid_started or 0.0) - 5), here)
    assert is_lost(replace(run, host="elsewhere"), here)
    assert is_lost(run, "a copy")
    assert not is_lost(replace(run, host="elsewhere", status="finished"), here)


def test_tags_and_notes_are_kept_and_told_as_events(five: Store) -> None:
    runs = Runs(five)
    runs.tag("bb", {"stage": "candidate"})
    assert runs.tag("bb", {"stage": "rejected"}).tags == {"stage": "rejected"}
    assert runs.note("bb", "overfits").note == "overfits"
    events = sorted(read_events(five.reader, of="bb"), key=lambda event: event.at, reverse=True)
    assert [(event.verb, event.before, event.after) for event in events[:2]] == [
        ("noted", {"note": None}, {"note": "overfits"}),
        ("tagged", {"stage": "candidate"}, {"stage": "rejected"}),
    ]


def test_a_tag_is_taken_away_and_one_that_is_not_there_changes_nothing(five: Store) -> None:
    runs = Runs(five)
    runs.tag("bb", {"stage": "candidate"})
    assert runs.tag("bb", {"owner": "me"}, ["stage"]).tags == {"owner": "me"}
    with pytest.raises(UsageError, match="has no tag 'stage'"):
        runs.tag("bb", {"owner": "you"}, ["stage"])
    assert runs.find("bb").tags == {"owner": "me"}
    newest = max(read_events(five.reader, of="bb"), key=lambda event: event.at)
    assert (newest.before, newest.after) == ({"stage": "candidate", "owner": None}, {"stage": None, "owner": "me"})


@pytest.mark.parametrize(
    "sort", [None, "name", "status", "experiment", "started", "ended", "metrics.auc", "params.n", "params.letter"]
)
@pytest.mark.parametrize("descending", [True, False])
def test_a_sorted_page_is_read_along_an_index_and_never_sorted(five: Store, sort: str | None, descending: bool) -> None:
    """SQLite says `TEMP B-TREE` where it has to read all rows to find the first."""
    asked: list[str] = []
    five.reader.set_trace_callback(asked.append)
    page(five.reader, sort=sort, descending=descending, limit=2)
    five.reader.set_trace_callback(None)
    ordered = [sql for sql in asked if "ORDER BY" in sql and "run_id IN" not in sql]
    assert ordered
    for sql in ordered:
        steps = [row[3] for row in five.reader.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert not [step for step in steps if "TEMP B-TREE" in step], sql
