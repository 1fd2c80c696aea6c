"""On the sample data a profile says what pandas and DuckDB say of the same files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from mlops_tui.data.engine.profiling import merge, profile_file, summarise

SAMPLES = Path(__file__).parents[2] / "sample_data"
FILES = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.csv"))
CLOSE = 1e-9


def summary(path: Path) -> dict[str, dict[str, Any]]:
    blocks = profile_file(path, block_rows=700).blocks
    return {str(record["name"]): record for record in summarise(merge([block.profile for block in blocks]))}


@pytest.mark.parametrize("file", FILES)
def test_counts_moments_and_values_are_pandas_own(file: str) -> None:
    frame = pd.read_csv(SAMPLES / file, keep_default_na=False, na_values=[""])
    found = summary(SAMPLES / file)
    assert list(found) == list(frame.columns)
    for name, record in found.items():
        column = frame[name]
        assert (record["count"], record["missing"]) == (column.count(), column.isna().sum())
        if record["kind"] in ("numeric", "integer"):
            assert (record["min"], record["max"]) == (column.min(), column.max())
            assert record["mean"] == pytest.approx(column.mean(), rel=CLOSE)
            assert record["std"] == pytest.approx(column.std(), rel=CLOSE)
            n = column.count()
            assert record["skew"] == pytest.approx(
                column.skew() * (n - 2) / math.sqrt(n * (n - 1)), rel=1e-7, abs=CLOSE
            )
        if record["kind"] in ("category", "boolean"):
            counts = column.dropna().astype(str).value_counts().to_dict()
            assert record["distinct"] == len(counts)
            assert {item["value"]: item["count"] for item in record["top"]}.items() <= counts.items()


@pytest.mark.parametrize("file", FILES)
def test_counts_range_and_moments_are_those_of_summarize(file: str) -> None:
    rows = duckdb.sql(f"SUMMARIZE FROM read_csv('{SAMPLES / file}')").fetchall()
    theirs = {row[0]: row for row in rows}
    for name, record in summary(SAMPLES / file).items():
        _, _, low, high, unique, mean, std, _, _, _, rows_there, missing = theirs[name]
        assert record["count"] + record["missing"] == rows_there
        assert record["missing"] / rows_there * 100 == pytest.approx(float(missing), abs=0.006)
        assert record["distinct"] == pytest.approx(unique, rel=0.2)  # theirs is an estimate, and so is ours of many
        if record["kind"] in ("numeric", "integer"):
            assert (float(low), float(high)) == (record["min"], record["max"])
            assert float(mean) == pytest.approx(record["mean"], rel=CLOSE)
            assert float(std) == pytest.approx(record["std"], rel=CLOSE)
