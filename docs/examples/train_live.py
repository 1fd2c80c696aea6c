"""A training loop without a framework, whose run is watched while it learns.

    mlops-tui init
    python docs/examples/train_live.py --rate 0.3
    python docs/examples/train_live.py --rate 0.05 --epochs 120

Meanwhile `mlops-tui` shows it on 4 Runs; space marks runs, c compares them.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import mlops_tui as mt

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.1)
parser.add_argument("--decay", type=float, default=0.01)
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument(
    "--pause", type=float, default=0.2, help="seconds between epochs, so that there is something to watch"
)
given = parser.parse_args()

data = load_breast_cancer()
x, x_test, y, y_test = train_test_split(data.data, data.target, test_size=0.4, random_state=7, stratify=data.target)
scaler = StandardScaler().fit(x)
x, x_test = scaler.transform(x), scaler.transform(x_test)


def probabilities(rows: np.ndarray, weights: np.ndarray, bias: float) -> np.ndarray:
    """What a logistic regression says of each row."""
    return 1 / (1 + np.exp(-(rows @ weights + bias)))


params = {"rate": given.rate, "decay": given.decay, "epochs": given.epochs}
with mt.start_run(experiment="by hand", params=params, seed=given.seed) as run:
    mt.log_input(data.data, "breast cancer")
    draw = np.random.default_rng(given.seed)
    weights, bias = draw.normal(0, 0.5, x.shape[1]), 0.0
    for epoch in range(given.epochs):
        for rows in np.array_split(draw.permutation(len(x)), 16):
            wrong = probabilities(x[rows], weights, bias) - y[rows]
            weights -= given.rate * (x[rows].T @ wrong / len(rows) + given.decay * weights)
            bias -= given.rate * wrong.mean()
        said = probabilities(x_test, weights, bias)
        losses = {"loss": log_loss(y, probabilities(x, weights, bias)), "val_loss": log_loss(y_test, said)}
        mt.log_metrics({**losses, "val_auc": roc_auc_score(y_test, said)}, step=epoch)
        time.sleep(given.pause)
    mt.log_predictions(y_test, said)
    print(f"{run.name}: AUC {roc_auc_score(y_test, said):.4f}")
