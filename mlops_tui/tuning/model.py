"""A study and its trials as the fronts read them."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from mlops_tui.core.errors import UsageError

RUNNING, PAUSED, STOPPING = "running", "paused", "stopping"
OPEN = (RUNNING, PAUSED, STOPPING)
"""The states of a study that has not ended."""
STOPPED, DONE, FAILED, CANCELLED, INTERRUPTED = "stopped", "done", "failed", "cancelled", "interrupted"
WORKER_DIED = "Its worker died."
"""Why a trial failed that nobody ended; its run is lost."""

FAMILIES = {
    "binary": ("hgb", "random_forest", "extra_trees", "logistic", "dummy"),
    "multiclass": ("hgb", "random_forest", "extra_trees", "logistic", "dummy"),
    "regression": ("hgb", "random_forest", "extra_trees", "ridge", "dummy"),
}
"""Estimator families that are tried unless others are named, by task."""

_ANY_TASK = ("linear_svm", "rbf_svm", "knn", "mlp", "lightgbm", "xgboost", "catboost", "dummy")
_OF_CLASSES = ("hgb", "random_forest", "extra_trees", "logistic", *_ANY_TASK)
KNOWN_FAMILIES = {
    "binary": _OF_CLASSES,
    "multiclass": _OF_CLASSES,
    "regression": ("hgb", "random_forest", "extra_trees", "ridge", "elastic_net", *_ANY_TASK),
}
"""Every family that may be named, by task."""
FROM_EXTRA = frozenset({"lightgbm", "xgboost", "catboost"})
"""Families that need the package of the same name, which the extra `boost` brings."""
ROWS_AT_MOST = {"rbf_svm": 10_000, "knn": 50_000, "mlp": 100_000}
"""Families whose time grows faster than the rows do, and up to how many rows they are tried."""
UNWEIGHTED = frozenset({"knn"})
"""Families whose rows cannot weigh differently."""

SAMPLERS = {
    "tpe": "a model of what was good so far",
    "random": "each by itself, at random",
    "qmc": "evenly over the space",
    "cmaes": "evolution of a normal distribution",
    "nsgaii": "a genetic algorithm",
    "grid": "a few values of each parameter, all combined",
}
"""How configurations are drawn."""
FOLDS, FOLDS_AT_LEAST, FOLDS_AT_MOST = 5, 2, 50
ENSEMBLE = "ensemble"
"""The family of what is an average of several trials, and the kind of its analysis."""
TRIAL_MEMORY_AT_LEAST = 500_000_000
"""Bytes that a worker needs for itself, before it learns anything."""
BASELINE = "dummy"
"""The family that looks at no column."""
AS_A_COPY = "as a copy of it would"
"""Said of a feature that tells the target all by itself."""

PAIRED, NONE = "paired", "none"
PRUNERS = {
    PAIRED: "once it cannot catch up with the best, compared fold by fold",
    NONE: "never",
}
"""When a trial is stopped before its last fold."""

MEDIAN, HYPERBAND = "median", "hyperband"
OWN_PRUNERS = {
    MEDIAN: "once it is worse than the median of the others at the same step",
    HYPERBAND: "in rounds, of which only the best third goes on",
    NONE: "never",
}
"""When a trial of an objective of the user's own is stopped, by what it reports."""
OWN = "objective"
"""The task of a study of an objective of the user's own."""
MOST_OBJECTIVES = 4
HAS_CHANGED = "has changed since the study began"
"""What a study's notice says of the file of an objective of the user's own that is another one now."""

FROM_JOB = {
    "queued": RUNNING,
    "running": RUNNING,
    "paused": PAUSED,
    "stopping": STOPPING,
    "stopped": STOPPED,
    "done": DONE,
    "failed": FAILED,
    "cancelled": CANCELLED,
    "lost": INTERRUPTED,
}
"""A study's state is that of the job that works on it."""


@dataclass(frozen=True, slots=True)
class Script:
    """An objective of the user's own: its file and the folder that it works in as the store keeps paths, the function, the
    file's hash when the study began, and what git said of it, `{"commit", "dirty"}` or None.
    """

    path: str
    function: str
    sha256: str
    folder: str
    code: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Objective:
    """One of the things that a study makes best."""

    name: str
    direction: str

    @property
    def sign(self) -> float:
        """What turns its values into ones that are the higher the better."""
        return 1.0 if self.direction == "maximize" else -1.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A configuration that a study begins with since it was the best of its family in an earlier one."""

    study: str
    trial: int
    family: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parent:
    """The study that another one goes on from: the numbers of its trials that came along, of so many complete ones, and how
    many studies went before in this way."""

    study: str
    name: str
    trials: tuple[int, ...]
    complete: int
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Study:
    """One study. `timeout` is in seconds; `features` are {"name", "kind"}; `state` is read from its newest job; `weight` is
    the column that says what each row weighs; `space` are distributions, as Optuna's JSON, in place of the families' own.

    `script` is an objective of the user's own: then there is no source, no target and no family, and `space` is what its
    trials have drawn from so far. `objectives` are none where there is but one, that of `metric`.
    """

    id: str
    name: str
    source_id: str
    version: int
    target: str
    positive: str | None
    task: str
    metric: str
    direction: str
    families: tuple[str, ...]
    sampler: str
    seed: int
    trials: int
    timeout: float | None
    workers: int
    folds: int
    state: str
    features: list[dict[str, str]]
    held_out: dict[str, Any] | None
    held_out_hash: str | None
    held_out_rows: int | None
    training_rows: int | None
    notices: list[str]
    job_id: str | None
    best_run: str | None
    best_value: float | None
    created: str
    ended: str | None
    reason: str | None
    weight: str | None = None
    space: dict[str, dict[str, Any]] = field(default_factory=dict)
    pruner: str = "paired"
    script: Script | None = None
    objectives: tuple[Objective, ...] = ()
    trial_timeout: float | None = None
    """Seconds that one trial may take."""
    trial_memory: int | None = None
    """Bytes that the process of one trial may hold."""
    ensemble: bool = False
    warm_start: tuple[Begun, ...] = ()
    """What is tried after the defaults."""
    split: str | None = None
    """How rows become folds; None for an objective of the user's own."""
    parent: Parent | None = None
    window: str | None = None
    """Which rows of its version it is of, as `data.learning` reads it; None for all."""

    @property
    def sign(self) -> float:
        """What turns a value of its metric into one that is the higher the better."""
        return 1.0 if self.direction == "maximize" else -1.0

    def higher_better(self, values: Sequence[float]) -> tuple[float, ...]:
        """The values of its objectives, each with the sign by which higher is better."""
        return tuple(one.sign * value for one, value in zip(self.objectives, values, strict=True))


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial, mirrored from Optuna: `state` is running, complete, pruned or fail; `seconds` its duration.

    `fold_values` are those of the folds that it was scored on; `cpu_seconds` are of all threads, `predict_seconds` for 1,000
    rows, `peak_bytes` the most memory that its process held. `values` has one for each of several objectives, and `value`
    is the first of them; `attributes` are those that an objective of the user's own has set.
    """

    study_id: str
    number: int
    run_id: str
    state: str
    value: float | None
    family: str
    params: dict[str, Any]
    seconds: float | None
    reason: str | None
    fold_values: list[float] | None
    started: str
    ended: str | None
    cpu_seconds: float | None = None
    predict_seconds: float | None = None
    peak_bytes: int | None = None
    values: list[float] | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    is_hidden: bool = False
    """Whether a person has taken it out of the best, the pictures and what the sampler learns from."""


@dataclass(frozen=True, slots=True)
class Finalist:
    """One of a study's best trials, scored once more on folds drawn anew: `value` is its mean over the study's own folds,
    `recheck` that over the new ones, both on the same rows; `error` is the standard error of its difference to the best of
    the finalists. `why` says of the chosen one why it is.
    """

    study_id: str
    number: int
    run_id: str
    value: float
    recheck: float
    error: float
    fold_values: list[float]
    chosen: bool
    why: str | None


def about_workers(workers: int) -> list[str]:
    """What there is to say of so many workers: a sentence where there are more than cores, else nothing."""
    if workers <= (cores := os.cpu_count() or 1):
        return []
    return [f"{workers} workers on {cores} {'core' if cores == 1 else 'cores'} wait for each other."]


def family_names() -> list[str]:
    """Every family that may be named, whatever the task."""
    return list(dict.fromkeys(family for known in KNOWN_FAMILIES.values() for family in known))


def choose_families(task: str, given: Sequence[str] | None, own: Collection[str] = ()) -> list[str]:
    """The named families, or those that are tried unless others are named; `own` are the user's own.

    Raises:
        UsageError: there is no such family for the task, its package is not installed, or one of the user's own has the
            name of one of ours.
    """
    if taken := [name for name in own if name in family_names()]:
        raise UsageError(
            f"The settings name a family '{taken[0]}' of your own, and there is one of that name already.",
            "Give yours another name, in the table [families] of: mlops-tui config path",
        )
    known = [*KNOWN_FAMILIES[task], *own]
    for family in given or ():
        if family not in known:
            raise UsageError(f"There is no family '{family}' for a {task} target.", f"Choose from: {', '.join(known)}.")
        if family in FROM_EXTRA and find_spec(family) is None:
            raise UsageError(
                f"The family '{family}' needs the package {family}, which is not installed.",
                "Install it with: pip install 'mlops-tui[boost]'",
            )
    return list(dict.fromkeys(given or FAMILIES[task]))


def without_too_many_rows(families: Sequence[str], rows: int) -> tuple[list[str], list[str]]:
    """The families that are tried on so many rows, and a sentence for each that is not.

    Raises:
        UsageError: none of them is.
    """
    tried = [family for family in families if rows <= ROWS_AT_MOST.get(family, rows)]
    if not tried:
        raise UsageError(
            f"{rows:,} rows are too many for {', '.join(families)}.",
            f"Name a family without a limit, for example: {FAMILIES['binary'][0]}.",
        )
    return tried, [
        f"Family '{family}' is left out: it is tried on {ROWS_AT_MOST[family]:,} rows or fewer, and there are {rows:,}."
        for family in families
        if family not in tried
    ]
