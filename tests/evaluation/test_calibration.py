"""Whether probabilities come true as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_tui.evaluation.calibration import calibration


def test_probabilities_that_come_true_as_often_as_they_say_have_hardly_an_error() -> None:
    generator = np.random.default_rng(1)
    said = generator.random(20_000)
    came_true = (generator.random(20_000) < said).astype(float)
    error, bins = calibration(came_true, said)
    assert error < 0.015
    assert sum(one.rows for one in bins) == 20_000
    assert calibration(came_true, np.sqrt(said))[0] > 0.1  # too sure of itself


def test_a_bin_tells_what_was_said_and_what_was_seen() -> None:
    error, bins = calibration(np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.62, 0.68, 1.0, 0.98]))
    assert [(one.low, one.rows, one.seen) for one in bins] == [(0.6, 2, 0.5), (0.9, 2, 1.0)]
    assert [one.said for one in bins] == pytest.approx([0.65, 0.99])
    assert error == pytest.approx((0.15 + 0.01) / 2)


def test_a_row_weighs_what_it_is_given() -> None:
    error, bins = calibration(np.array([1.0, 0.0]), np.array([0.55, 0.55]), np.array([3.0, 1.0]))
    assert bins[0].seen == 0.75
    assert error == pytest.approx(0.2)
