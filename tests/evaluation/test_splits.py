"""Folds hold to what the columns' roles ask for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import BadTarget
from mlops_tui.evaluation.splits import make_folds, rows_to_stop_by

TASKS = st.sampled_from(["binary", "multiclass", "regression"])
SIZES = st.integers(60, 120)
FOLDS = st.integers(2, 5)
SEEDS = st.integers(0, 2**31)


def target(task: str, rows: int) -> np.ndarray:
    """A target in which every class has rows enough; a class of the three takes two thirds."""
    if task == "regression":
        return np.linspace(0, 1, rows)
    return np.array(["a", "b"] if task == "binary" else ["a", "a", "b", "a", "a", "c"])[
        np.arange(rows) % (2 if task == "binary" else 6)
    ]


@settings(deadline=None)
@given(TASKS, SIZES, FOLDS, SEEDS, st.booleans())
def test_every_row_is_validated_once_and_never_in_its_own_training(
    task: str, rows: int, folds: int, seed: int, grouped: bool
) -> None:
    groups = np.arange(rows) // 2 if grouped else None
    made = make_folds(target(task, rows), task, folds, seed, groups=groups)
    assert len(made) == folds
    assert sorted(np.concatenate([validation for _, validation in made])) == list(range(rows))
    for training, validation in made:
        assert sorted([*training, *validation]) == list(range(rows))


@settings(deadline=None)
@given(TASKS, SIZES, FOLDS, SEEDS)
def test_a_group_is_never_split(task: str, rows: int, folds: int, seed: int) -> None:
    groups = np.random.default_rng(seed).integers(0, 15, rows)
    for training, validation in make_folds(target(task, rows), task, folds, seed, groups=groups):
        assert not set(groups[training]) & set(groups[validation])


@settings(deadline=None)
@given(TASKS, SIZES, FOLDS, SEEDS)
def test_in_time_order_the_future_never_trains(task: str, rows: int, folds: int, seed: int) -> None:
    made = make_folds(target(task, rows), task, folds, seed, in_time_order=True)
    assert len(made) == folds
    assert all(training.max() < validation.min() for training, validation in made)
    assert max(validation.max() for _, validation in made) == rows - 1


@settings(deadline=None)
@given(st.sampled_from(["binary", "multiclass"]), SIZES, FOLDS, SEEDS)
def test_classes_keep_their_shares_in_every_fold(task: str, rows: int, folds: int, seed: int) -> None:
    y = target(task, rows)
    for _, validation in make_folds(y, task, folds, seed):
        for label in np.unique(y):
            assert abs((y[validation] == label).sum() - (y == label).sum() / folds) <= 1


def test_the_same_seed_gives_the_same_folds_and_another_seed_others() -> None:
    y = target("binary", 90)
    first, again, other = (make_folds(y, "binary", 3, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one[1], two[1]) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0][1], other[0][1])


@pytest.mark.parametrize(
    ("y", "task", "words"),
    [
        (["a", "b"] * 2, "binary", "4 labelled rows, too few for 3 folds"),
        ([], "binary", "0 labelled rows, too few for 3 folds"),
        ([1.0] * 5, "regression", "5 labelled rows, too few for 3 folds"),
        (["a"] * 20 + ["b"] * 2, "binary", "is in 2 of the rows to train on, fewer than the 3 folds"),
        (["a"] * 20, "binary", "one class"),
    ],
)
def test_too_few_rows_or_classes_are_refused_with_the_number(y: list[object], task: str, words: str) -> None:
    with pytest.raises(BadTarget, match=words) as caught:
        make_folds(np.array(y), task, 3, 0)
    assert caught.value.remedy


def test_a_tenth_of_the_training_rows_says_when_to_stop_class_by_class() -> None:
    y = np.array(["a"] * 900 + ["b"] * 100)
    training = np.random.default_rng(0).permutation(1000)[:800]
    mask = rows_to_stop_by(training, y, "binary", 1)
    counts = {label: int((y[training] == label).sum()) for label in "ab"}
    assert {label: int((y[training[mask]] == label).sum()) for label in "ab"} == {
        label: round(count / 10) for label, count in counts.items()
    }
    assert not np.array_equal(mask, rows_to_stop_by(training, y, "binary", 2))
    assert np.array_equal(mask, rows_to_stop_by(training, y, "binary", 1))


def test_rows_to_stop_by_are_the_last_in_time_or_whole_groups() -> None:
    training, y = np.arange(100), np.zeros(100)
    assert rows_to_stop_by(training, y, "regression", 0, in_time_order=True).tolist() == [False] * 90 + [True] * 10
    groups = np.arange(100) // 5
    mask = rows_to_stop_by(training, y, "regression", 0, groups=groups)
    assert 0 < mask.sum() < 30
    assert not {*groups[mask]} & {*groups[~mask]}


def test_a_class_of_one_row_is_learnt_from_and_not_stopped_by() -> None:
    y = np.array(["a"] * 20 + ["b"])
    mask = rows_to_stop_by(np.arange(21), y, "binary", 0)
    assert not mask[20]
    assert mask.sum() == 2
