"""The sides of a cell, each in a process of its own: ours through its workers, plain Optuna as a practitioner has it, and
FLAML with scikit-learn's families in an environment of its own.

All have the same labelled rows, ours and plain Optuna the same families, ranges and folds too; these print what was the
best when, and each what its best configuration says of the test rows after a last fit.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import psutil
from sklearn.metrics import get_scorer
from sklearn.model_selection import cross_val_score

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.core.clock import to_seconds
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.evaluation.metrics import METRICS
from mlops_tui.evaluation.splits import make_folds
from mlops_tui.tuning.engine.families import space_of
from mlops_tui.tuning.engine.fit import build, fit_weighted, prepare
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import finalists_of, find_study, list_trials
from tests.benchmarks.environment import installed

ENDLESS = 1_000_000
WORKERS = 2
FLAML = Path(__file__).with_name("flaml_side.py")
NUMBERS = frozenset({"numeric", "integer"})


def ours(services: Services, study: Study) -> dict[str, Any]:
    """What our workers found, by the clock from the launch on; what the study chose at its end is tested, and beside it the best trial."""
    began = time.time()
    services.jobs.wait(services.studies.launch(study))
    took = time.time() - began
    trials = list_trials(services.store.reader, study.id, limit=ENDLESS)
    ended = [
        (to_seconds(trial.ended) - began, trial.value, trial.fold_values, trial.family, trial.params)
        for trial in trials
        if trial.state == "complete" and trial.ended is not None
    ]
    chosen = next(one.number for one in finalists_of(services.store.reader, study.id) if one.chosen)
    family, params = next((trial.family, trial.params) for trial in trials if trial.number == chosen)
    told = _told(study, services, sorted(ended, key=lambda one: one[0]), len(trials))
    chosen_one = {"family": family, "params": params, "test": _tested(study, services, family, params)}
    return told | {"took": took, "best_test": told["test"], **chosen_one}


def plain(services: Services, study: Study, seconds: float, seed: int) -> dict[str, Any]:
    """Optuna's TPE over one categorical of the families, and scikit-learn's `cross_val_score` on both cores.

    A script's clock runs from its start, as ours does from the launch: both load the same libraries.
    """
    began = psutil.Process().create_time()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    prepared = prepare(services.store, study)
    folds = make_folds(prepared.y_training, study.task, study.folds, study.seed)
    metric = METRICS[study.metric]
    rows = prepared.training[[feature.name for feature in prepared.features]]
    found: list[tuple[float, float, list[float], str, dict[str, Any]]] = []

    def objective(trial: optuna.Trial) -> float:
        family = trial.suggest_categorical("family", list(study.families))
        space = space_of(family)
        prefix = len(f"{family}.")
        params = {name[prefix:]: trial._suggest(name, kind) for name, kind in space.items()}
        pipeline = build(study, family, params, prepared.features, len(rows))
        scores = cross_val_score(
            pipeline,
            rows,
            prepared.y_training,
            scoring=metric.scorers[study.task],
            cv=folds,
            n_jobs=WORKERS,
            error_score="raise",
        )
        values = [-float(one) if metric.negated else float(one) for one in scores]
        found.append((time.time() - began, float(np.mean(values)), values, family, params))
        return found[-1][1]

    tuned = optuna.create_study(direction=study.direction, sampler=optuna.samplers.TPESampler(seed=seed))
    tuned.optimize(objective, timeout=seconds)
    return _told(study, services, found, len(found))


def flaml(services: Services, study: Study, seconds: float, seed: int) -> dict[str, Any]:
    """What FLAML found in so many seconds, retraining included in none of them, as is its way."""
    python = installed(["flaml[automl]"])
    if python is None:
        raise SystemExit("FLAML does not install here.")
    folder = services.workspace.root / "flaml"
    folder.mkdir()
    prepared, metric = prepare(services.store, study), METRICS[study.metric]
    names = [feature.name for feature in prepared.features]
    prepared.training[names].assign(y=prepared.y_training).to_csv(folder / "training.csv", index=False)
    _test(services, study)[[*names, "y"]].to_csv(folder / "test.csv", index=False)
    asked = {
        "task": "regression" if study.task == "regression" else "classification",
        "metric": study.metric,
        "scorer": metric.scorers[study.task],
        "categories": [feature.name for feature in prepared.features if feature.kind not in NUMBERS],
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    command = [str(python), str(FLAML), str(folder), str(seconds), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["test"] = -found["test"] if metric.negated else found["test"]
    return found | {"metric": study.metric, "direction": study.direction}


def _test(services: Services, study: Study) -> pd.DataFrame:
    return read_frame(services.workspace.root / "test.csv", kinds={f["name"]: f["kind"] for f in study.features})


def _told(study: Study, services: Services, ended: list[Any], trials: int) -> dict[str, Any]:
    """The curve of the best so far (when, its value, its folds), the best one's folds, and its value on the test rows after a last fit."""
    sign = 1.0 if study.direction == "maximize" else -1.0
    curve, best = [], None
    for one in ended:
        if best is None or sign * one[1] > sign * best[1]:
            best = one
            curve.append([one[0], one[1], one[2]])
    assert best is not None
    return {
        "curve": curve,
        "folds": best[2],
        "family": best[3],
        "params": best[4],
        "test": _tested(study, services, best[3], best[4]),
        "trials": trials,
        "metric": study.metric,
        "direction": study.direction,
    }


def _tested(study: Study, services: Services, family: str, params: dict[str, Any]) -> float:
    """What a configuration is worth on the test rows after a fit on all labelled ones."""
    prepared, test = prepare(services.store, study), _test(services, study)
    names = [feature.name for feature in prepared.features]
    pipeline = build(study, family, params, prepared.features, len(prepared.training))
    fit_weighted(pipeline, prepared.training[names], prepared.y_training, None)
    metric = METRICS[study.metric]
    labels = test["y"] if study.task == "regression" else test["y"].astype(str)
    value = get_scorer(metric.scorers[study.task])(pipeline, test[names], labels)
    return float(-value if metric.negated else value)


def main(root: str, side: str, seconds: float, seed: int) -> None:
    """Runs one side of a cell in a workspace that has the source `s`, and prints what it came to."""
    warnings.simplefilter("ignore")
    services = open_services(Path(root))
    study = find_study(services.store.reader, "cell")
    if side == "ours":
        told = ours(services, study)
    else:
        told = {"plain": plain, "flaml": flaml}[side](services, study, seconds, seed)
    print(json.dumps(told))
    services.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
