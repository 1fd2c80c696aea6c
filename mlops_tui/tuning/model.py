"""A study and its trials as the fronts read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RUNNING, PAUSED, STOPPING = "running", "paused", "stopping"
STOPPED, DONE, FAILED, INTERRUPTED = "stopped", "done", "failed", "interrupted"
WORKER_DIED = "Its worker died."
"""Why a trial failed that nobody ended; its run is lost."""

FAMILIES = {
    "binary": ("hgb", "random_forest", "logistic"),
    "multiclass": ("hgb", "random_forest", "logistic"),
    "regression": ("hgb", "random_forest", "ridge"),
}
"""Estimator families by task, in the order in which their defaults are tried."""

ROWS_AT_MOST = {"rbf_svm": 10_000, "knn": 50_000, "mlp": 100_000}
"""Families whose time grows faster than the rows do, and up to how many rows they are tried."""

FROM_JOB = {
    "queued": RUNNING,
    "running": RUNNING,
    "paused": PAUSED,
    "stopping": STOPPING,
    "stopped": STOPPED,
    "done": DONE,
    "failed": FAILED,
    "cancelled": INTERRUPTED,
    "lost": INTERRUPTED,
}
"""A study's state is that of the job that works on it."""


@dataclass(frozen=True, slots=True)
class Study:
    """One study. `timeout` is in seconds; `features` are {"name", "kind"}; `state` is read from its newest job; `weight` is
    the column that says what each row weighs."""

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


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial, mirrored from Optuna: `state` is running, complete, pruned or fail; `seconds` its duration.

    `fold_values` are those of the folds that it was scored on; `cpu_seconds` are of all threads, `predict_seconds` for 1,000
    rows, `peak_bytes` the most memory that its process held.
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
