"""Values that training has not seen are counted, and warned about or refused as the workspace says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import SchemaMismatch, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.registry.model import Signature
from mlops_tui.serving.policy import BEYOND, LACKING, UNKNOWN, Policy, parse_policy, policies

HEAD = "age,visits,plan\n"
ODD = HEAD + "40,1,platinum\n41,2,gold\n900,3,basic\n42,-4,\n"


@given(st.sampled_from(["warn", "refuse"]), st.floats(0, 1))
def test_a_policy_is_read_back_as_it_is_written(action: str, share: float) -> None:
    policy = Policy(action, float(f"{share:g}"))
    assert parse_policy(str(policy), Policy("warn", 0.5)) == policy
    assert parse_policy(action, Policy("warn", 0.5)) == Policy(action, 0.5)


@pytest.mark.parametrize("text", ["", "never", "refuse:", "refuse:2", "refuse:nan", "warn:-1", "refuse 0.5"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no policy"):
        parse_policy(text, Policy("warn", 0.0))


def test_what_is_said_now_wins_over_the_settings() -> None:
    settings = Settings(unknown_category="refuse", unknown_category_share=0.2, out_of_range_share=0.3)
    lacking = {LACKING: Policy("warn", 0.0)}
    assert policies(settings) == {UNKNOWN: Policy("refuse", 0.2), BEYOND: Policy("warn", 0.3), **lacking}
    told = policies(settings, {UNKNOWN: "warn", BEYOND: "refuse:0.01", LACKING: None})
    assert told == {UNKNOWN: Policy("warn", 0.2), BEYOND: Policy("refuse", 0.01), **lacking}


def test_unknown_categories_and_numbers_beyond_training_are_counted_by_column(binary: Any) -> None:
    """A missing value is neither, and is counted where training lacked none; a share that the policy is not about is told and does
    not count.
    """
    found = binary.predict(binary.file(ODD), policies=policies(Settings(), {BEYOND: "warn:0.25"})).findings
    told = {(one.check, one.column): (one.count, one.share, one.counts) for one in found}
    assert told == {
        (UNKNOWN, "plan"): (1, 0.25, True),
        (BEYOND, "age"): (1, 0.25, False),
        (BEYOND, "visits"): (1, 0.25, False),
        (LACKING, "plan"): (1, 0.25, True),
    }


def test_a_file_that_a_policy_refuses_is_not_predicted_and_says_each_column_and_count(binary: Any) -> None:
    path = binary.file(ODD)
    (binary.folder / "out.csv").write_text("earlier\n")
    with pytest.raises(SchemaMismatch) as caught:
        binary.predict(path, policies=policies(Settings(), {UNKNOWN: "refuse", BEYOND: "refuse:0.2"}))
    assert caught.value.title == (
        "new.csv is not predicted by churn version 3: in 1 row (25.00%) 'plan' is a value that training has not seen; in 1 row"
        " (25.00%) 'age' is beyond the range of training; in 1 row (25.00%) 'visits' is beyond the range of training."
    )
    assert caught.value.remedy.endswith("let it pass with: --out-of-range warn --unknown-category warn")
    assert (binary.folder / "out.csv").read_text() == "earlier\n"
    assert binary.predict(path, policies=policies(Settings(), {UNKNOWN: "refuse:0.5"})).rows == 4


def test_all_rows_are_counted_although_nothing_is_predicted_once_a_file_is_refused(
    binary: Any, many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_tui.serving.engine.batch.BATCH_ROWS", 2_048)
    asked: list[int] = []

    class Counting:
        def predict_proba(self, frame: Any) -> Any:
            asked.append(len(frame))
            return pipeline.predict_proba(frame)

    pipeline, binary.pipeline = binary.pipeline, Counting()
    path = binary.file(many.replace("gold", "platinum"))
    with pytest.raises(SchemaMismatch, match=f"{many.count('gold'):,} rows"):
        binary.predict(path, policies=policies(Settings(), {UNKNOWN: "refuse:0.1"}))
    assert sum(asked) == 2 * 2_048  # of six batches


def test_a_version_registered_before_ranges_were_kept_has_none_to_check(binary: Any) -> None:
    signature = binary.version.signature
    stripped = Signature.from_json(
        replace(
            signature, columns=tuple(replace(c, low=None, high=None, missing=None) for c in signature.columns)
        ).to_json()
    )
    binary.version = replace(binary.version, signature=stripped)
    assert [one.check for one in binary.predict(binary.file(ODD)).findings] == [UNKNOWN]


def test_a_signature_that_an_earlier_version_wrote_is_read(binary: Any) -> None:
    written = json.loads(binary.version.signature.to_json())
    for column in written["columns"]:
        del column["low"], column["high"], column["missing"]
    read = Signature.from_json(json.dumps(written))
    assert {(column.low, column.high, column.missing) for column in read.columns} == {(None, None, None)}
    assert read.names == binary.version.signature.names


@pytest.mark.parametrize(
    ("head", "cell", "kept"), [("age", "", 1), ("age", "inf", 1), ("plan", "", 1), ("visits", "", 1)]
)
def test_values_are_missed_where_training_lacked_none_and_there_alone(
    binary: Any, head: str, cell: str, kept: int
) -> None:
    """An infinite number is a missing one, as in training."""
    row = {"age": "40", "visits": "1", "plan": "gold"}
    path = binary.file(HEAD + ",".join(row.values()) + "\n" + ",".join({**row, head: cell}.values()) + "\n")
    found = binary.predict(path).findings
    assert [(one.check, one.column, one.count) for one in found if one.check == LACKING] == [(LACKING, head, kept)]
    columns = tuple(replace(column, missing=True) for column in binary.version.signature.columns)
    binary.version = replace(binary.version, signature=replace(binary.version.signature, columns=columns))
    assert LACKING not in {one.check for one in binary.predict(path).findings}
    binary.version = replace(binary.version, signature=fitted_signature(binary))
    with pytest.raises(SchemaMismatch, match="is missing, as it never was in training"):
        binary.predict(path, policies=policies(Settings(), {LACKING: "refuse"}))


def fitted_signature(fitted: Any) -> Signature:
    """The signature of training rows that lacked nothing."""
    columns = tuple(replace(column, missing=False) for column in fitted.version.signature.columns)
    return replace(fitted.version.signature, columns=columns)
