"""What comparing two windows costs: from raw files beside a loop that sorts and compares, and from stored profiles."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlops_tui.data.engine.profiling import merge, profile_file
from mlops_tui.data.query import get_source
from mlops_tui.monitoring.engine.compare import compare
from mlops_tui.monitoring.engine.report import profile_of
from mlops_tui.monitoring.engine.units import units_of
from mlops_tui.monitoring.engine.variation import variation
from mlops_tui.monitoring.lookup import pair
from mlops_tui.monitoring.window import parse
from tests.benchmarks.measuring import Figure, interleaved, seconds_of
from tests.benchmarks.place import Place
from tests.living import Living

ROWS, COLUMNS, GROUP = 500_000, 20, 122_880
TIMES = 3
FILES, FILE_ROWS = 20, 10_000


def figures(place: Place) -> list[Figure]:
    """Twice 500,000 × 20 from Parquet as a multiple of NumPy's loop, and the memory; 20 columns of stored profiles."""
    paths = [_write(place.folder / f"raw-{name}.parquet", seed, ROWS) for seed, name in enumerate("ab")]
    peaks: dict[str, list[float]] = {"ours": [], "numpy": [], "larger": []}
    sides = {what: lambda what=what: _in_process(place, what, paths, peaks[what]) for what in ("ours", "numpy")}
    taken = interleaved(sides, TIMES)
    place.reference.take()
    larger = [_write(place.folder / f"large-{name}.parquet", seed, 4 * ROWS) for seed, name in enumerate("ab")]
    _in_process(place, "ours", larger, peaks["larger"])
    beside = f"{taken['ours']:.2f} s; NumPy {taken['numpy']:.2f} s and {max(peaks['numpy']):.0f} MB"
    ours, grown = max(peaks["ours"]), max(peaks["larger"]) / max(peaks["ours"])
    return [
        Figure("drift of raw files", taken["ours"] / taken["numpy"], "×", 2.0, beside),
        Figure("drift of raw files: memory", ours, "MB", 500, "the greatest of its process"),
        Figure("drift of raw files: four times", grown, "×", 1.15, "memory of four times the rows"),
        _stored(place),
    ]


def _write(path: Path, seed: int, rows: int) -> Path:
    """A file of so many rows of normal columns, a row group after the other."""
    draw = np.random.default_rng(seed)
    schema = pa.schema([(f"x{place}", pa.float64()) for place in range(COLUMNS)])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, GROUP):
            count = min(GROUP, rows - start)
            writer.write_table(pa.table({name: draw.normal(size=count) for name in schema.names}))
    return path


def _in_process(place: Place, what: str, paths: list[Path], peaks: list[float]) -> float:
    """Seconds that it takes in a fresh process once all is loaded."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.drifting",
        "numpy" if what == "numpy" else "ours",
        *map(str, paths),
    ]
    done = subprocess.run(command, env=place.environment, check=True, capture_output=True, text=True, timeout=600)
    told = json.loads(done.stdout)
    peaks.append(told["megabytes"])
    return float(told["seconds"])


def _stored(place: Place) -> Figure:
    """Milliseconds of a window beside a reference of 20 files, both read from their stored profiles."""
    made = Living((place.folder / "stored").resolve())
    folder = made.root / "data"
    folder.mkdir()
    for number in range(FILES + 1):
        _write(folder / f"{number:03}.parquet", number, FILE_ROWS)
    source_id = made.services.sources.add(folder, name="stored", role="live").id
    made.do("scan", {"sources": [source_id]})
    reader, source = made.store.reader, get_source(made.store.reader, source_id)

    def once() -> None:
        ours, theirs = pair(reader, source, None, parse(f"rolling:{FILES}"), parse("last:1"))
        known = variation(units_of(made.store, ours))
        compare(profile_of(made.store, ours), profile_of(made.store, theirs), blocks=known)

    once()
    taken = interleaved({"stored": lambda: seconds_of(once)}, 2 * TIMES + 1)["stored"]
    place.reference.take()
    made.close()
    return Figure(
        "drift of stored profiles", taken * 1000, "ms", 50, f"{COLUMNS} columns, a reference of {FILES} files"
    )


def _ours(paths: list[Path]) -> None:
    found = [[block.profile for block in profile_file(path).blocks] for path in paths]
    compare(*map(merge, found), blocks=found[0])


def _numpy(paths: list[Path]) -> None:
    """Kolmogorov and Smirnov's distance of every column, by sorting both sides."""
    reference, current = map(pq.read_table, paths)
    for name in reference.column_names:
        ours, theirs = (np.sort(side[name].to_numpy()) for side in (reference, current))
        both = np.concatenate([ours, theirs])
        shares = [np.searchsorted(side, both, side="right") / len(side) for side in (ours, theirs)]
        np.abs(shares[0] - shares[1]).max()


if __name__ == "__main__":
    work = {"ours": _ours, "numpy": _numpy}[sys.argv[1]]
    begun = time.perf_counter()
    work([Path(path) for path in sys.argv[2:]])
    told = {
        "seconds": time.perf_counter() - begun,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))
