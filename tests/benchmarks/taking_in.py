"""What a file costs to take in beside the engine's own summary of it, and a window beside its files' profiles."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np

from mlops_tui.data.engine.payload import to_bytes
from mlops_tui.data.engine.profiling import profile_columns, profile_file
from mlops_tui.data.engine.reading import content_hash
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.engine.stream import Counted, Values
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create
from tests.benchmarks.measuring import Figure, interleaved, seconds_of
from tests.benchmarks.mixed_table import KINDS, write
from tests.benchmarks.place import Place

TIMES = 3
FILES, ROWS = 1_000, 10_000
MEGABYTES = 600


def figures(place: Place) -> list[Figure]:
    """Taking in 1,000,000 rows of 20 columns, as a multiple of DuckDB's SUMMARIZE; memory; merging 1,000 profiles."""
    found = []
    for path, limit in zip(write(place.folder), (1.0, 0.8), strict=True):
        peaks: list[float] = []
        sides = {
            "summarize": lambda path=path: in_process(place, "summarize", path, []),
            "take in": lambda path=path, peaks=peaks: in_process(place, "take in", path, peaks),
        }
        taken = interleaved(sides, TIMES)
        place.reference.take()
        kind = "CSV" if path.suffix == ".csv" else "Parquet"
        beside = f"{taken['take in']:.2f} s; DuckDB's SUMMARIZE {taken['summarize']:.2f} s"
        found += [
            Figure(f"take in {kind}", taken["take in"] / taken["summarize"], "×", limit, beside),
            Figure(f"take in {kind}: memory", max(peaks), "MB", MEGABYTES, "the greatest of its process"),
        ]
    merge = _merging(place.folder)
    return [*found, Figure("merge 1,000 profiles", merge * 1000, "ms", 200, "20 columns each, read from a store")]


def in_process(place: Place, what: str, path: Path, peaks: list[float]) -> float:
    """Seconds that it takes in a fresh process once all is loaded."""
    command = [sys.executable, "-m", "tests.benchmarks.taking_in", what, str(path)]
    done = subprocess.run(command, env=place.environment, check=True, capture_output=True, text=True, timeout=300)
    told = json.loads(done.stdout)
    peaks.append(told["megabytes"])
    return float(told["seconds"])


def _merging(folder: Path) -> float:
    """Seconds that it takes to read the profiles of 1,000 files from a store and to merge them."""
    rng = np.random.default_rng(3)
    workspace = create(folder / "merged")
    migrate(workspace.store)
    store = Store(workspace, actor="bench")
    keys = [f"{number:064x}" for number in range(FILES)]
    with store.write() as writing:
        for key in keys:
            writing.execute("INSERT INTO profile_block (key, block, first_row, rows) VALUES (?, 0, 0, ?)", (key, ROWS))
            for place, column in enumerate(profile_columns(_columns(rng), _kinds()).columns):
                writing.execute(
                    "INSERT INTO profile_column (key, block, position, name, kind, payload) VALUES (?, 0, ?, ?, ?, ?)",
                    (key, place, column.name, column.kind, to_bytes(column)),
                )
    sides = {"merge": lambda: seconds_of(lambda: merged(store.reader, keys, list(_kinds())))}
    found = interleaved(sides, TIMES)["merge"]
    store.close()
    return found


def _kinds() -> dict[str, str]:
    return {name: "category" if name[0] == "c" else "numeric" for name in (f"{'xc'[i > 15]}{i}" for i in range(20))}


def _columns(rng: np.random.Generator) -> dict[str, Values]:
    counts = Counted({f"v{i}": ROWS // 20 for i in range(20)}, 0)
    return {name: counts if kind == "category" else rng.normal(size=ROWS) for name, kind in _kinds().items()}


def main(what: str, path: Path) -> None:
    """Does one of the two and prints its seconds and the greatest memory of this process."""
    begun = time.perf_counter()
    if what == "summarize":
        duckdb.sql(f"SUMMARIZE FROM '{path}'").fetchall()
    else:
        content_hash(path)
        profile_file(path, kinds=KINDS, time_column="at")
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "megabytes": _peak()}))


def _peak() -> float:
    """The greatest memory of this process in MB; Linux also counts in `ru_maxrss` what its parent held when it forked."""
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
