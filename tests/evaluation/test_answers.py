"""What a model said beside the truth: read as a person has it, kept, and asked for metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, root_mean_squared_error

from mlops_tui.core.errors import UsageError
from mlops_tui.evaluation.answers import Answers, answers


def whole(found: Answers) -> np.ndarray:
    return np.arange(len(found.truth))


def test_probabilities_of_two_classes_are_told_by_a_column_or_by_two() -> None:
    draw = np.random.default_rng(0)
    truth, said = draw.integers(0, 2, 300), draw.random(300)
    one, two = answers(truth, said), answers(truth, np.column_stack([1 - said, said]))
    assert (one.task, one.classes, one.are_labels) == ("binary", ("0", "1"), False)
    for found in (one, two):
        assert found.value("roc_auc", whole(found)) == pytest.approx(roc_auc_score(truth, said))
    assert one.rows == two.rows


def test_labels_of_words_and_of_numbers_are_labels() -> None:
    words = answers(["yes", "no", "yes", "no"], ["yes", "yes", "yes", "no"])
    assert (words.task, words.classes, words.are_labels) == ("binary", ("no", "yes"), True)
    assert words.value("accuracy", whole(words)) == 0.75
    truth = np.tile(np.arange(3), 20)
    numbers = answers(truth, np.roll(truth, 1))
    assert (numbers.task, numbers.are_labels) == ("multiclass", True)
    assert numbers.value("accuracy", whole(numbers)) == accuracy_score(truth, np.roll(truth, 1))


def test_columns_of_probabilities_are_in_the_order_of_the_classes_that_are_named() -> None:
    truth = pd.Series(["b", "a", "c", "a", "b"] * 10)
    shares = np.random.default_rng(1).dirichlet([1, 1, 1], 50)
    found = answers(truth, shares, classes=["b", "c", "a"])
    expected = log_loss(truth, shares[:, [2, 0, 1]], labels=["a", "b", "c"])
    assert found.value("log_loss", whole(found)) == pytest.approx(expected, rel=1e-5)


def test_numbers_are_numbers() -> None:
    draw = np.random.default_rng(2)
    truth, said = draw.normal(size=50), draw.normal(size=50)
    found = answers(truth, said)
    assert (found.task, found.classes) == ("regression", ())
    assert found.value("rmse", whole(found)) == pytest.approx(root_mean_squared_error(truth, said))
    counts = answers(np.arange(40), np.arange(40) + 1)
    assert counts.task == "regression"


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=30), st.booleans())
def test_what_is_kept_is_read_back_as_it_was(rows: list[tuple[int, float]], named: bool) -> None:
    truth, said = np.array([row[0] % 2 for row in rows]), np.array([row[1] for row in rows])
    found = answers(truth, said, classes=[0, 1], ids=list(range(len(rows))) if named else None, task="binary")
    again = Answers.from_bytes(found.to_bytes())
    assert (again.task, again.rows, again.classes, again.are_labels) == (
        *(found.task, found.rows, found.classes),
        found.are_labels,
    )
    assert np.array_equal(again.truth, found.truth)
    assert np.array_equal(again.said, found.said)


def test_rows_are_the_same_where_ids_and_truth_are() -> None:
    truth, said = [0, 1, 0, 1], [0.1, 0.9, 0.2, 0.8]
    one = answers(truth, said, ids=["a", "b", "c", "d"])
    assert answers(truth, said[::-1], ids=["a", "b", "c", "d"]).rows == one.rows
    assert answers(truth, said, ids=["a", "b", "c", "x"]).rows != one.rows
    assert answers([1, 1, 0, 1], said, ids=["a", "b", "c", "d"]).rows != one.rows


@pytest.mark.parametrize(
    ("truth", "said", "more", "words"),
    [
        ([0, 1], [0.1], {}, "do not fit a truth"),
        ([], [], {}, "do not fit a truth"),
        ([0, 1], [0.1, 0.2], {"ids": [1]}, "Give one id for every row"),
        ([0, None], [0.1, 0.2], {}, "truth of some rows is missing"),
        ([0, 1], [0.1, 0.2], {"task": "ranking"}, "no task 'ranking'"),
        (["a", "b"], ["a", "z"], {"classes": ["a", "b"]}, "'z' is none of the classes"),
        (["a", "b", "c"], [0.1, 0.2, 0.3], {}, "do not fit 3 classes"),
        ([0, 1, 0], [0.1, 1.2, 0.3], {"task": "binary"}, "Probabilities are from 0 to 1"),
        (["a", "b"], ["x", "y"], {"task": "regression"}, "Numbers were expected"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(truth: Any, said: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        answers(truth, said, **more)
    assert words in f"{caught.value.title} {caught.value.remedy}"


def test_a_file_of_something_else_is_no_predictions() -> None:
    for content in (b"", b"PK\x03\x04 and no more", b"x,y\n1,2\n"):
        with pytest.raises(ValueError, match=r"no predictions|pickled"):
            Answers.from_bytes(content)
