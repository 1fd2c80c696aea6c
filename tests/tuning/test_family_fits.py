"""Every family learns from the matrices of a study, and its pipeline from a table, whatever the task."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_squared_error

from mlops_tui.core.errors import ModelFileError, UsageError
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.features.engine import places_of_categories, preprocessor
from mlops_tui.features.model import FeatureColumn
from mlops_tui.registry.engine.file import dump, parse
from mlops_tui.store.artifact import place
from mlops_tui.store.workspace import create
from mlops_tui.tuning.engine.families import ALL, BY_NAME
from mlops_tui.tuning.engine.families.boosting import loaded
from mlops_tui.tuning.engine.families.family import Family, Part, Problem, Wants, takes_weights
from mlops_tui.tuning.engine.fit import build, fit_weighted
from tests.tuning.conftest import make_people

TARGETS = {"binary": "left", "multiclass": "stage", "regression": "spent"}
COLUMNS = (
    FeatureColumn("age", "numeric"),
    FeatureColumn("visits", "integer"),
    FeatureColumn("plan", "category"),
    FeatureColumn("member", "boolean"),
)


def can_be_loaded(family: Family) -> bool:
    """Whether a boosting package finds the libraries of the system that it needs."""
    try:
        return family.needs is None or loaded(family.needs) is not None
    except UsageError:
        return False


CASES = [
    (task, name)
    for task in TARGETS
    for name, family in BY_NAME.items()
    if task in family.tasks and can_be_loaded(family)
]
TWO_TASKS = [(task, name) for task, name in CASES if task != "multiclass"]
STOPPING = [(task, name) for task, name in CASES if BY_NAME[name].stopping]

Mapped = Callable[[np.ndarray], np.ndarray]


class Table(NamedTuple):
    """Rows to learn from, to stop by and to score; `y` holds codes of classes, or numbers."""

    rows: pd.DataFrame
    y: np.ndarray
    learnt: slice = slice(0, 200)
    stopped_by: slice = slice(200, 260)
    scored: slice = slice(260, 400)


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    people = make_people(400)
    codes = {task: np.unique(people[TARGETS[task]], return_inverse=True)[1] for task in ("binary", "multiclass")}
    return {task: Table(people, codes.get(task, people["spent"].to_numpy())) for task in TARGETS}


@pytest.fixture
def mapped(tmp_path: Path) -> Mapped:
    """Writes a matrix to a file and maps it, to be read only, as a study's workers do."""

    def read(matrix: np.ndarray) -> np.ndarray:
        np.save(tmp_path / "matrix.npy", np.ascontiguousarray(matrix))
        return np.load(tmp_path / "matrix.npy", mmap_mode="r")

    return read


def matrix_of(table: Table, wants: Wants) -> np.ndarray:
    steps = preprocessor(COLUMNS, scale=wants.scale, encode=wants.encode, impute=wants.impute)
    rows = table.rows[[column.name for column in COLUMNS]]
    return steps.fit(rows.iloc[table.learnt]).transform(rows).astype(wants.dtype)


def problem_of(task: str, family: Family) -> Problem:
    return Problem(task, 0, 200, places_of_categories(COLUMNS) if family.wants.encode == "ordinal" else ())


def fitted(
    task: str, family: Family, table: Table, x: np.ndarray, params: dict[str, Any], weights: np.ndarray | None = None
) -> tuple[Any, int | None]:
    """The estimator on the first rows, and its rounds."""
    estimator = family.make(params, problem_of(task, family))
    parts = [
        Part(x[rows], table.y[rows], None if weights is None else weights[rows])
        for rows in (table.learnt, table.stopped_by)
    ]
    if family.stopping is not None:
        return estimator, family.stopping.fit(estimator, *parts)
    fit = {} if weights is None or not takes_weights(estimator) else {"sample_weight": parts[0].weights}
    return estimator.fit(parts[0].x, parts[0].y, **fit), None


def loss(task: str, estimator: Any, x: np.ndarray, y: np.ndarray) -> float:
    """The mean squared error, of the probabilities where there are classes (Brier 1950)."""
    if task == REGRESSION:
        return float(mean_squared_error(y, estimator.predict(x)))
    return float(((estimator.predict_proba(x) - np.eye(3)[y][:, : len(estimator.classes_)]) ** 2).mean())


@pytest.mark.parametrize(("task", "name"), CASES)
def test_a_family_does_better_than_the_baseline_on_rows_that_it_has_not_seen(
    tables: dict[str, Table], mapped: Mapped, task: str, name: str
) -> None:
    """By its defaults, from a matrix that cannot be written to; the baseline itself does as well as it does."""
    table, family, dummy = tables[task], BY_NAME[name], BY_NAME["dummy"]
    x = mapped(matrix_of(table, family.wants))
    estimator, _ = fitted(task, family, table, x, family.defaults)
    said = loss(task, estimator, x[table.scored], table.y[table.scored])
    guess = loss(task, fitted(task, dummy, table, x, {})[0], x[table.scored], table.y[table.scored])
    assert said == pytest.approx(guess) if name == "dummy" else said < 0.95 * guess


@pytest.mark.parametrize(("task", "name"), TWO_TASKS)
def test_the_pipeline_of_a_family_learns_labels_and_is_the_same_from_its_file(
    tables: dict[str, Table], tmp_path: Path, task: str, name: str
) -> None:
    """With rounds in place of rows to stop by; the file holds no type that loading it would not be told of."""
    table, family = tables[task], BY_NAME[name]
    rows, y = table.rows.iloc[table.learnt], table.rows[TARGETS[task]].to_numpy()[table.learnt]
    rounds = {family.stopping.parameter: 7} if family.stopping else {}
    study = SimpleNamespace(task=task, seed=0)
    pipeline = build(study, name, family.defaults | rounds, COLUMNS, len(rows))  # type: ignore[arg-type]
    fit_weighted(pipeline, rows, y, None)
    said = pipeline.predict(table.rows)
    assert said.shape == (len(table.rows),)
    if task != REGRESSION:
        assert set(said) <= set(y)
        assert pipeline.classes_.tolist() == sorted(set(y))
    workspace = create((tmp_path / "work").resolve())
    digest, _, types = dump(workspace, pipeline)
    again = parse(place(workspace, digest), types)
    if task == REGRESSION:  # threads add up in any order
        assert again.predict(table.rows) == pytest.approx(said, rel=1e-12)
    else:
        assert np.array_equal(again.predict(table.rows), said)


@pytest.mark.skipif(("binary", "lightgbm") not in CASES, reason="LightGBM cannot be loaded here")
def test_a_model_whose_package_is_missing_says_what_to_install(
    tables: dict[str, Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, family = tables["binary"], BY_NAME["lightgbm"]
    study = SimpleNamespace(task="binary", seed=0)
    pipeline = build(study, "lightgbm", family.defaults | {"n_estimators": 2}, COLUMNS, 200)  # type: ignore[arg-type]
    workspace = create((tmp_path / "work").resolve())
    digest, _, types = dump(workspace, pipeline.fit(table.rows.iloc[table.learnt], table.y[table.learnt]))
    for module in [name for name in sys.modules if name.partition(".")[0] == "lightgbm"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelFileError) as refused:
        parse(place(workspace, digest), types)
    assert refused.value.title == "The model file needs the package lightgbm, which is not installed here."


@pytest.mark.parametrize(("task", "name"), TWO_TASKS)
def test_rows_weigh_what_they_have_to_wherever_a_family_can(tables: dict[str, Table], task: str, name: str) -> None:
    """Nearest neighbours alone cannot."""
    table, family = tables[task], BY_NAME[name]
    x = matrix_of(table, family.wants)
    weights = np.where(table.rows["visits"] > 20, 5.0, 0.05)
    plain, weighted = (
        loss(task, fitted(task, family, table, x, family.defaults, some)[0], x, table.y) for some in (None, weights)
    )
    assert (plain == weighted) is (name == "knn")


@pytest.mark.parametrize(("task", "name"), STOPPING)
def test_a_family_that_stops_early_says_its_rounds_and_the_final_fit_keeps_to_them(
    tables: dict[str, Table], task: str, name: str
) -> None:
    """On the same rows, with the same number of rounds, it says the same without rows to stop by."""
    table, family = tables[task], BY_NAME[name]
    assert family.stopping is not None
    x = matrix_of(table, family.wants)
    stopped, rounds = fitted(task, family, table, x, family.defaults)
    assert rounds is not None
    assert 1 <= rounds <= 1000
    final = family.make(family.defaults | {family.stopping.parameter: rounds}, problem_of(task, family))
    final.fit(x[table.learnt], table.y[table.learnt])
    ours = [loss(task, one, x[table.scored], table.y[table.scored]) for one in (stopped, final)]
    assert ours[1] < 1.15 * ours[0]


def test_a_package_that_cannot_be_loaded_is_said_with_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    family = next(family for family in ALL if family.name == "lightgbm")
    with pytest.raises(UsageError, match="The package lightgbm cannot be loaded here: ") as refused:
        family.make(family.defaults, Problem("binary", 0, 100))
    assert "libgomp" in refused.value.remedy


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
def test_what_a_family_begins_with_lies_within_its_space(family: Family) -> None:
    for params in (family.defaults, *family.portfolio):
        assert params.keys() == family.space.keys()
        for key, kind in family.space.items():
            assert kind._contains(kind.to_internal_repr(params[key])), (key, params[key])
            assert type(params[key]) is type(kind.to_external_repr(kind.to_internal_repr(params[key])))


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
def test_no_two_configurations_that_a_family_begins_with_are_alike(family: Family) -> None:
    begun = [family.defaults, *family.portfolio]
    assert all(one not in begun[:place] for place, one in enumerate(begun))
    assert len(family.portfolio) <= 4
