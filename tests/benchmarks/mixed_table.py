"""A table of mixed columns as CSV and Parquet, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 1_000_000
KINDS = {
    "id": "identifier",
    **{f"x{i}": "numeric" for i in range(9)},
    **{f"n{i}": "integer" for i in range(4)},
    "at": "date-time",
    **{f"c{i}": "category" for i in range(3)},
    "flag": "boolean",
    "note": "text",
}
"""20 columns with their kinds."""

WORDS = ("late", "paid", "called", "twice", "new", "address", "asked", "again", "waiting", "closed")


def write(folder: Path, rows: int = ROWS) -> tuple[Path, Path]:
    """Writes mixed.csv and mixed.parquet; returns both paths."""
    rng = np.random.default_rng(20260301)
    seconds = np.sort(rng.integers(0, 365 * 86_400, rows)).astype("timedelta64[s]")
    columns: dict[str, object] = {"id": [f"U{number:08}" for number in rng.permutation(rows)]}
    columns |= {f"x{i}": np.round(rng.normal(10 * i, 1 + i, rows), 4) for i in range(9)}
    columns |= {f"n{i}": rng.integers(0, 10 ** (i + 1), rows) for i in range(4)}
    columns["at"] = np.datetime64("2026-01-01T00:00:00") + seconds
    columns |= {f"c{i}": rng.choice([f"value {j}" for j in range(many)], rows) for i, many in enumerate((3, 12, 60))}
    columns["flag"] = rng.choice(["true", "false"], rows)
    columns["note"] = [" ".join(words) for words in rng.choice(WORDS, (rows, 6))]
    frame = pd.DataFrame(columns)
    for name in ("x3", "x7", "c2"):
        frame[name] = frame[name].mask(rng.random(rows) < 0.05)
    csv, parquet = folder / "mixed.csv", folder / "mixed.parquet"
    frame.to_csv(csv, index=False)
    frame.to_parquet(parquet, index=False)
    return csv, parquet
