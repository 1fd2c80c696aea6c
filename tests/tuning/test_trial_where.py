"""Queries about trials, and pages of those that they match."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlops_tui.bootstrap import open_services
from mlops_tui.core.errors import UsageError
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from mlops_tui.tuning.model import Trial
from mlops_tui.tuning.query import TRIAL_SORTS, count_matching_trials, list_trials, page_of_trials, place_of_trial
from tests.tui.tuned import add_study, fixed_id
from tests.tuning.trials import many_trials

COUNT = 300
STUDY = fixed_id("T", 1)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    workspace = create(tmp_path_factory.mktemp("trials") / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    add_study(services, trials=())
    many_trials(services, STUDY, COUNT)
    yield services.store.reader
    services.close()


QUERIES: list[tuple[str, Callable[[Trial], bool]]] = [
    ("", lambda trial: True),
    ("pruned", lambda trial: trial.state == "pruned"),
    ("failed", lambda trial: trial.state == "fail"),
    ("hgb", lambda trial: trial.family == "hgb"),
    ("not hgb and done", lambda trial: trial.family != "hgb" and trial.state == "complete"),
    ("state = failed or number < 3", lambda trial: trial.state == "fail" or trial.number < 3),
    ("state in (failed, pruned)", lambda trial: trial.state != "complete"),
    ("value > 0.75", lambda trial: trial.value is not None and trial.value > 0.75),
    ("roc_auc > 0.75", lambda trial: trial.value is not None and trial.value > 0.75),
    ("not value > 0.75", lambda trial: trial.value is None or trial.value <= 0.75),
    ("learning_rate < 0.1", lambda trial: trial.params.get("learning_rate", 9) < 0.1),
    ("params.learning_rate >= 0.1", lambda trial: trial.params.get("learning_rate", 0) >= 0.1),
    ("criterion = gini", lambda trial: trial.params.get("criterion") == "gini"),
    ("criterion != gini", lambda trial: trial.params.get("criterion", "gini") != "gini"),
    ("criterion > 0.1", lambda trial: False),
    ("bootstrap = true", lambda trial: "bootstrap" in trial.params),
    ("bootstrap = false", lambda trial: False),
    ("max_iter != 100", lambda trial: trial.params.get("max_iter", 100) != 100),
    ("memory > 300 and predict < 5", lambda t: (t.peak_bytes or 0) > 300 * 2**20 and (t.predict_seconds or 1) < 0.005),
    ("took >= 2 and cpu < 4", lambda trial: (trial.seconds or 0) >= 2 and (trial.cpu_seconds or 9) < 4),
    ("reason ~ 'CATCH UP'", lambda trial: "catch up" in (trial.reason or "")),
    ("trial < 20 or C < 1", lambda trial: trial.number < 20 or trial.params.get("C", 9) < 1),
    ("l2_regularization > 0", lambda trial: False),
]


@pytest.mark.parametrize(("query", "holds"), QUERIES)
def test_a_query_finds_the_trials_that_it_says(
    reader: sqlite3.Connection, query: str, holds: Callable[[Trial], bool]
) -> None:
    trials = list_trials(reader, STUDY, limit=COUNT)
    found = page_of_trials(reader, STUDY, where=query, descending=False, limit=COUNT)
    assert [trial.number for trial in found] == [trial.number for trial in trials if holds(trial)]
    assert count_matching_trials(reader, STUDY, query) == len(found)


@pytest.mark.parametrize("sort", TRIAL_SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_join_without_gap_and_each_trial_is_told_its_place(
    reader: sqlite3.Connection, sort: str, descending: bool
) -> None:
    """Whatever they are sorted by; a trial that the query leaves out has no place."""
    wanted = {"where": "not pruned", "sort": sort, "descending": descending}
    pages = [page_of_trials(reader, STUDY, **wanted, limit=70, offset=start) for start in range(0, COUNT, 70)]
    found = [trial for page in pages for trial in page]
    assert len({trial.number for trial in found}) == len(found) == count_matching_trials(reader, STUDY, "not pruned")
    for place in (0, 69, 70, len(found) - 1):
        assert place_of_trial(reader, STUDY, found[place].run_id, **wanted) == place
    assert place_of_trial(reader, STUDY, f"01RUN{6:021d}", **wanted) is None


@pytest.mark.parametrize("query", ["value > high", "value ~ 3", "hgb and", "(pruned", "value", "learning_rate <"])
def test_a_query_that_cannot_be_read_is_refused_with_an_example(reader: sqlite3.Connection, query: str) -> None:
    with pytest.raises(UsageError) as refused:
        count_matching_trials(reader, STUDY, query)
    assert "learning_rate < 0.1" in refused.value.remedy


@pytest.mark.parametrize(
    "query", ["foo > 3", "hgb and not foo in (1, 2)", "value > 0.8 or params.foo = x", "params.`foo` ~ x"]
)
def test_a_name_that_no_trial_of_the_study_can_have_is_refused_with_those_that_it_has(
    reader: sqlite3.Connection, query: str
) -> None:
    for ask in (count_matching_trials, page_of_trials):
        with pytest.raises(UsageError) as refused:
            ask(reader, STUDY, where=query)  # type: ignore[operator]
        assert refused.value.title == "Trials of study 'loans-1' have no 'foo'."
        assert refused.value.remedy.startswith("They have: trial, number, state, value,")
        assert "learning_rate" in refused.value.remedy


def test_a_quotation_mark_in_a_name_breaks_nothing(reader: sqlite3.Connection) -> None:
    with pytest.raises(UsageError, match="have no 'a\"b'"):
        count_matching_trials(reader, STUDY, 'params.`a"b` = 1')


def test_further_objectives_are_compared_by_their_names(tmp_path: Path) -> None:
    """The first is the trial's value; one that is compared with a word, or is no objective of the study, is refused."""
    workspace = create(tmp_path / "two")
    migrate(workspace.store)
    services = open_services(workspace.root)
    add_study(services, trials=())
    many_trials(services, STUDY, 60)
    objectives = [{"name": "accuracy", "direction": "maximize"}, {"name": "val loss", "direction": "minimize"}]
    objectives.append({"name": "latency", "direction": "minimize"})
    with services.store.write() as writing:
        writing.execute("UPDATE study SET objectives = ?", (json.dumps(objectives),))
        writing.execute(
            "UPDATE study_trial SET objective_values = json_array(value, 1.0 - value, number / 10.0)"
            " WHERE value IS NOT NULL"
        )
    trials = [trial for trial in list_trials(services.store.reader, STUDY, limit=100) if trial.values]

    def numbers(where: str) -> list[int]:
        found = page_of_trials(services.store.reader, STUDY, where=where, descending=False, limit=100)
        return [trial.number for trial in found]

    assert numbers("latency < 2.5") == [trial.number for trial in trials if trial.number < 25]
    assert numbers("accuracy > 0.75 and hgb") == [
        trial.number for trial in trials if (trial.value or 0) > 0.75 and trial.family == "hgb"
    ]
    assert numbers("latency >= 1 and latency <= 2") == [trial.number for trial in trials if 10 <= trial.number <= 20]
    assert numbers("not latency < 2.5") == [number for number in range(60) if number not in numbers("latency < 2.5")]
    with pytest.raises(UsageError, match="latency is a number"):
        numbers("latency = high")
    with pytest.raises(UsageError) as caught:
        numbers("roc_auc > 0.5")
    assert "latency" in caught.value.remedy
    services.close()
