"""Which columns a model learns from, and what is said of the others."""

from __future__ import annotations

import pytest

from mlops_tui.features.model import choose_features

KINDS = {
    "person_id": "identifier",
    "age": "numeric",
    "visits": "integer",
    "plan": "category",
    "member": "boolean",
    "joined": "date-time",
    "remark": "text",
    "country": "constant",
    "left": "category",
}


def test_numbers_categories_and_booleans_are_learnt_from_in_the_order_of_the_table() -> None:
    features, _ = choose_features(KINDS, ("left",), {})
    assert [(column.name, column.kind) for column in features] == [
        ("age", "numeric"),
        ("visits", "integer"),
        ("plan", "category"),
        ("member", "boolean"),
    ]
    assert [column.is_numeric for column in features] == [True, True, False, False]


def test_each_column_left_out_is_named_with_its_reason() -> None:
    _, notices = choose_features(KINDS, ("left",), {})
    assert notices == (
        "Column 'person_id' is left out: an identifier tells rows apart and nothing else.",
        "Column 'joined' is left out: a date alone moves on for ever.",
        "Column 'remark' is left out: free text has too many different values to learn from.",
        "Column 'country' is left out: it has one value, or none.",
    )


@pytest.mark.parametrize("taken", ["age", "plan", "joined", "person_id"])
def test_a_column_with_another_role_is_neither_learnt_from_nor_complained_of(taken: str) -> None:
    features, notices = choose_features(KINDS, ("left", taken, None), {})
    assert taken not in {column.name for column in features}
    assert not any(f"'{taken}'" in notice for notice in notices)


def test_a_kind_that_is_new_is_left_out_by_name() -> None:
    features, notices = choose_features({"shape": "geometry"}, (), {})
    assert (features, notices) == ((), ("Column 'shape' is left out: it is of kind geometry.",))


def test_of_many_categories_the_commonest_are_told_apart_and_it_is_said() -> None:
    distinct = {"plan": 10_000, "member": 2, "age": 10_000, "remark": 10_000}
    features, notices = choose_features(KINDS, ("left",), distinct)
    assert "plan" in {column.name for column in features}
    told = [notice for notice in notices if "different values:" in notice]
    assert told == [
        "Column 'plan' has about 10,000 different values: the 49 commonest are told apart, the others count as one."
    ]


@pytest.mark.parametrize("role", ["id", "group", "time", "weight", "available-at"])
@pytest.mark.parametrize("column", ["age", "plan", "member"])
def test_a_role_that_is_no_features_is_never_learnt_from(column: str, role: str) -> None:
    """Whatever the column's kind, and without a word."""
    features, notices = choose_features(KINDS, ("left",), {}, {column: role})
    assert column not in {feature.name for feature in features}
    assert not any(f"'{column}'" in notice for notice in notices)


def test_a_column_that_is_to_be_ignored_is_left_out_and_said() -> None:
    """A constant is ignored by itself, and said to be one."""
    features, notices = choose_features(
        KINDS, ("left",), {}, {"age": "ignored", "country": "ignored", "plan": "feature"}
    )
    assert [feature.name for feature in features] == ["visits", "plan", "member"]
    assert "Column 'age' is left out: its role is to be ignored." in notices
    assert "Column 'country' is left out: it has one value, or none." in notices
