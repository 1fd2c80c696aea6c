"""Metrics by name: their direction, the tasks they fit, and the scikit-learn scorer that computes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mlops_tui.core.errors import UsageError

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
CLASSES = frozenset({BINARY, MULTICLASS})
ANY_TASK = CLASSES | {REGRESSION}
MAXIMIZE, MINIMIZE = "maximize", "minimize"


@dataclass(frozen=True, slots=True)
class Metric:
    """`scorer` is scikit-learn's name by task; a scorer whose sign is turned there has `negated`.

    `in_units` says that the metric grows with the target's own units, so that a margin is a share of it.
    """

    name: str
    direction: str
    scorers: dict[str, str]
    negated: bool = False
    in_units: bool = False


def _of_classes(name: str, scorer: str | None = None) -> Metric:
    return Metric(name, MAXIMIZE, dict.fromkeys(sorted(CLASSES), scorer or name))


def _of_two(name: str) -> Metric:
    return Metric(name, MAXIMIZE, {BINARY: name})


def _loss(name: str, scorer: str) -> Metric:
    return Metric(name, MINIMIZE, dict.fromkeys(sorted(CLASSES), scorer), negated=True)


def _error(name: str, scorer: str, *, in_units: bool = True) -> Metric:
    return Metric(name, MINIMIZE, {REGRESSION: scorer}, negated=True, in_units=in_units)


def _of_numbers(name: str, scorer: str | None = None) -> Metric:
    return Metric(name, MAXIMIZE, {REGRESSION: scorer or name})


METRICS = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", MAXIMIZE, {BINARY: "roc_auc", MULTICLASS: "roc_auc_ovr"}),
        Metric("roc_auc_ovo", MAXIMIZE, {MULTICLASS: "roc_auc_ovo"}),
        _of_classes("average_precision"),
        _loss("log_loss", "neg_log_loss"),
        _loss("brier_score", "neg_brier_score"),
        _of_classes("accuracy"),
        _of_classes("balanced_accuracy"),
        _of_two("f1"),
        _of_classes("f1_macro"),
        _of_classes("f1_weighted"),
        _of_two("precision"),
        _of_classes("precision_macro"),
        _of_classes("precision_weighted"),
        _of_two("recall"),
        _of_classes("recall_macro"),
        _of_classes("recall_weighted"),
        _of_two("jaccard"),
        _of_classes("jaccard_macro"),
        _of_classes("matthews_corrcoef"),
        _of_classes("d2_log_loss", "d2_log_loss_score"),
        _of_classes("d2_brier_score"),
        _error("rmse", "neg_root_mean_squared_error"),
        _error("mae", "neg_mean_absolute_error"),
        _error("mse", "neg_mean_squared_error"),
        _error("median_absolute_error", "neg_median_absolute_error"),
        _error("max_error", "neg_max_error"),
        _error("mape", "neg_mean_absolute_percentage_error", in_units=False),
        _error("rmsle", "neg_root_mean_squared_log_error", in_units=False),
        _error("poisson_deviance", "neg_mean_poisson_deviance"),
        _error("gamma_deviance", "neg_mean_gamma_deviance", in_units=False),
        _of_numbers("r2"),
        _of_numbers("explained_variance"),
        _of_numbers("d2_absolute_error", "d2_absolute_error_score"),
    )
}
DEFAULTS = {BINARY: "roc_auc", MULTICLASS: "log_loss", REGRESSION: "rmse"}


COSTS = {
    "predict_seconds": "the time to predict 1,000 rows",
    "cpu_seconds": "the processor's time to fit and score",
    "peak_bytes": "the most memory that its process held",
}
"""What a trial costs; each may be made small beside a metric of quality."""


def choose_metrics(task: str, names: str | None) -> tuple[Metric, list[str]]:
    """The metric of quality, and the costs that are named after it with commas between.

    Raises:
        UsageError: there is no such metric, it does not fit the task, or what follows it is no cost.
    """
    first, *costs = [name.strip() for name in (names or "").split(",")]
    if first in COSTS:
        raise UsageError(f"The first metric is one of quality, and {first} is a cost.", f"For example: roc_auc,{first}")
    metric = choose_metric(task, first or None)
    for place, name in enumerate(costs):
        if name not in COSTS or name in costs[:place]:
            raise UsageError(
                f"'{name}' is no further objective beside {metric.name}.", f"Choose each once, of: {', '.join(COSTS)}."
            )
    return metric, costs


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


OF_PROBABILITIES = frozenset(
    {"roc_auc", "roc_auc_ovo", "average_precision", "log_loss", "brier_score", "d2_log_loss", "d2_brier_score"}
)
"""Metrics that labels alone say little of."""
SHORT = {
    "auc": "roc_auc",
    "acc": "accuracy",
    "ap": "average_precision",
    "brier": "brier_score",
    "logloss": "log_loss",
    "mcc": "matthews_corrcoef",
}
"""What metrics are called for short."""
UNSEEN = re.compile(r"val|test|cv|oof|holdout")
"""What stands in the name of a metric of rows that were not learnt from."""
BEFORE = re.compile(r"^(?:val(?:id(?:ation)?)?|test|cv|oof|holdout|eval|final|mean)[_./:\- ]+")


def metric_by_names(names: Iterable[str], task: str) -> str | None:
    """The metric of ours that the first of these names says which does and fits the task, whatever stands before it (`val_auc`);
    names of rows that were not learnt from go first.
    """
    for name in sorted(names, key=lambda one: (UNSEEN.search(one.lower()) is None, one)):
        bare = BEFORE.sub("", name.lower())
        found = METRICS.get(SHORT.get(bare, bare))
        if found is not None and task in found.scorers:
            return found.name
    return None


SMALL = ("loss", "error", "rmse", "mse", "mae", "mape", "perplexity", "seconds", "time", "latency", "bytes", "deviance")
GREAT = (
    "acc",
    "accuracy",
    "auc",
    "f1",
    "precision",
    "recall",
    "score",
    "r2",
    "iou",
    "dice",
    "bleu",
    "rouge",
    "reward",
    "map",
)
"""Words of a metric's name that tell its direction where it is none of ours."""


def direction_by_name(name: str) -> str | None:
    """Which way a metric is better as its name tells, whatever stands before it: `val_auc`, `test/log_loss`; None where it
    tells nothing.
    """
    low = name.lower()
    for known in sorted(METRICS, key=len, reverse=True):
        if low == known or low.endswith(tuple(f"{sign}{known}" for sign in "/_.-: ")):
            return METRICS[known].direction
    words = set(re.split(r"[^a-z0-9]+", low))
    if words & set(SMALL):
        return MINIMIZE
    return MAXIMIZE if words & set(GREAT) else None
