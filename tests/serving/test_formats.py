"""CSV, Parquet and JSON lines, packed or not, come in and go out with the same numbers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.model import SignatureColumn
from mlops_tui.serving.engine.frames import encoded, frame_of

KINDS = {"age": "numeric", "visits": "integer", "plan": "category"}
HEAD = "age,visits,plan\n"


def packed_by_zstd(content: bytes) -> bytes:
    found: bytes = pa.compress(content, "zstd", asbytes=True)
    return found


def in_format(fitted: Any, text: str, name: str) -> Path:
    """The same rows in another format, by the ending of the name."""
    path, plain = fitted.folder / name, fitted.file(text, "plain.csv")
    frame = read_frame(plain, None, {"customer": "category", **KINDS})
    if ".jsonl" in name:
        rows = [{k: None if v != v else v for k, v in row.items()} for row in frame.to_dict("records")]
        text = "".join(json.dumps(row) + "\n" for row in rows)
    content = text.encode()
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    else:
        packed = {".gz": gzip.compress, ".zst": packed_by_zstd}
        path.write_bytes(packed.get(path.suffix, bytes)(content))
    return path


@pytest.mark.parametrize("name", ["n.csv.gz", "n.csv.zst", "n.jsonl", "n.ndjson", "n.jsonl.gz", "n.parquet"])
@pytest.mark.parametrize("out", ["out.csv", "out.parquet", "out.jsonl"])
def test_every_format_in_and_out_says_the_same(binary: Any, many: str, name: str, out: str) -> None:
    head = "".join(many.splitlines(keepends=True)[:400])
    path = in_format(binary, head, name.replace(".ndjson", ".jsonl"))
    found = binary.predict(path, out)
    read = read_frame(binary.folder / out, None, {"customer": "category", **KINDS})
    plain = binary.expected(binary.folder / "plain.csv")
    assert found.rows == len(read) == 399
    assert np.array_equal(read["probability"], plain[:, 1])
    assert list(read.columns) == ["customer", "age", "visits", "plan", "prediction", "probability"]
    assert read["customer"].tolist() == [f"{i:06d}" for i in range(399)]


def test_json_lines_out_are_an_object_a_row_with_null_for_what_is_missing(binary: Any) -> None:
    binary.predict(binary.file("code,age,visits,plan\n007,40.5,3,gold\n008,,4,\n"), "out.jsonl")
    first, second = map(json.loads, (binary.folder / "out.jsonl").read_text().splitlines())
    assert list(first) == ["code", "age", "visits", "plan", "prediction", "probability"]
    assert (first["code"], first["age"], first["visits"]) == ("007", 40.5, 3)
    assert (second["age"], second["plan"]) == (None, None)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-1e6, 1e6)),
            st.one_of(st.none(), st.integers(-5, 20)),
            st.sampled_from(["basic", "gold", "trial", "new", None]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_frame_of_a_batch_is_the_frame_of_the_registry(binary: Any, rows: list[Any]) -> None:
    """Also where an integer column misses a value, a category is absent, or all of a column is missing."""
    columns = binary.version.signature.columns
    types = {"age": pa.float64(), "visits": pa.int64(), "plan": pa.string()}
    arrays = {c: pa.array([row[n] for row in rows], types[c.name]) for n, c in enumerate(columns)}
    found = frame_of({column: encoded(array) for column, array in arrays.items()}, len(rows))
    plain = pd.DataFrame({c.name: pd.Series(array.to_pylist(), dtype=object) for c, array in arrays.items()})
    for name in ("age", "visits"):
        plain[name] = pd.to_numeric(plain[name])
    expected = typed(plain, columns)
    pd.testing.assert_frame_equal(found, expected)
    assert np.array_equal(binary.pipeline.predict_proba(found), binary.pipeline.predict_proba(expected))


def test_truths_and_times_are_of_the_dtypes_of_training() -> None:
    member = SignatureColumn("member", "boolean", "object")
    joined = SignatureColumn("joined", "date-time", "datetime64[us]")
    times = pa.array([0, None, 86_400_000_000], pa.timestamp("us"))
    for truths in ([True, None, False], [True, False, True]):
        found = frame_of({member: pa.array(truths), joined: times}, 3)
        assert found["member"].tolist() == truths
        assert found["member"].dtype == object
        assert found["joined"].dtype == "datetime64[us]"
        assert found["joined"].isna().tolist() == [False, True, False]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 7))
def test_an_integer_column_with_a_missing_value_is_still_valid(binary: Any, missing: int) -> None:
    """The other rows get the numbers that they get alone."""
    lines = [f"{20 + i},{i},gold" for i in range(8)]
    binary.predict(binary.file(HEAD + "\n".join(lines) + "\n"), "whole.csv")
    lines[missing] = f"{20 + missing},,gold"
    binary.predict(binary.file(HEAD + "\n".join(lines) + "\n"), "missing.csv")
    whole, parts = (pd.read_csv(binary.folder / name)["probability"] for name in ("whole.csv", "missing.csv"))
    assert whole.drop(missing).tolist() == parts.drop(missing).tolist()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("empty.csv", "", "is empty"),
        ("head.csv", HEAD, "a header and no rows"),
        ("empty.jsonl", "\n", "has no JSON object"),
        ("torn.csv.gz", "no gzip", "cannot be unpacked"),
        ("torn.parquet", "no parquet", "is not a whole Parquet file"),
    ],
)
def test_a_file_with_nothing_to_predict_is_refused_in_one_sentence(
    binary: Any, name: str, text: str, words: str
) -> None:
    path = binary.file(text, name)
    with pytest.raises(FileUnreadable, match=words):
        binary.predict(path)
    assert [found.name for found in binary.folder.iterdir()] == [name]


def test_a_file_with_its_own_missing_words_is_written_as_it_was(binary: Any) -> None:
    path = binary.file("code,age,visits,plan\nNA,40,1,NA\n,NA,2,gold\n")
    binary.predict(path, options=ReadOptions(missing=("", "NA")))
    lines = (binary.folder / "out.csv").read_text().splitlines()
    assert lines[1].startswith("NA,40,1,NA,")
    assert lines[2].startswith(",NA,2,gold,")
