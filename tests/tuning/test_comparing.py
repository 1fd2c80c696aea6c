"""Trials that are compared: by rows where what they said was kept, else by folds, and not at all where they had others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from mlops_tui.cli.main import run as mlops
from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.comparing import compare
from mlops_tui.tuning.engine.predictions import folder_of
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies


@pytest.fixture
def verdict(store: Store) -> Callable[..., dict[str, Any]]:
    def told(*runs: str) -> dict[str, Any]:
        [found] = compare(AnswerContext(store, Settings()), runs=list(runs))["verdicts"]
        return dict(found)

    return told


@pytest.fixture
def trials(store: Store, studies: Studies, source: Source, work: Callable[[Study], Tuning]) -> dict[str, str]:
    """A study's runs by their family: one learns, one does not."""
    study = studies.create("s", families=["logistic", "dummy"], trials=2)
    work(study)
    return {trial.family: trial.run_id for trial in list_trials(store.reader, study.id)}


def test_one_that_learns_is_better_than_one_that_does_not(
    trials: dict[str, str], verdict: Callable[..., dict[str, Any]]
) -> None:
    found = verdict(trials["logistic"], trials["dummy"])
    assert (found["verdict"], found["by"], found["metric"], found["why"]) == ("better", "rows", "roc_auc", None)
    assert found["interval"][0] > 0
    again = verdict(trials["dummy"], trials["logistic"])
    assert again["verdict"] == "worse"
    assert again["difference"] == pytest.approx(-found["difference"])


def test_where_what_they_said_is_gone_the_folds_tell(
    store: Store, trials: dict[str, str], verdict: Callable[..., dict[str, Any]]
) -> None:
    study_id = list_trials(store.reader, store.reader.execute("SELECT id FROM study").fetchone()[0])[0].study_id
    shutil.rmtree(folder_of(store.workspace, study_id))
    found = verdict(trials["logistic"], trials["dummy"])
    assert (found["by"], found["n"]) == ("folds", 5)
    assert found["verdict"] == "better"


def test_the_same_configuration_in_two_studies_of_the_same_rows_and_folds_is_too_close(
    store: Store,
    studies: Studies,
    source: Source,
    work: Callable[[Study], Tuning],
    verdict: Callable[..., dict[str, Any]],
) -> None:
    study = studies.create("s", families=["logistic"], trials=1)
    work(study)
    other = studies.create("s", families=["logistic"], trials=2)
    work(other)
    first = list_trials(store.reader, study.id)[0]
    same = next(trial for trial in list_trials(store.reader, other.id) if trial.params == first.params)
    found = verdict(first.run_id, same.run_id)
    assert (found["verdict"], found["difference"], found["interval"]) == ("too_close", 0.0, [0.0, 0.0])


def test_what_was_scored_on_other_rows_or_is_no_trial_is_not_compared(
    store: Store,
    studies: Studies,
    trials: dict[str, str],
    work: Callable[[Study], Tuning],
    verdict: Callable[..., dict[str, Any]],
) -> None:
    other = studies.create("s", families=["logistic"], trials=1, seed=9)
    work(other)
    found = verdict(trials["logistic"], list_trials(store.reader, other.id)[0].run_id)
    assert (found["verdict"], found["why"]) == ("unknown", "they were not scored on the same rows")
    log = RunLog(Store(store.workspace), *start_run(store, name="mine"))
    log.end()
    found = verdict(trials["logistic"], log.id)
    assert (found["verdict"], found["metric"]) == ("unknown", None)


def test_the_command_sets_runs_side_by_side_and_says_which_is_better(
    store: Store, trials: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.workspace.root)
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    code, _ = mlops(["runs", "compare", trials["logistic"], trials["dummy"]])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    words = printed.out
    assert words.splitlines()[0].split()[0] == "Parameters"
    assert " is better than " in words
    assert "roc_auc, 95 % between " in words
    assert "are alike in all of them" in words
    code, _ = mlops(["runs", "compare", trials["dummy"]])
    assert (code, "There is one run" in capsys.readouterr().err) == (2, True)


def test_the_difference_is_that_of_the_two_trials_values(
    store: Store, trials: dict[str, str], verdict: Callable[..., dict[str, Any]]
) -> None:
    """The mean over folds, as the table of trials has it, not the metric of all rows together."""
    found = verdict(trials["logistic"], trials["dummy"])
    values = [get_run(store.reader, trials[family]).metrics["roc_auc"] for family in ("logistic", "dummy")]
    assert found["values"] == pytest.approx(values, abs=1e-6)
    assert found["difference"] == pytest.approx(values[0] - values[1], abs=1e-6)


def test_trials_are_judged_by_another_metric_that_fits(store: Store, trials: dict[str, str]) -> None:
    context, runs = AnswerContext(store, Settings()), [trials["logistic"], trials["dummy"]]
    [found] = compare(context, runs=runs, metric="log_loss")["verdicts"]
    assert (found["metric"], found["verdict"], found["by"]) == ("log_loss", "better", "rows")
    [none] = compare(context, runs=runs, metric="rmse")["verdicts"]
    assert (none["verdict"], none["why"]) == ("unknown", "rmse is no metric of theirs")
    with pytest.raises(UsageError, match="There is no metric 'nonsense'"):
        compare(context, runs=runs, metric="nonsense")
