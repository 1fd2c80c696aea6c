"""A row is held out or trained on for ever."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import DataError
from mlops_tui.evaluation.held_out import is_held_out, make_rule, row_set_hash

CELLS = st.fixed_dictionaries(
    {
        "n": st.integers(-5, 5),
        "x": st.one_of(st.floats(-3, 3), st.integers(-3, 3).map(float), st.none()),
        "c": st.sampled_from(["a", "b", None]),
        "b": st.sampled_from([True, False, None]),
        "id": st.integers(0, 10**17),
        "g": st.sampled_from("pqrstuvw"),
    }
)
ROWS = st.lists(CELLS, min_size=1, max_size=30)
RULES = st.sampled_from([(None, None), ("id", None), (None, "g"), ("id", "g")])


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """As the data room reads them: numbers as numbers, all others as objects."""
    types = {"n": "int64", "x": "float64", "c": object, "b": object, "id": "int64", "g": object}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def rule(columns: tuple[str | None, str | None], salt: str = "salt", share: float = 0.5) -> dict[str, Any]:
    return make_rule(frame_of([]), time=None, id_column=columns[0], group=columns[1], salt=salt, share=share)


@settings(deadline=None)
@given(ROWS, ROWS, RULES, st.text("abcdef0123456789", min_size=1, max_size=80))
def test_a_row_stays_on_its_side_as_rows_are_added(
    rows: list[dict[str, Any]], more: list[dict[str, Any]], columns: tuple[str | None, str | None], salt: str
) -> None:
    """Whatever stands before or behind it."""
    alone, made = is_held_out(frame_of(rows), rule(columns, salt)), rule(columns, salt)
    assert np.array_equal(is_held_out(frame_of(rows + more), made)[: len(rows)], alone)
    assert np.array_equal(is_held_out(frame_of(more + rows), made)[len(more) :], alone)


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=20), RULES)
def test_a_row_stays_on_its_side_where_a_value_is_missing_in_another(
    rows: list[dict[str, Any]], columns: tuple[str | None, str | None]
) -> None:
    """Whole numbers are then read as floats."""
    whole = frame_of([{**row, "id": row["id"] % 2**50} for row in rows])
    gap = pd.DataFrame([{"n": None, "x": 1.0, "c": "a", "b": True, "id": None, "g": "p"}])
    grown = pd.concat([whole, gap.astype({"n": "float64", "id": "float64"})], ignore_index=True)
    assert grown["n"].dtype == grown["id"].dtype == "float64"
    assert np.array_equal(is_held_out(grown, rule(columns))[:-1], is_held_out(whole, rule(columns)))


@settings(deadline=None)
@given(ROWS)
def test_duplicates_are_on_one_side(rows: list[dict[str, Any]]) -> None:
    doubled = is_held_out(frame_of(rows + rows), rule((None, None)))
    assert np.array_equal(doubled[: len(rows)], doubled[len(rows) :])


@settings(deadline=None)
@given(ROWS, st.sampled_from([(None, "g"), ("id", "g")]))
def test_a_group_is_on_one_side_even_where_rows_have_ids(
    rows: list[dict[str, Any]], columns: tuple[str | None, str | None]
) -> None:
    frame = frame_of(rows)
    sides = frame.assign(held_out=is_held_out(frame, rule(columns))).groupby("g")["held_out"].nunique()
    assert (sides == 1).all()


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([(None, None), ("id", None)]), st.text("abcdef0123456789", min_size=1, max_size=32))
def test_the_share_held_out_is_near_the_one_that_was_asked_for(
    columns: tuple[str | None, str | None], salt: str
) -> None:
    """Of 4,000 rows a fifth, give or take five standard deviations."""
    frame = pd.DataFrame({"id": np.arange(4_000), "x": np.arange(4_000) / 7})
    share = is_held_out(frame, rule(columns, salt, share=0.2)).mean()
    assert abs(share - 0.2) < 5 * np.sqrt(0.2 * 0.8 / 4_000)


def test_another_salt_holds_other_rows_out() -> None:
    frame = pd.DataFrame({"id": np.arange(500)})
    sides = [is_held_out(frame, rule(("id", None), salt)) for salt in ("one", "two")]
    assert 100 < (sides[0] ^ sides[1]).sum() < 400


def test_the_newest_block_is_held_out_by_time_and_what_is_newer_later() -> None:
    moments = pd.date_range("2024-01-01", periods=100, freq="h")
    frame = pd.DataFrame({"t": moments}).sample(frac=1, random_state=1).reset_index(drop=True)
    made = make_rule(frame, time="t", id_column="id", group="g", salt="s", share=0.2)
    assert set(frame["t"][is_held_out(frame, made)]) == set(moments[80:])
    later = pd.DataFrame({"t": pd.date_range("2024-01-01", periods=200, freq="h")})
    assert is_held_out(later, made).tolist() == [False] * 80 + [True] * 120


def test_a_row_without_a_time_is_trained_on() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-01", "2024-01-02", None, "2024-01-03"])})
    made = make_rule(frame, time="t", id_column=None, group=None, salt="s", share=0.3)
    assert is_held_out(frame, made).tolist() == [False, False, False, True]


def test_no_rule_can_be_made_where_every_time_is_missing() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime([None, None])})
    with pytest.raises(DataError, match="'t' is missing in every labelled row"):
        make_rule(frame, time="t", id_column=None, group=None, salt="s", share=0.2)


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_hash_of_a_set_of_rows_is_that_of_the_set(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert row_set_hash(frame_of(rows)) == row_set_hash(frame_of(shuffled))
    changed = [{**rows[0], "id": rows[0]["id"] + 1000}, *rows[1:]]
    assert row_set_hash(frame_of(rows)) != row_set_hash(frame_of(changed))
