"""Figures of drift and of quality without labels beside those of Evidently and NannyML, in an environment of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.evaluation.estimating import calibrator, expected
from mlops_tui.monitoring.engine.definitions import of_categories, of_numbers
from tests.benchmarks.environment import installed
from tests.benchmarks.measuring import Figure, NotCompared
from tests.benchmarks.place import Place

PACKAGES = ["evidently", "nannyml", "pandas<3"]
MOST_APART, SAMPLING_ERRORS = 1e-6, 1.0
CHUNK = 5_000
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
METRICS = ("roc_auc", "f1", "accuracy")

_DRIFT = """
import json, sys
import pandas as pd
from evidently.legacy.calculations import stattests as e
from evidently.legacy.core import ColumnType
from nannyml.chunk import SizeBasedChunker
from nannyml.drift.univariate.methods import FeatureType, MethodFactory
from nannyml.thresholds import StandardDeviationThreshold

reference, current = map(pd.read_parquet, sys.argv[1:3])
found = {}
for name in reference.columns:
    sides = reference[name].dropna().reset_index(drop=True), current[name].dropna().reset_index(drop=True)
    is_number = pd.api.types.is_numeric_dtype(reference[name])
    tests = {"psi": e.psi_stat_test, "jensen_shannon": e.jensenshannon_stat_test, "hellinger": e.hellinger_stat_test}
    tests |= {"wasserstein": e.wasserstein_stat_test, "ks_p": e.ks_stat_test} if is_number else {"chi2_p": e.chi_stat_test}
    kind = ColumnType.Numerical if is_number else ColumnType.Categorical
    evidently = {key: float(test.func(sides[0].copy(), sides[1].copy(), kind, 0.1)[0]) for key, test in tests.items()}
    keys = {"jensen_shannon": "jensen_shannon", "hellinger": "hellinger"}
    keys |= {"wasserstein": "wasserstein", "ks": "kolmogorov_smirnov"} if is_number else {"l_infinity": "l_infinity", "chi2": "chi2"}
    nannyml = {}
    for ours, theirs in keys.items():
        method = MethodFactory.create(
            key=theirs, feature_type=FeatureType.CONTINUOUS if is_number else FeatureType.CATEGORICAL,
            chunker=SizeBasedChunker(1000), threshold=StandardDeviationThreshold(), computation_params={},
        )
        nannyml[ours] = float(method.fit(sides[0]).calculate(sides[1]))
    found[name] = {"evidently": evidently, "nannyml": nannyml}
print(json.dumps(found))
"""
_QUALITY = """
import json, sys
import nannyml
reference, analysis, _ = nannyml.load_synthetic_car_loan_dataset()
estimator = nannyml.CBPE(
    y_pred_proba="y_pred_proba", y_pred="y_pred", y_true="repaid", metrics=["roc_auc", "f1", "accuracy"],
    chunk_size=int(sys.argv[1]), problem_type="classification_binary",
)
told = estimator.fit(reference).estimate(analysis).filter(period="analysis").to_df()
figures = {name: {key: told[name][key].tolist() for key in ("value", "sampling_error")} for name in ("roc_auc", "f1", "accuracy")}
rows = {"truth": reference["repaid"].tolist(), "scores": reference["y_pred_proba"].tolist()}
now = {"scores": analysis["y_pred_proba"].tolist(), "called": analysis["y_pred"].tolist()}
print(json.dumps({"figures": figures, "reference": rows, "analysis": now}))
"""


def figures(place: Place) -> list[Figure | NotCompared]:
    """How far figures are apart at the most: of drift in absolute value, of quality in NannyML's own sampling errors."""
    python = installed(PACKAGES)
    if python is None:
        why = "evidently and nannyml do not install here"
        return [NotCompared("drift beside Evidently, NannyML", why), NotCompared("CBPE beside NannyML", why)]
    return [_drift(place, python), _quality(place, python)]


def _drift(place: Place, python: Path) -> Figure | NotCompared:
    paths = [place.folder / f"{name}.parquet" for name in ("reference", "current")]
    frames = [columns(1, 5_000, 0.0), columns(2, 4_000, 0.3)]
    for frame, path in zip(frames, paths, strict=True):
        frame.to_parquet(path)
    theirs = _run(place, python, _DRIFT, *map(str, paths))
    if theirs is None:
        return NotCompared("drift beside Evidently, NannyML", "they do not run here")
    apart = {
        (name, tool, figure): abs(value - told[tool][figure])
        for name, told in ((name, _ours(*(frame[name] for frame in frames))) for name in frames[0])
        for tool, values in theirs[name].items()
        for figure, value in values.items()
    }
    where = max(apart, key=lambda key: apart[key])
    beside = f"{len(apart)} figures of {len(frames[0].columns)} columns; most in {' '.join(where)}"
    return Figure("drift beside Evidently, NannyML", apart[where], "", MOST_APART, beside)


def columns(seed: int, rows: int, shift: float) -> pd.DataFrame:
    """Numbers of several kinds and a category, moved by `shift`."""
    draw = np.random.default_rng(seed)
    shares = [0.3, 0.3, 0.3, 0.08, 0.02] if shift else [0.4, 0.3, 0.2, 0.05, 0.05]
    return pd.DataFrame(
        {
            "normal": draw.normal(shift, 1, rows),
            "skewed": draw.lognormal(shift / 2, 1, rows),
            "few": draw.integers(0, 12, rows).astype(float),
            "gaps": np.where(draw.random(rows) < 0.1, np.nan, draw.normal(0, 1 + shift, rows)),
            "far": draw.normal(3 * shift, 1, rows),
            "kind": draw.choice(list("abcdf" if shift else "abcde"), rows, p=shares),
        }
    )


def _ours(reference: pd.Series, current: pd.Series) -> dict[str, dict[str, float | None]]:
    if pd.api.types.is_numeric_dtype(reference.dtype):
        return of_numbers(reference.to_numpy(), current.to_numpy())
    return of_categories(reference.value_counts().to_dict(), current.value_counts().to_dict())


def _quality(place: Place, python: Path) -> Figure | NotCompared:
    told = _run(place, python, _QUALITY, str(CHUNK))
    if told is None:
        return NotCompared("CBPE beside NannyML", "it does not run here")
    chances = calibrator(np.array(told["reference"]["truth"]), _both(told["reference"]["scores"]))
    scores, called = _both(told["analysis"]["scores"]), np.eye(2)[np.array(told["analysis"]["called"], dtype=int)]
    apart = []
    for metric in METRICS:
        values = told["figures"][metric]
        for number, (value, error) in enumerate(zip(values["value"], values["sampling_error"], strict=True)):
            part = slice(number * CHUNK, (number + 1) * CHUNK)
            said = scores[part] if metric == "roc_auc" else called[part]
            apart.append(abs(expected(metric, "binary", said, chances(scores[part])) - value) / error)
    beside = f"of their sampling errors; {len(apart)} figures of its car loans"
    return Figure("CBPE beside NannyML", max(apart), "×", SAMPLING_ERRORS, beside)


def _both(scores: list[float]) -> np.ndarray:
    second = np.array(scores)
    return np.column_stack([1 - second, second])


def _run(place: Place, python: Path, script: str, *arguments: str) -> Any:
    command = [str(python), "-W", "ignore", "-c", script, *arguments]
    try:
        done = subprocess.run(
            command, env=place.environment | QUIET, check=True, capture_output=True, text=True, timeout=900
        )
    except subprocess.SubprocessError:
        return None
    return json.loads(done.stdout.splitlines()[-1])
