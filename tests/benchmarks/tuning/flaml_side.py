"""FLAML on rows that are given to it, in an environment of its own: `python flaml_side.py FOLDER SECONDS SEED`.

The folder holds `training.csv`, `test.csv` and `asked.json` (task, metric, categories). Prints what FLAML's model is worth
on the test rows, as JSON. Imports nothing of ours.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from flaml import AutoML
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer

ESTIMATORS = {
    "classification": ["histgb", "rf", "extra_tree", "lrl1", "lrl2"],
    "regression": ["histgb", "rf", "extra_tree", "enet"],
}
"""FLAML's names of scikit-learn's families."""


class Classifier(ClassifierMixin, BaseEstimator):
    """FLAML's model as scikit-learn's scorers know one: its own says of itself neither that it classifies nor that it is fitted."""

    def __init__(self, learner: AutoML) -> None:
        self.learner = learner
        self.classes_ = learner.classes_
        self.predict = learner.predict
        self.predict_proba = learner.predict_proba


def main(folder: Path, seconds: float, seed: int) -> None:
    """Tunes for so many seconds and prints the test value."""
    warnings.simplefilter("ignore")
    asked = json.loads((folder / "asked.json").read_text())
    kinds = dict.fromkeys(asked["categories"], "category")
    training, test = (pd.read_csv(folder / name, dtype=kinds) for name in ("training.csv", "test.csv"))
    for name in asked["categories"]:
        known = pd.CategoricalDtype(sorted({*training[name].cat.categories, *test[name].cat.categories}))
        training[name], test[name] = training[name].astype(known), test[name].astype(known)
    y = training.pop("y")
    learner = AutoML()
    began = time.perf_counter()
    learner.fit(
        training,
        y,
        task=asked["task"],
        metric=asked["metric"],
        time_budget=seconds,
        estimator_list=ESTIMATORS[asked["task"]],
        n_jobs=2,
        seed=seed,
        verbose=0,
    )
    took = time.perf_counter() - began
    labels = test.pop("y")
    model = learner if asked["task"] == "regression" else Classifier(learner)
    value = float(get_scorer(asked["scorer"])(model, test, labels))
    best = {"family": learner.best_estimator, "params": learner.best_config}
    print(json.dumps({"test": value, "took": took, **best}, default=float))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
