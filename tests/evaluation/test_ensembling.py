"""Greedy selection of what is averaged."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mlops_tui.evaluation.ensembling import averaged, select


def test_models_that_err_on_different_rows_are_averaged_and_a_bad_one_is_left_out() -> None:
    generator = np.random.default_rng(0)
    truth = generator.normal(size=400)
    one, other = truth + generator.normal(0, 1, 400), truth + generator.normal(0, 1.2, 400)
    bad = truth + generator.normal(0, 30, 400)

    def value(said: np.ndarray) -> float:
        return -float(np.mean((said - truth) ** 2))

    counts = select([bad, one, other], value)
    assert counts[1] > 0
    assert counts[2] > 0
    assert counts[0] == 0
    assert value(averaged([bad, one, other], counts)) > max(value(one), value(other))
    best = max(value(share * one + (1 - share) * other) for share in np.linspace(0, 1, 201))
    assert value(averaged([bad, one, other], counts)) > best - 0.01  # near the best of all weights
    assert counts[1] >= counts[2]


def test_of_averages_that_are_as_good_the_smallest_is_taken() -> None:
    same = np.array([0.1, 0.9])
    assert select([same, same.copy()], lambda said: -float(np.abs(said - [0, 1]).sum())) == Counter({0: 1})


def test_a_model_that_is_counted_twice_weighs_twice() -> None:
    said = [np.array([0.0, 3.0]), np.array([3.0, 0.0])]
    assert averaged(said, Counter({0: 2, 1: 1})).tolist() == [1.0, 2.0]
