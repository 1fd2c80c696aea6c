"""Preprocessing learns from the rows it is fitted on, and from nothing else."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from mlops_tui.features.engine import MAX_CATEGORIES, preprocessor
from mlops_tui.features.model import FeatureColumn

AGE, PLAN, MEMBER = (
    FeatureColumn("age", "numeric"),
    FeatureColumn("plan", "category"),
    FeatureColumn("member", "boolean"),
)
EVERY = [AGE, PLAN, MEMBER]
WAYS = list(product((True, False), ("onehot", "ordinal")))


def frame(age: list[float], plan: list[object], member: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"age": age, "plan": pd.Series(plan, dtype=object), "member": pd.Series(member, dtype=object)})


TRAINING = frame([20.0, 30.0, 40.0, np.nan], ["a", "b", None, "a"], [True, False, True, None])


def test_a_gap_is_filled_by_the_median_of_the_rows_that_were_fitted() -> None:
    fitted = preprocessor([AGE], scale=False, encode="onehot", impute=True).fit(TRAINING)
    later = frame([np.nan, 1000.0], ["a", "a"], [True, True])
    assert fitted.transform(later).tolist() == [[30.0], [1000.0]]


def test_a_number_is_scaled_by_the_rows_that_were_fitted() -> None:
    fitted = preprocessor([AGE], scale=True, encode="onehot", impute=True).fit(TRAINING)
    deviation = np.std([20.0, 30.0, 40.0, 30.0])
    assert fitted.transform(frame([50.0], ["a"], [True])).tolist() == [[pytest.approx(20.0 / deviation)]]


def test_a_gap_stays_one_for_a_family_that_can_bear_it() -> None:
    fitted = preprocessor([AGE], scale=False, encode="ordinal", impute=False).fit(TRAINING)
    assert np.isnan(fitted.transform(TRAINING)).ravel().tolist() == [False, False, False, True]


@pytest.mark.parametrize(("impute", "encode"), WAYS)
def test_a_missing_category_or_boolean_is_a_value_of_its_own(impute: bool, encode: str) -> None:
    made = preprocessor([PLAN, MEMBER], scale=False, encode=encode, impute=impute).fit_transform(TRAINING)
    rows = [str(row) for row in np.asarray(made, dtype=float)]
    assert len(set(rows)) == 4  # each row has a pair of its own: (a, true), (b, false), (none, true), (a, none)


@pytest.mark.parametrize(("impute", "encode"), WAYS)
def test_what_training_has_never_seen_is_no_error_and_no_known_value(impute: bool, encode: str) -> None:
    seen = frame([20.0, 30.0], ["a", "b"], [True, False])
    fitted = preprocessor(EVERY, scale=False, encode=encode, impute=impute).fit(seen)
    strange = np.asarray(fitted.transform(frame([25.0], ["zzz"], [None])), dtype=float)[0, 1:]
    for known in np.asarray(fitted.transform(seen), dtype=float)[:, 1:]:
        assert not np.array_equal(strange, known)
    assert np.isnan(strange).all() if encode == "ordinal" else (strange == 0).all()


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
def test_rare_categories_share_one_place(encode: str) -> None:
    values = [f"v{number}" for number in range(300)] + [f"v{number}" for number in range(40)] * 5
    many = pd.DataFrame({"plan": pd.Series(values, dtype=object)})
    made = np.asarray(preprocessor([PLAN], scale=False, encode=encode, impute=True).fit_transform(many), dtype=float)
    assert len({tuple(row) for row in made}) == MAX_CATEGORIES
    assert made.shape[1] == (MAX_CATEGORIES if encode == "onehot" else 1)


@pytest.mark.parametrize(("impute", "encode"), WAYS)
def test_an_empty_column_is_no_error(impute: bool, encode: str) -> None:
    """A fold may have none of a column's values, though its source has some."""
    empty = frame([np.nan] * 3, [None] * 3, [None] * 3)
    fitted = preprocessor(EVERY, scale=impute, encode=encode, impute=impute).fit(empty)
    assert fitted.transform(TRAINING).shape[0] == 4


def test_columns_come_by_name_whatever_their_order_and_company() -> None:
    fitted = preprocessor([AGE], scale=False, encode="onehot", impute=True).fit(TRAINING)
    turned = TRAINING[["plan", "age", "member"]].assign(more=1)
    assert np.array_equal(fitted.transform(turned), fitted.transform(TRAINING))


def test_a_pipeline_fitted_on_a_fold_is_not_moved_by_the_rows_outside_it() -> None:
    """The same predictions whether the validation rows are wild or calm."""
    rows, y = np.arange(3), np.array([1.0, 2.0, 3.0])
    calm, wild = TRAINING.copy(), TRAINING.copy()
    wild.loc[3, "age"], wild.loc[3, "plan"] = 1e6, "zzz"
    asked = frame([25.0, np.nan], ["a", "b"], [True, False])
    answers = []
    for table in (calm, wild):
        pipeline = make_pipeline(preprocessor(EVERY, scale=True, encode="onehot", impute=True), LinearRegression())
        answers.append(pipeline.fit(table.iloc[rows], y).predict(asked))
    assert np.array_equal(*answers)
