"""A file is predicted whole or not at all, by the model's signature and never by the batch's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import FileUnreadable, SchemaMismatch, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.reading import open_file
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.frame import typed
from mlops_tui.serving.engine import batch
from mlops_tui.serving.engine.frames import encoded, frame_of
from mlops_tui.serving.engine.rows import Keys, batches, plan_rows
from mlops_tui.serving.policy import policies

KINDS = {"age": "numeric", "visits": "integer", "plan": "category"}


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_predictions_are_those_of_the_pipeline_on_the_same_rows(binary: Any, many: str) -> None:
    path = binary.file(many)
    found = binary.predict(path)
    out = read(binary.folder / "out.csv")
    expected = binary.expected(path)
    assert found.rows == len(out) == 12_000
    assert np.array_equal(out["probability"].astype(float), expected[:, 1])
    assert out["prediction"].tolist() == np.where(expected.argmax(axis=1) == 1, "leaves", "stays").tolist()


@pytest.mark.parametrize("rows", [2_048, 5_000])
def test_the_size_of_a_batch_changes_nothing(
    binary: Any, many: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = binary.file(many)
    binary.predict(path, "whole.csv")
    monkeypatch.setattr(batch, "BATCH_ROWS", rows)
    binary.predict(path, "parts.csv")
    assert (binary.folder / "whole.csv").read_bytes() == (binary.folder / "parts.csv").read_bytes()


def test_every_column_of_the_file_is_written_as_it_was(binary: Any) -> None:
    """Leading zeros, trailing zeros, words for missing and quoted text, used by the model or not."""
    path = binary.file('code,age,visits,plan,note\n007,40.10,3,gold,"a, ""b"""\n008,,4,basic,NA\n')
    binary.predict(path)
    lines = (binary.folder / "out.csv").read_text().splitlines()
    assert lines[0] == "code,age,visits,plan,note,prediction,probability"
    assert lines[1].startswith('007,40.10,3,gold,"a, ""b""",')
    assert lines[2].startswith("008,,4,basic,NA,")


def test_a_parquet_file_keeps_types_and_codes(binary: Any) -> None:
    path = binary.file("code,age,visits,plan\n007,40.5,3,gold\n008,,4,basic\n")
    binary.predict(path, "out.parquet")
    out = read_frame(binary.folder / "out.parquet")
    assert out["code"].tolist() == ["007", "008"]
    assert out["visits"].dtype == "int64"
    assert np.array_equal(out["probability"], binary.expected(path)[:, 1])


def test_parquet_in_gives_the_same_numbers_as_csv_in(binary: Any, many: str) -> None:
    path = binary.file(many)
    frame = read_frame(path, None, {"customer": "category", **KINDS})
    frame.to_parquet(binary.folder / "new.parquet")
    binary.predict(path, "a.csv")
    binary.predict(binary.folder / "new.parquet", "b.csv")
    a, b = read(binary.folder / "a.csv"), read(binary.folder / "b.csv")
    assert a["probability"].tolist() == b["probability"].tolist()
    assert a["customer"].tolist() == b["customer"].tolist()


def test_a_batch_without_a_category_gives_the_same_numbers(binary: Any) -> None:
    """Codes are the model's: rows of plan gold score alike with and without other plans beside them."""
    head = "age,visits,plan\n"
    gold = "41.5,3,gold\n33.25,7,gold\n"
    binary.predict(binary.file(head + gold + "50,1,basic\n20,8,trial\n"), "mixed.csv")
    binary.predict(binary.file(head + gold), "gold.csv")
    mixed, alone = read(binary.folder / "mixed.csv"), read(binary.folder / "gold.csv")
    assert mixed["probability"].tolist()[:2] == alone["probability"].tolist()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(18, 90)),
            st.integers(0, 9),
            st.sampled_from(["basic", "gold", "trial", "new", ""]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_row_by_row_and_all_at_once_agree(binary: Any, rows: list[tuple[int | None, int, str]]) -> None:
    lines = [f"{'' if age is None else age},{visits},{plan}" for age, visits, plan in rows]
    head = "age,visits,plan\n"
    binary.predict(binary.file(head + "\n".join(lines) + "\n"), "all.csv")
    together = read(binary.folder / "all.csv")["probability"].tolist()
    single = []
    for line in lines:
        binary.predict(binary.file(head + line + "\n"), "one.csv")
        single += read(binary.folder / "one.csv")["probability"].tolist()
    assert single == together


def test_categories_that_training_has_not_seen_are_counted(binary: Any) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n41,2,platinum\n42,3,platinum\n43,4,\n")
    found, _ = binary.predict(path).findings
    assert (found.check, found.column, found.count, found.share) == ("unknown_category", "plan", 2, 0.5)


def test_columns_in_another_order_and_unknown_columns_change_nothing(binary: Any) -> None:
    binary.predict(binary.file("age,visits,plan\n40,1,gold\n"), "a.csv")
    binary.predict(binary.file("extra,plan,visits,other,age\nx,gold,1,2,40\n"), "b.csv")
    a, b = read(binary.folder / "a.csv"), read(binary.folder / "b.csv")
    assert a["probability"].tolist() == b["probability"].tolist()
    assert list(b.columns) == ["extra", "plan", "visits", "other", "age", "prediction", "probability"]


def test_a_missing_column_is_named_with_the_file_and_what_to_do(binary: Any) -> None:
    path = binary.file("age,plan\n40,gold\n")
    with pytest.raises(SchemaMismatch) as caught:
        binary.predict(path)
    assert caught.value.title == "new.csv lacks the column 'visits', which churn version 3 reads."
    assert caught.value.remedy == "Add it, under the same name."
    assert os.listdir(binary.folder) == ["new.csv"]


def test_a_column_of_the_wrong_type_is_named_with_line_and_file(binary: Any) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\nforty,2,basic\n")
    with pytest.raises(SchemaMismatch) as caught:
        binary.predict(path)
    for part in ("new.csv", "line 3", "'forty'", "age", "churn version 3"):
        assert part in caught.value.title


def test_a_parquet_column_of_the_wrong_type_is_named(binary: Any) -> None:
    path = binary.folder / "new.parquet"
    pd.DataFrame({"age": ["x"], "visits": [1], "plan": ["gold"]}).to_parquet(path)
    with pytest.raises(SchemaMismatch, match=r"new\.parquet, row 1 has 'x' in column age"):
        binary.predict(path)


def test_a_fault_in_a_column_that_the_model_does_not_read_is_no_mismatch(binary: Any) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n41,2\n")
    with pytest.raises(FileUnreadable):
        binary.predict(path)


def test_a_file_with_a_prediction_in_it_already_is_refused(binary: Any) -> None:
    path = binary.file("age,visits,plan,Prediction\n40,1,gold,stays\n")
    with pytest.raises(SchemaMismatch, match="has a column 'prediction'"):
        binary.predict(path)


def test_a_failed_prediction_leaves_the_earlier_result_alone(binary: Any) -> None:
    (binary.folder / "out.csv").write_text("earlier\n")
    with pytest.raises(SchemaMismatch):
        binary.predict(binary.file("age,plan\n40,gold\n"))
    assert (binary.folder / "out.csv").read_text() == "earlier\n"
    binary.predict(binary.file("age,visits,plan\n40,1,gold\n"))
    assert (binary.folder / "out.csv").read_text().startswith("age,visits,plan,prediction")
    assert sorted(os.listdir(binary.folder)) == ["new.csv", "out.csv"]


@pytest.mark.parametrize(
    ("out", "words"),
    [("nowhere/out.csv", "There is no folder"), ("out.xlsx", "no known format"), ("new.csv", "the file that is read")],
)
def test_a_place_that_cannot_be_written_is_refused_first(binary: Any, out: str, words: str) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n")
    with pytest.raises(UsageError, match=words):
        binary.predict(path, out)


def test_several_classes_have_a_probability_each(three: Any, many: str) -> None:
    path = three.file(many)
    found = three.predict(path, "out.parquet")
    out = read_frame(three.folder / "out.parquet")
    expected = three.expected(path)
    assert np.array_equal(out[["probability_1", "probability_2", "probability_3"]].to_numpy(), expected)
    assert out["prediction"].tolist() == (expected.argmax(axis=1) + 1).tolist()
    assert found.scores["mean"] == pytest.approx(expected.max(axis=1).mean())


def test_the_positive_class_may_be_the_first(binary: Any, tmp_path: Path) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n")
    expected = binary.expected(path)
    signature = binary.version.signature
    object.__setattr__(signature, "positive", "stays")
    binary.predict(path)
    assert read(tmp_path / "out.csv")["probability"].astype(float).tolist() == expected[:, 0].tolist()


def test_regression_writes_the_prediction_only(number: Any, many: str) -> None:
    path = number.file(many)
    found = number.predict(path)
    out = read(number.folder / "out.csv")
    assert list(out.columns) == ["customer", "age", "visits", "plan", "prediction"]
    assert np.array_equal(out["prediction"].astype(float), number.expected(path))
    assert found.scores["of"] == "prediction"
    assert "labels" not in found.scores


def test_the_profile_of_scores_is_that_of_the_scores(binary: Any, many: str) -> None:
    path = binary.file(many)
    found = binary.predict(path).scores
    expected = binary.expected(path)[:, 1]
    assert found["count"] == 12_000
    assert found["mean"] == pytest.approx(expected.mean())
    assert found["std"] == pytest.approx(expected.std(ddof=1))
    shares = np.arange(11) / 10
    assert found["deciles"] == pytest.approx(np.quantile(expected, shares, method="inverted_cdf"), abs=1e-12)
    assert sum(found["labels"].values()) == 12_000


def test_a_row_without_a_finite_prediction_is_rejected_and_left_empty(number: Any) -> None:
    """Counted and kept in its place, never written as NaN."""

    class Undecided:
        def predict(self, frame: pd.DataFrame) -> np.ndarray:
            return np.where(frame["age"] > 40, np.nan, 1.5)

    number.pipeline = Undecided()
    found = number.predict(number.file("age,visits,plan\n30,1,gold\n50,2,basic\n20,3,gold\n"))
    assert (found.rows, found.rejected, found.scores["count"]) == (3, 1, 2)
    assert (number.folder / "out.csv").read_text().splitlines()[1:] == [
        "30,1,gold,1.5",
        "50,2,basic,",
        "20,3,gold,1.5",
    ]


def test_a_file_with_decimal_commas_is_answered_with_decimal_commas(binary: Any) -> None:
    path = binary.file("age;visits;plan\n40,5;1;gold\n41,25;2;basic\n")
    options = ReadOptions(decimal=",")
    binary.predict(path, options=options)
    out = read_frame(binary.folder / "out.csv", options, KINDS)
    assert np.array_equal(out["probability"], binary.expected(path, options)[:, 1])
    assert out["age"].tolist() == [40.5, 41.25]


def test_frames_in_batches_are_the_frame_read_whole(binary: Any, many: str) -> None:
    path = binary.file(many)
    columns = binary.version.signature.columns
    with open_file(path, None, KINDS) as file:
        plan = plan_rows(file, path, columns, Keys(), as_text=True)
        parts = [
            frame_of({c: encoded(rows.column(plan.read[c])) for c in columns}, rows.num_rows)
            for rows in batches(file, plan, 4_000)
        ]
    whole = typed(read_frame(path, None, KINDS, list(KINDS)), columns)
    assert len(parts) > 2
    assert pd.concat(parts, ignore_index=True).equals(whole)


def test_progress_counts_rows_up_to_all_of_them(binary: Any, many: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_ROWS", 4_096)
    seen: list[tuple[int, int]] = []
    path = binary.file(many)
    asked = batch.Wanted(binary.folder / "o.csv", policies(Settings()))
    batch.predict_files(
        binary.loaded, [batch.Given(path)], asked, on_rows=lambda at, done, total: seen.append((done, total))
    )
    assert seen == [(4_096, 12_000), (8_192, 12_000), (12_000, 12_000)]
