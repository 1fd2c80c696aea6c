"""Fits of scikit-learn's that leave runs by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import mlops_tui as mt
from mlops_tui.runs.query import artifacts_of, get_run, inputs_of, page, runs_within
from mlops_tui.store.store import Store

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(80, 3))
Y = (X[:, 0] + DRAW.normal(0, 0.5, 80) > 0).astype(int)


@pytest.fixture(autouse=True)
def logging(here: Store) -> Iterator[None]:
    before = LogisticRegression.fit, BaseEstimator.__dict__.get("__init_subclass__")
    mt.autolog()
    yield
    mt.autolog(on=False)
    assert (LogisticRegression.fit, BaseEstimator.__dict__.get("__init_subclass__")) == before


def test_a_fit_is_a_run_with_its_parameters_score_rows_and_model(here: Store) -> None:
    model = LogisticRegression(C=0.5).fit(X, Y)
    [run] = page(here.reader)
    assert (run.name, run.status) == ("LogisticRegression", "finished")
    assert run.params["C"] == 0.5
    assert run.metrics["training_score"] == pytest.approx(model.score(X, Y))
    assert run.metrics["fit_seconds"] > 0
    assert run.tags["estimator_class"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert [(given.name, given.role, given.rows) for given in inputs_of(here.reader, run.id)] == [
        ("X", "training", 80),
        ("y", "target", 80),
    ]
    assert {one.name for one in artifacts_of(here.reader, run.id)} >= {"model.skops", "model.json"}


def test_fits_within_a_fit_are_no_runs_of_their_own(here: Store) -> None:
    make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    assert [run.name for run in page(here.reader)] == ["Pipeline"]


def test_an_active_run_takes_the_fit_and_the_scores_that_are_asked_for(here: Store) -> None:
    with mt.start_run("mine", captured=False) as run:
        model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X[:60], Y[:60])
        test = model.score(X[60:], Y[60:])
    kept = get_run(here.reader, run.id)
    assert len(page(here.reader)) == 1
    assert kept.metrics["score"] == pytest.approx(test)
    assert kept.params["max_depth"] == 2


def test_each_fit_after_the_first_is_a_run_within_the_active_one(here: Store) -> None:
    """Their parameters and models are not mixed."""
    with mt.start_run("mine", captured=False) as run:
        DecisionTreeClassifier(max_depth=2).fit(X[:60], Y[:60])
        DecisionTreeClassifier(max_depth=5).fit(X[:60], Y[:60])
    ((within, name, status),) = runs_within(here.reader, run.id)
    assert (name, status) == ("DecisionTreeClassifier", "finished")
    assert [get_run(here.reader, one).params["max_depth"] for one in (run.id, within)] == [2, 5]
    assert all("model.skops" in {one.name for one in artifacts_of(here.reader, one)} for one in (run.id, within))


def test_a_search_leaves_the_table_of_what_it_tried(here: Store) -> None:
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=3).fit(X, Y)
    [run] = page(here.reader)
    assert run.name == "GridSearchCV"
    assert run.metrics["best_score"] == pytest.approx(search.best_score_)
    assert run.params["best.alpha"] == search.best_params_["alpha"]
    assert "search.csv" in {one.name for one in artifacts_of(here.reader, run.id)}


def test_each_fit_of_a_cross_validation_is_a_run(here: Store) -> None:
    cross_val_score(LogisticRegression(), X, Y, cv=4)
    assert [run.name for run in page(here.reader)] == ["LogisticRegression"] * 4


def test_an_estimator_of_ones_own_that_is_defined_later_is_logged_too(here: Store) -> None:
    class Own(ClassifierMixin, BaseEstimator):
        def __init__(self, depth: int = 1) -> None:
            self.depth = depth

        def fit(self, x: np.ndarray, y: np.ndarray) -> Own:
            if self.depth < 0:
                raise ValueError("a depth below zero")
            self.classes_, self.mode_ = np.unique(y), int(np.bincount(y).argmax())
            return self

        def predict(self, x: np.ndarray) -> np.ndarray:
            return np.full(len(x), self.mode_)

    Own(depth=3).fit(X, Y)
    with pytest.raises(ValueError, match="below zero"):
        Own(depth=-1).fit(X, Y)
    failed, finished = page(here.reader)
    assert (finished.name, finished.status, finished.params) == ("Own", "finished", {"depth": 3})
    assert failed.status == "failed"


def test_what_has_no_target_is_logged_without_a_score(here: Store) -> None:
    KMeans(n_clusters=2, n_init=1, random_state=0).fit(X)
    [run] = page(here.reader)
    assert "training_score" not in run.metrics
    assert [given.name for given in inputs_of(here.reader, run.id)] == ["X"]


def test_once_it_is_off_nothing_is_logged(here: Store) -> None:
    mt.autolog(on=False)
    LogisticRegression().fit(X, Y)
    assert page(here.reader) == []
    mt.autolog(models=False)
    LogisticRegression().fit(X, Y)
    [run] = page(here.reader)
    assert "model.skops" not in {one.name for one in artifacts_of(here.reader, run.id)}
