"""Batch prediction of a file beside the same pipeline on the same frames in memory, and its memory on twice the rows."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline

from mlops_tui.core.settings import Settings
from mlops_tui.features.engine import places_of_categories, preprocessor
from mlops_tui.features.model import FeatureColumn
from mlops_tui.registry.engine.frame import columns_of, typed
from mlops_tui.registry.model import ModelVersion, Signature
from mlops_tui.serving.engine.batch import BATCH_ROWS, Given, Wanted, predict_files
from mlops_tui.serving.engine.said import Loaded
from mlops_tui.serving.policy import policies
from tests.benchmarks.measuring import Figure, interleaved
from tests.benchmarks.place import Place

TIMES = 3
ROWS, LEARNT, GROUP = 1_000_000, 20_000, 122_880
AT_LEAST = 0.9
KINDS = {
    **{f"x{i}": "numeric" for i in range(13)},
    **{f"n{i}": "integer" for i in range(3)},
    **{f"c{i}": "category" for i in range(4)},
}
"""20 columns with their kinds."""
MODELS = ("random_forest", "hgb")


def figures(place: Place) -> list[Figure]:
    """The share of the bare pipeline's rate, by model; memory of 2,000,000 rows beside that of 1,000,000."""
    found, peaks = list[Figure](), dict[int, list[float]]()
    files = {rows: _written(place.folder, rows) for rows in (ROWS, 2 * ROWS)}
    for model in MODELS:
        joblib.dump(_fitted(model), place.folder / f"{model}.joblib")
        peaks = {rows: [] for rows in files}
        sides = {
            "bare": lambda model=model: _in_process(place, "bare", model, files[ROWS], []),
            "ours": lambda model=model, peaks=peaks: _in_process(place, "file", model, files[ROWS], peaks[ROWS]),
        }
        taken = interleaved(sides, TIMES)
        place.reference.take()
        beside = f"{taken['ours']:.1f} s from Parquet to Parquet; bare {taken['bare']:.1f} s"
        found.append(Figure(f"predict, {model}", taken["bare"] / taken["ours"], "×", AT_LEAST, beside, at_least=True))
    for _ in range(TIMES):
        _in_process(place, "file", MODELS[-1], files[2 * ROWS], peaks[2 * ROWS])
    one, two = (statistics.median(peaks[rows][-TIMES:]) for rows in files)
    beside = f"{two:.0f} MB at the most for 2,000,000 rows, {one:.0f} MB for 1,000,000"
    return [*found, Figure("predict: memory, twice the rows", two / one, "×", 1.15, beside)]


def _written(folder: Path, rows: int) -> Path:
    """A Parquet file of that many rows, the same each time; a reader has a row group a thread in memory, so these are of one size."""
    path = folder / f"predicted-{rows}.parquet"
    _frame(rows).to_parquet(path, index=False, row_group_size=GROUP)
    return path


def _frame(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(20260302)
    columns: dict[str, Any] = {f"x{i}": rng.normal(size=rows) for i in range(13)}
    columns["x3"][::17] = np.nan
    columns |= {f"n{i}": rng.integers(0, 50, rows) for i in range(3)}
    words = np.array([f"value {i}" for i in range(12)], dtype=object)
    columns |= {f"c{i}": pd.Series(words[rng.integers(0, 12, rows)], dtype=object) for i in range(4)}
    return pd.DataFrame(columns)


def _fitted(name: str) -> Loaded:
    """A pipeline as studies build it, with the family's defaults, and its version."""
    frame = _frame(LEARNT)
    columns = columns_of(frame, KINDS)
    features = [FeatureColumn(column, kind) for column, kind in KINDS.items()]
    forest = name == "random_forest"
    before = preprocessor(features, scale=False, encode="ordinal", impute=forest)
    places = list(places_of_categories(features))
    model = (
        RandomForestClassifier(100, max_features=0.3, random_state=1)
        if forest
        else HistGradientBoostingClassifier(max_iter=300, categorical_features=places, random_state=1)
    )
    signal = frame["x0"] + frame["x1"] * frame["x2"] + (frame["c0"] == "value 1")
    pipeline = Pipeline([("features", before), ("model", model)]).fit(typed(frame, columns), (signal > 0.3).to_numpy())
    signature = Signature(columns, "y", "binary", (False, True), None)
    version = ModelVersion(
        *("V", "M", name, 1, "R", None, "S", 1, name, {}, "", 0), signature, (), {}, {}, {}, None, "", (), {}, None, {}
    )
    return Loaded(version, pipeline, None)


def _in_process(place: Place, what: str, model: str, path: Path, peaks: list[float]) -> float:
    """Seconds that it takes in a fresh process once all is loaded."""
    command = [sys.executable, "-m", "tests.benchmarks.predicting", what, model, str(path)]
    done = subprocess.run(command, env=place.environment, check=True, capture_output=True, text=True, timeout=600)
    told = json.loads(done.stdout)
    peaks.append(told["megabytes"])
    return float(told["seconds"])


def _frames(path: Path, model: Loaded) -> Iterator[pd.DataFrame]:
    whole = typed(pd.read_parquet(path), model.version.signature.columns)
    for first in range(0, len(whole), BATCH_ROWS):
        yield whole.iloc[first : first + BATCH_ROWS].copy()


def main(what: str, name: str, path: Path) -> None:
    """Does one of the two and prints its seconds and the greatest memory of this process."""
    model: Loaded = joblib.load(path.with_name(f"{name}.joblib"))
    frames = list(_frames(path, model)) if what == "bare" else []
    model.pipeline.predict_proba(_frame(100))  # threads are started by the first call
    begun = time.perf_counter()
    for frame in frames:
        model.pipeline.predict_proba(frame)
    if what == "file":
        predict_files(model, [Given(path)], Wanted(path.with_name("out.parquet"), policies(Settings())))
    print(json.dumps({"seconds": time.perf_counter() - begun, "megabytes": _peak()}))


def _peak() -> float:
    """The greatest memory of this process in MB; Linux also counts in `ru_maxrss` what its parent held when it forked."""
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
