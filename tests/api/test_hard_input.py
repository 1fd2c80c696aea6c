"""What a script may hand over that is long, odd, late or hostile: kept exactly, or refused by a sentence, and nothing else lost."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

import mlops_tui as mt
from mlops_tui.cli.main import run as mlops
from mlops_tui.core.errors import UsageError
from mlops_tui.runs.expression import Name, show_name
from mlops_tui.runs.query import find_run, page, points
from mlops_tui.store.store import Store

NAMES = [
    "val loss",
    "it's",
    'say "no"',
    "two\nlines",
    "'); DROP TABLE run; --",
    "[red]bold[/red]",
    "\x1b[2Jgone",
    "a.b/c@2x",
    "ü→∑",
    "and",
    "\u202ereversed",
]
LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_kept_as_it_is_and_is_found_by_it(name: str, here: Store) -> None:
    with mt.start_run(name, experiment=name, params={name: name}, captured=False):
        mt.log_metric(name, 0.5)
        mt.set_tag(name, name)
    [found] = page(here.reader)
    assert (found.name, found.experiment, found.metrics, found.params, found.tags) == (
        *(name, name),
        *({name: 0.5}, {name: name}, {name: name}),
    )
    for table in ("metrics", "params", "tags"):
        key = show_name(Name(table, name))
        assert [run.name for run in page(here.reader, where=f"has {key}")] == [name]
        assert [run.name for run in page(here.reader, sort=key)] == [name]
    assert find_run(here.reader, name).id == found.id


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", [["list"], ["show"], ["groups", "experiment"]])
def test_no_name_reaches_the_terminal_as_something_that_it_obeys(
    name: str, command: list[str], here: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    with mt.start_run(name, experiment=name, params={name: name}, captured=False) as run:
        mt.log_metric(name, 0.5)
        mt.set_tag(name, name)
        mt.log_text(name, "notes.txt")
    assert mlops(["runs", *command, *([run.id] if command == ["show"] else [])])[0] == 0
    shown = capsys.readouterr().out
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_a_long_parameter_and_thousands_of_them_are_kept_and_shown(
    here: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "x" * 100_000
    many = {f"p{number:04d}": number for number in range(5_000)}
    with mt.start_run("hard", params={"long": long}, captured=False):
        mt.log_params(many)
    assert find_run(here.reader, "hard").params == {"long": long, **many}
    assert mlops(["runs", "list"])[0] == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) < 500
    assert mlops(["runs", "show", "hard"])[0] == 0
    assert "p4999" in capsys.readouterr().out


def test_steps_out_of_order_a_clock_that_goes_back_and_far_steps_are_kept_by_their_steps(here: Store) -> None:
    given = [(3, 100.0), (1, 90.0), (2, 80.0), (10_000_000, 70.0), (-5, 60.0)]
    with mt.start_run("late", captured=False) as run:
        for step, at in given:
            run.log_metric("loss", float(step), step=step, at=at)
    kept = points(here.reader, run.id, "loss")
    assert [(point.step, point.at) for point in kept] == sorted(given)
    assert find_run(here.reader, "late").metrics["loss"] == 10_000_000


@pytest.mark.parametrize("value", ["0.5", "many", None, [1.0], b"1", 1j, object()])
def test_what_is_no_number_is_refused_by_its_name_and_nothing_else_is_lost(value: object, here: Store) -> None:
    with mt.start_run("odd", captured=False):
        mt.log_metric("before", 1.0)
        with pytest.raises(UsageError, match="loss"):
            mt.log_metric("loss", value)
        with pytest.raises(UsageError, match="loss"):
            mt.log_metrics({"auc": 0.5, "loss": value})
        mt.log_metric("after", 2.0)
    assert find_run(here.reader, "odd").metrics == {"before": 1.0, "after": 2.0}


@pytest.mark.parametrize("seconds", [1.0, pytest.param(10.0, marks=pytest.mark.slow)])
def test_a_store_that_another_process_has_locked_is_waited_for(seconds: float, here: Store) -> None:
    with mt.start_run("waits", captured=False):
        locker = subprocess.Popen(
            [sys.executable, "-c", LOCK, str(here.workspace.store), str(seconds)], stdout=subprocess.PIPE, text=True
        )
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        begun = time.monotonic()
        mt.log_metric("loss", 0.25)
        waited = time.monotonic() - begun
        locker.wait(60)
        locker.stdout.close()
    assert waited > seconds / 2
    assert find_run(here.reader, "waits").metrics == {"loss": 0.25}
