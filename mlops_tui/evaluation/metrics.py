"""Metrics by name: their direction, the tasks they fit, and the scikit-learn scorer that computes them."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_tui.core.errors import UsageError

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
CLASSES = frozenset({BINARY, MULTICLASS})
ANY_TASK = CLASSES | {REGRESSION}


@dataclass(frozen=True, slots=True)
class Metric:
    """`scorer` is scikit-learn's name by task; a scorer whose sign is turned there has `negated`."""

    name: str
    direction: str
    scorers: dict[str, str]
    negated: bool = False


METRICS = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", "maximize", {BINARY: "roc_auc", MULTICLASS: "roc_auc_ovr"}),
        Metric("log_loss", "minimize", {BINARY: "neg_log_loss", MULTICLASS: "neg_log_loss"}, negated=True),
        Metric("accuracy", "maximize", {BINARY: "accuracy", MULTICLASS: "accuracy"}),
        Metric("rmse", "minimize", {REGRESSION: "neg_root_mean_squared_error"}, negated=True),
        Metric("mae", "minimize", {REGRESSION: "neg_mean_absolute_error"}, negated=True),
        Metric("r2", "maximize", {REGRESSION: "r2"}),
    )
}
DEFAULTS = {BINARY: "roc_auc", MULTICLASS: "log_loss", REGRESSION: "rmse"}


def choose_metric(task: str, name: str | None) -> Metric:
    """The metric of that name, or the task's own.

    Raises:
        UsageError: there is none of that name, or it does not fit the task.
    """
    fitting = [metric.name for metric in METRICS.values() if task in metric.scorers]
    metric = METRICS.get(name or DEFAULTS[task])
    if metric is None:
        raise UsageError(f"There is no metric '{name}'.", f"For {task}: {', '.join(fitting)}.")
    if task not in metric.scorers:
        raise UsageError(f"The metric {name} does not fit a {task} target.", f"Choose one of: {', '.join(fitting)}.")
    return metric
