"""What a regression's metric is expected to be without labels is what labels come to, as long as rows are as hard as they were."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    explained_variance_score,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_gamma_deviance,
    mean_poisson_deviance,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
    root_mean_squared_log_error,
)

from mlops_tui.evaluation.metrics import METRICS, REGRESSION
from mlops_tui.monitoring.engine.losses import LEAST_ROWS, WAYS, learn_losses

SCORES = {
    "rmse": root_mean_squared_error,
    "mse": mean_squared_error,
    "mae": mean_absolute_error,
    "mape": mean_absolute_percentage_error,
    "rmsle": root_mean_squared_log_error,
    "poisson_deviance": mean_poisson_deviance,
    "gamma_deviance": mean_gamma_deviance,
    "r2": r2_score,
    "explained_variance": explained_variance_score,
}


def rows(n: int, seed: int, *, hard: float = 0.5) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Columns, truth and what is said of it: its error is five times as great on `hard` rows, a share of all."""
    draw = np.random.default_rng(seed)
    x, kind = draw.normal(size=n), np.where(draw.random(n) < hard, "hard", "easy")
    said = 50 + 10 * x
    truth = said + draw.normal(size=n) * np.where(kind == "hard", 5.0, 1.0)
    return pd.DataFrame({"x": x, "kind": kind}), np.maximum(truth, 0.1), np.maximum(said, 0.1)


@pytest.mark.parametrize("metric", sorted(WAYS))
def test_where_more_rows_are_hard_the_metric_is_expected_to_be_what_it_comes_to(metric: str) -> None:
    """Learnt where one row in two is hard, told where nine in ten are: off by less than a fifth of how far it moved."""
    frame, truth, said = rows(8_000, 1)
    losses = learn_losses(metric, frame, truth, said)
    assert losses is not None
    before = SCORES[metric](truth, said)
    frame, truth, said = rows(20_000, 2, hard=0.9)
    came, expected = SCORES[metric](truth, said), losses(frame, said)
    assert abs(came - before) > 0
    assert abs(expected - came) < 0.2 * abs(came - before)


@pytest.mark.parametrize("metric", sorted(WAYS))
def test_where_nothing_moved_it_is_expected_to_be_as_before(metric: str) -> None:
    """Over many draws without a bias that three standard errors would notice."""
    frame, truth, said = rows(5_000, 3)
    losses = learn_losses(metric, frame, truth, said)
    assert losses is not None
    gaps = []
    for seed in range(20):
        frame, truth, said = rows(3_000, 100 + seed)
        gaps.append(losses(frame, said) - SCORES[metric](truth, said))
    of_reference = abs(SCORES[metric](*rows(5_000, 3)[1:]) - SCORES[metric](*rows(200_000, 4)[1:]))
    assert abs(np.mean(gaps)) < 3 * np.std(gaps, ddof=1) / np.sqrt(20) + 2 * of_reference


def test_every_metric_that_is_a_mean_of_losses_is_expected() -> None:
    """Of the others, which are medians and greatest errors, nothing is."""
    others = {"median_absolute_error", "max_error", "d2_absolute_error"}
    assert set(WAYS) == {name for name, metric in METRICS.items() if REGRESSION in metric.scorers} - others
    frame, truth, said = rows(LEAST_ROWS, 5)
    assert all(learn_losses(name, frame, truth, said) is None for name in others)
    assert learn_losses("rmse", frame.iloc[1:], truth[1:], said[1:]) is None
    assert learn_losses("rmse", frame, truth, said) is not None


def test_where_nothing_tells_hard_rows_from_easy_ones_one_figure_stands_for_all() -> None:
    """A model that is no better on rows that it has not seen would only add noise."""
    draw = np.random.default_rng(6)
    frame = pd.DataFrame({"x": draw.normal(size=2_000)})
    said = np.zeros(2_000)
    truth = draw.normal(size=2_000)
    losses = learn_losses("mse", frame, truth, said)
    assert losses is not None
    assert losses(frame.iloc[:10], said[:10]) == pytest.approx(float(np.mean(truth**2)))


def test_a_category_that_training_lacked_and_a_column_that_is_gone_are_no_error() -> None:
    frame, truth, said = rows(2_000, 7)
    losses = learn_losses("mae", frame, truth, said)
    assert losses is not None
    strange = frame.assign(kind="unheard of")
    assert np.isfinite(losses(strange, said))
    assert np.isfinite(losses(frame[["x"]].assign(x=np.inf), said))


def test_a_loss_that_is_not_defined_leaves_nothing_to_expect() -> None:
    """The logarithm of what is below -1, for one."""
    frame, truth, said = rows(2_000, 8)
    assert learn_losses("rmsle", frame, np.where(truth > 50, -2.0, truth), said) is None
