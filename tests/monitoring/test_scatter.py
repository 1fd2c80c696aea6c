"""What chance makes of a metric of so many rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_tui.evaluation.answers import Answers, answers
from mlops_tui.evaluation.verdict import drawn
from mlops_tui.monitoring.engine.scatter import ERRORS, MOST_ROWS, Scatter, Scattering


def ranked(rows: int, apart: float, share: float = 0.5) -> Answers:
    """Scores that tell two classes apart by so many standard deviations."""
    draw = np.random.default_rng(1)
    truth = draw.random(rows) < share
    return answers(truth, 1 / (1 + np.exp(-draw.normal(apart * truth, 1.0))), classes=[False, True])


def test_a_file_of_few_rows_lies_below_by_chance_as_rarely_as_is_said_though_its_metric_is_skewed() -> None:
    """Of 20,000 files of 100 rows; three standard errors of a normal metric are passed by 1.35 of a thousand."""
    known = ranked(4_000, 2.6)
    whole = drawn(known, "roc_auc")[0]
    files = np.concatenate([drawn(known, "roc_auc", seed=seed, rows=100)[1:] for seed in range(1, 21)])
    scatter = Scattering(known, "roc_auc").of(100)
    beyond = float(np.mean(files < whole - scatter.below * scatter.error))
    naive = float(np.mean(files < whole - ERRORS * scatter.error))
    assert naive > 0.004
    assert beyond < 0.003


def test_means_of_many_rows_scatter_by_their_root_and_alike_to_both_sides() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(size=3_000)
    scattering = Scattering(answers(truth, truth + draw.normal(size=3_000)), "mae")
    assert scattering.whole.error == pytest.approx(np.sqrt((1 - 2 / np.pi) / 3_000), rel=0.1)
    assert scattering.of(300).error == pytest.approx(np.sqrt((1 - 2 / np.pi) / 300), rel=0.1)
    assert scattering.of(300_000).error == pytest.approx(scattering.whole.error / 10)
    assert abs(scattering.of(300_000).below - scattering.of(300_000).above) < 0.1


def test_of_more_rows_than_are_drawn_the_error_is_that_of_all() -> None:
    few, many = Scattering(ranked(MOST_ROWS, 1.0), "roc_auc"), Scattering(ranked(4 * MOST_ROWS, 1.0), "roc_auc")
    assert many.whole.error == pytest.approx(few.whole.error / 2, rel=0.1)
    assert many.of(MOST_ROWS).error == pytest.approx(few.whole.error, rel=0.1)


def test_a_file_in_which_a_rare_class_is_mostly_lacking_has_the_error_that_more_rows_tell() -> None:
    scattering = Scattering(ranked(5_000, 1.0, share=0.01), "roc_auc")
    assert scattering.of(40).error == pytest.approx(scattering.whole.error * np.sqrt(5_000 / 40))


def test_a_metric_that_rows_drawn_anew_do_not_have_is_refused() -> None:
    alike = Answers("binary", np.zeros(50, dtype=np.int64), np.full(50, 0.5), "rows", ("no", "yes"))
    with pytest.raises(ValueError, match="roc_auc is not defined on 50 rows"):
        Scattering(alike, "roc_auc")


def test_a_difference_has_both_errors_and_what_is_left_of_both_skews() -> None:
    draw = np.random.default_rng(0)
    first, other = draw.gamma(4.0, 1.0, 400_000), 2 * draw.gamma(4.0, 1.0, 400_000)
    difference = Scatter(2.0, 1.0).less(Scatter(4.0, 1.0))  # a gamma of shape 4 has skewness 1
    apart = first - other
    assert difference.error == pytest.approx(apart.std(), rel=0.01)
    assert difference.skew == pytest.approx(float(np.mean((apart - apart.mean()) ** 3)) / apart.std() ** 3, abs=0.03)
    assert difference.below > ERRORS > difference.above
