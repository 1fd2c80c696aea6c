"""The baseline: the classes' shares or the mean of the target, whatever the row; every other family has to do better."""

from __future__ import annotations

from typing import Any

from sklearn.dummy import DummyClassifier, DummyRegressor

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants


def _make(params: dict[str, Any], problem: Problem) -> Any:
    return DummyRegressor(strategy="mean") if problem.task == REGRESSION else DummyClassifier(strategy="prior")


FAMILY = Family(
    name="dummy",
    tasks=ANY_TASK,
    space={},
    defaults={},
    make=_make,
    wants=Wants(encode="ordinal", impute=True, dtype="float32"),
    cost=0.1,
)
