"""Neural networks of one to three hidden layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Part, Problem, Stopping, Wants, on_unit_scale, takes_weights
from mlops_tui.tuning.model import ROWS_AT_MOST

EPOCHS_AT_LEAST, EPOCHS_AT_MOST = 3, 300
PATIENCE = 20
"""Epochs without a gain after which it stops."""


def _make(params: dict[str, Any], problem: Problem) -> Any:
    network = (MLPRegressor if problem.task == REGRESSION else MLPClassifier)(
        hidden_layer_sizes=(params["width"],) * params["layers"],
        alpha=params["alpha"],
        learning_rate_init=params["learning_rate_init"],
        random_state=problem.seed,
        **_exactly(params.get("max_iter", EPOCHS_AT_MOST)),
    )
    return on_unit_scale(network) if problem.task == REGRESSION else network


def _exactly(epochs: int) -> dict[str, Any]:
    """What lets `fit` end after so many epochs, as scikit-learn ends one that has converged: nothing counts as a gain."""
    return {"tol": 1e30, "n_iter_no_change": max(epochs, EPOCHS_AT_LEAST) - 2, "max_iter": epochs + EPOCHS_AT_LEAST}


def _fit(estimator: Any, learnt: Part, stopped_by: Part) -> int:
    if not isinstance(estimator, TransformedTargetRegressor):
        return _train(estimator, learnt, stopped_by)
    scaler = StandardScaler().fit(learnt.y.reshape(-1, 1))
    scaled = [replace(part, y=scaler.transform(part.y.reshape(-1, 1)).ravel()) for part in (learnt, stopped_by)]
    network = clone(estimator.regressor)
    epochs = _train(network, *scaled)
    estimator.set_params(regressor=FrozenEstimator(network)).fit(learnt.x, learnt.y)
    return epochs


def _train(network: Any, learnt: Part, stopped_by: Part) -> int:
    """Trains epoch by epoch, keeps what the network was after the best one, and returns that one's number."""
    network.set_params(random_state=np.random.RandomState(network.random_state))  # a number would draw alike each epoch
    classes = None if isinstance(network, MLPRegressor) else np.unique(learnt.y)
    told = {} if classes is None else {"classes": classes}
    if learnt.weights is not None and takes_weights(network):
        told["sample_weight"] = learnt.weights
    best, kept, rounds = np.inf, None, EPOCHS_AT_LEAST
    for epoch in range(1, EPOCHS_AT_MOST + 1):
        network.partial_fit(learnt.x, learnt.y, **told)
        if epoch < EPOCHS_AT_LEAST:
            continue
        loss = _loss(network, classes, stopped_by)
        if loss < best or kept is None:
            best, rounds = loss, epoch
            kept = [[array.copy() for array in some] for some in (network.coefs_, network.intercepts_)]
        elif epoch - rounds >= PATIENCE:
            break
    if kept is not None:
        network.coefs_, network.intercepts_ = kept
    return rounds


def _loss(network: Any, classes: np.ndarray | None, part: Part) -> float:
    if classes is None:
        return float(mean_squared_error(part.y, network.predict(part.x), sample_weight=part.weights))
    known = np.isin(part.y, classes)
    weights = None if part.weights is None else part.weights[known]
    return float(log_loss(part.y[known], network.predict_proba(part.x[known]), sample_weight=weights, labels=classes))


FAMILY = Family(
    name="mlp",
    tasks=ANY_TASK,
    space={
        "layers": IntDistribution(1, 3),
        "width": IntDistribution(32, 512, log=True),
        "alpha": FloatDistribution(1e-7, 1e-1, log=True),
        "learning_rate_init": FloatDistribution(1e-4, 3e-2, log=True),
    },
    defaults={"layers": 2, "width": 64, "alpha": 1e-4, "learning_rate_init": 3e-3},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True, dtype="float32"),
    cost=60.0,
    portfolio=(
        {"layers": 1, "width": 128, "alpha": 1e-2, "learning_rate_init": 1e-2},
        {"layers": 3, "width": 256, "alpha": 1e-5, "learning_rate_init": 1e-3},
    ),
    rows_at_most=ROWS_AT_MOST["mlp"],
    stopping=Stopping("max_iter", _fit),
)
