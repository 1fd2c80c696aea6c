"""A model passes, fails, or nothing can be told; each bound agrees with a slower or a textbook way to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, r2_score, roc_auc_score
from sklearn.metrics import root_mean_squared_error as rmse

from mlops_tui.evaluation.paired import (
    CANNOT_TELL,
    FAIL,
    PASS,
    Estimate,
    bootstrap,
    compare,
    delong,
    judge,
    matched_pairs,
)
from mlops_tui.evaluation.power import rows_needed
from mlops_tui.evaluation.scoring import score as metric_score

Z = norm.ppf(0.95)
AGAINST = "the default parameters"


def binary(n: int, seed: int, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Truth and probabilities of a model that sees it through noise."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, n)
    chance = 1 / (1 + np.exp(-(2 * truth - 1 + noise * generator.normal(size=n))))
    return truth, np.column_stack([1 - chance, chance])


def noisy(scores: np.ndarray, size: float, seed: int) -> np.ndarray:
    chance = np.clip(scores[:, 1] + size * np.random.default_rng(seed).normal(size=len(scores)), 0.001, 0.999)
    return np.column_stack([1 - chance, chance])


def slow_delong(truth: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Difference and standard error by the definition, every pair compared: O(n²)."""

    def components(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = scores[truth == 1], scores[truth == 0]
        psi = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
        return psi.mean(axis=1), psi.mean(axis=0)

    (a10, a01), (b10, b01) = components(a), components(b)
    s10, s01 = np.cov(a10, b10), np.cov(a01, b01)
    covariance = s10 / len(a10) + s01 / len(a01)
    return a10.mean() - b10.mean(), math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])


@settings(max_examples=40, deadline=None)
@given(st.integers(12, 80), st.integers(0, 10_000), st.booleans())
def test_delong_by_ranks_is_delong_by_pairs(n: int, seed: int, ties: bool) -> None:
    generator = np.random.default_rng(seed)
    truth = np.r_[0, 0, 0, 1, 1, 1, generator.integers(0, 2, n - 6)]
    a, b = generator.random((2, n))
    if ties:
        a, b = np.round(a, 1), np.round(b, 1)
    found = delong(truth, np.column_stack([1 - a, a]), np.column_stack([1 - b, b]))
    difference, error = slow_delong(truth, a, b)
    assert found.difference == pytest.approx(difference, abs=1e-12)
    assert found.error == pytest.approx(error, abs=1e-12)
    assert found.low == pytest.approx(difference - Z * error, abs=1e-12)


@pytest.mark.slow
def test_many_classes_are_the_mean_of_each_against_the_rest() -> None:
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 4, 300)
    a, b = (generator.dirichlet(np.ones(4), 300) + 0.4 * np.eye(4)[truth] for _ in range(2))
    a, b = (scores / scores.sum(axis=1, keepdims=True) for scores in (a, b))
    expected = roc_auc_score(truth, a, multi_class="ovr") - roc_auc_score(truth, b, multi_class="ovr")
    found = delong(truth, a, b)
    assert found.difference == pytest.approx(expected, abs=1e-12)
    generator = np.random.default_rng(4)
    draws = []
    for _ in range(400):
        rows = generator.integers(0, 300, 300)
        draws.append(
            roc_auc_score(truth[rows], a[rows], multi_class="ovr")
            - roc_auc_score(truth[rows], b[rows], multi_class="ovr")
        )
    assert found.error == pytest.approx(np.std(draws), rel=0.15)


def test_the_bound_of_the_area_covers_the_truth_as_often_as_it_says() -> None:
    """Two models of equal worth: the lower bound lies above 0 in about one case of twenty."""
    beyond = 0
    for seed in range(400):
        truth, scores = binary(120, seed)
        beyond += delong(truth, noisy(scores, 0.1, 2 * seed), noisy(scores, 0.1, 2 * seed + 1)).low > 0
    assert 0.02 <= beyond / 400 <= 0.085


def test_matched_pairs_by_hand() -> None:
    """10 gains and 4 losses in 100 rows, half a row added to each cell: 6/102, sqrt(15 − 36/102)/102."""
    model = np.r_[np.ones(10), np.zeros(4), np.ones(86)].astype(bool)
    baseline = np.r_[np.zeros(10), np.ones(4), np.ones(86)].astype(bool)
    found = matched_pairs(model, baseline)
    error = math.sqrt(15 - 36 / 102) / 102
    assert found.difference == pytest.approx(0.06)
    assert found.low == pytest.approx(6 / 102 - Z * error)
    assert found.high == pytest.approx(6 / 102 + Z * error)


def test_two_models_that_never_disagree_are_still_doubted_on_few_rows() -> None:
    """Alike on 30 rows may differ by more than 0.01 elsewhere; alike on 3,000 rows may not."""
    for n, verdict in ((30, CANNOT_TELL), (3_000, PASS)):
        truth, scores = binary(n, 5)
        model = 0.5 + 0.9 * (scores - 0.5)  # other probabilities, the same labels
        assert compare("accuracy", truth, model, scores, margin=0.01, against=AGAINST).verdict == verdict


def test_the_bootstrap_of_a_mean_is_the_normal_interval() -> None:
    generator = np.random.default_rng(6)
    model, baseline = generator.exponential(1.0, (2, 2_000, 1))
    found = bootstrap(lambda means: means[..., 0], model, baseline, seed=1)
    d = (model - baseline)[:, 0]
    error = d.std(ddof=1) / math.sqrt(len(d))
    assert found.difference == pytest.approx(d.mean())
    assert found.error == pytest.approx(error, rel=0.05)
    assert found.low == pytest.approx(d.mean() - Z * error, abs=0.2 * error)
    assert found.high == pytest.approx(d.mean() + Z * error, abs=0.2 * error)


CLASSIFICATION = {
    "roc_auc": lambda y, p: roc_auc_score(y, p[:, 1]),
    "accuracy": lambda y, p: accuracy_score(y, p.argmax(axis=1)),
    "f1_macro": lambda y, p: f1_score(y, p.argmax(axis=1), average="macro"),
    "log_loss": lambda y, p: log_loss(y, p),
}
REGRESSION = {"rmse": rmse, "mae": mean_absolute_error, "r2": r2_score}


@pytest.mark.parametrize("metric", sorted(CLASSIFICATION))
def test_the_difference_is_that_of_the_metric_itself(metric: str) -> None:
    truth, scores = binary(400, 7)
    other = noisy(scores, 0.2, 8)
    expected = CLASSIFICATION[metric](truth, other) - CLASSIFICATION[metric](truth, scores)
    found = compare(metric, truth, other, scores, margin=0.01, against=AGAINST)
    assert found.difference == pytest.approx(expected, abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high


@pytest.mark.parametrize("metric", sorted(REGRESSION))
def test_the_difference_of_errors_is_that_of_the_metric_itself(metric: str) -> None:
    generator = np.random.default_rng(9)
    truth = generator.normal(1e6, 3.0, 400)
    good, bad = truth + generator.normal(0, 1, 400), truth + generator.normal(0, 1.5, 400)
    found = compare(metric, truth, good, bad, margin=0.01, against=AGAINST)
    assert found.difference == pytest.approx(REGRESSION[metric](truth, good) - REGRESSION[metric](truth, bad))
    assert found.verdict == PASS
    assert found.why.startswith("better than the default parameters by ")
    worse = compare(metric, truth, bad, good, margin=0.01, against=AGAINST)
    assert worse.verdict == FAIL
    assert worse.why.startswith("worse than the default parameters by ")


def test_a_margin_for_errors_in_the_targets_units_is_a_share_of_the_baselines_error() -> None:
    """The verdict must not hang on whether the target is in metres or millimetres."""
    generator = np.random.default_rng(10)
    truth = generator.normal(0, 3, 500)
    a, b = truth + generator.normal(0, 1, (2, 500))
    metres = compare("rmse", truth, a, b, margin=0.05, against=AGAINST)
    millimetres = compare("rmse", 1000 * truth, 1000 * a, 1000 * b, margin=0.05, against=AGAINST)
    assert metres.margin == pytest.approx(0.05 * rmse(truth, b))
    assert millimetres.margin == pytest.approx(1000 * metres.margin)
    assert millimetres.verdict == metres.verdict
    assert millimetres.n_needed == metres.n_needed


@pytest.mark.parametrize(
    ("metric", "low", "high", "verdict"),
    [
        ("roc_auc", -0.004, 0.02, PASS),
        ("roc_auc", -0.03, 0.02, CANNOT_TELL),
        ("roc_auc", -0.03, -0.02, FAIL),
        ("roc_auc", -0.03, -0.005, CANNOT_TELL),
        ("log_loss", -0.02, 0.004, PASS),
        ("log_loss", -0.02, 0.03, CANNOT_TELL),
        ("log_loss", 0.02, 0.03, FAIL),
    ],
)
def test_three_answers_and_the_sign_is_the_metrics(metric: str, low: float, high: float, verdict: str) -> None:
    estimate = Estimate((low + high) / 2, low, high, (high - low) / (2 * Z))
    assert judge(metric, estimate, 500, 0.01, AGAINST).verdict == verdict


def test_the_sentence_reads_naturally() -> None:
    better = judge("roc_auc", Estimate(0.013, 0.006, 0.020, 0.004), 2_400, 0.01, AGAINST)
    assert better.why == (
        "better than the default parameters by 0.013 roc_auc on 2,400 held-out rows, 95 % above 0.006; margin 0.010"
    )
    unclear = judge("log_loss", Estimate(0.002, -0.02, 0.024, 0.0134), 569, 0.01, AGAINST)
    assert unclear.n_needed is not None
    assert unclear.why == (
        "worse than the default parameters by 0.002 log_loss on 569 held-out rows, 95 % at most 0.024 worse;"
        f" margin 0.010; about {unclear.n_needed:,} rows needed, 569 there"
    )


def test_rows_needed_follow_the_closed_form() -> None:
    assert rows_needed(0.3, 0.01) == math.ceil(((1.6448536 + 0.8416212) * 30) ** 2)
    assert rows_needed(0.0, 0.01) is None
    assert rows_needed(0.3, 0.0) is None


def test_with_the_rows_that_were_asked_for_equal_models_mostly_pass() -> None:
    """The promise of 80 % power, kept on simulated rows."""
    margin, spread = 0.05, 0.5
    n = rows_needed(spread, margin)
    assert n is not None
    generator = np.random.default_rng(11)
    passed = 0
    for _ in range(400):
        d = generator.normal(0, spread, n)
        error = d.std(ddof=1) / math.sqrt(n)
        passed += (
            judge("r2", Estimate(d.mean(), d.mean() - Z * error, d.mean() + Z * error, error), n, margin, "").verdict
            == PASS
        )
    assert 0.74 <= passed / 400 <= 0.86


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "log_loss", "f1_macro"])
def test_an_identical_model_passes_without_doubt(metric: str) -> None:
    truth, scores = binary(30, 12)
    found = compare(metric, truth, scores.copy(), scores, margin=0.0, against=AGAINST)
    assert (found.verdict, found.difference, found.low, found.high) == (PASS, 0.0, 0.0, 0.0)
    assert "the same predictions" in found.why


def test_too_few_rows_or_one_class_tell_nothing() -> None:
    truth, scores = binary(10, 13)
    assert compare("log_loss", truth, noisy(scores, 0.1, 1), scores, margin=0.5, against="").verdict == CANNOT_TELL
    truth, scores = binary(100, 14)
    found = compare("roc_auc", np.zeros(100, int), noisy(scores, 0.1, 1), scores, margin=0.5, against="")
    assert found.verdict == CANNOT_TELL
    assert "rarest class" in found.why


def test_the_same_seed_gives_the_same_bounds() -> None:
    truth, scores = binary(200, 15)
    other = noisy(scores, 0.1, 16)
    first, again = (compare("log_loss", truth, other, scores, margin=0.01, against="", seed=4) for _ in range(2))
    assert first == again


# ── rows of different weight ─────────────────────────────────────────────────────────────────────────────────────────

WEIGHED = {
    "roc_auc": lambda y, p, w: roc_auc_score(y, p[:, 1], sample_weight=w),
    "accuracy": lambda y, p, w: accuracy_score(y, p.argmax(axis=1), sample_weight=w),
    "f1_macro": lambda y, p, w: f1_score(y, p.argmax(axis=1), average="macro", sample_weight=w),
    "log_loss": lambda y, p, w: log_loss(y, p, sample_weight=w),
}


def of_weight(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice([0.0, 0.5, 1.0, 3.0], n)


@pytest.mark.parametrize("metric", sorted(WEIGHED))
def test_the_weighted_difference_is_that_of_the_weighted_metric(metric: str) -> None:
    truth, scores = binary(400, 7)
    other, weights = noisy(scores, 0.2, 8), of_weight(400, 9)
    expected = WEIGHED[metric](truth, other, weights) - WEIGHED[metric](truth, scores, weights)
    found = compare(metric, truth, other, scores, margin=0.01, against=AGAINST, weights=weights)
    assert found.difference == pytest.approx(expected, abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high


@pytest.mark.parametrize("metric", sorted(REGRESSION))
def test_the_weighted_difference_of_errors_is_that_of_the_weighted_metric(metric: str) -> None:
    generator = np.random.default_rng(9)
    truth, weights = generator.normal(1e3, 3.0, 400), of_weight(400, 10)
    good, bad = truth + generator.normal(0, 1, 400), truth + generator.normal(0, 1.5, 400)
    found = compare(metric, truth, good, bad, margin=0.05, against=AGAINST, weights=weights)
    values = [REGRESSION[metric](truth, predicted, sample_weight=weights) for predicted in (good, bad)]
    assert found.difference == pytest.approx(values[0] - values[1])
    assert found.margin == pytest.approx(0.05 if metric == "r2" else 0.05 * values[1])


@pytest.mark.parametrize("metric", sorted(WEIGHED))
def test_a_row_that_weighs_nothing_is_as_if_it_were_not_there(metric: str) -> None:
    truth, scores = binary(300, 11)
    other, there = noisy(scores, 0.2, 12), np.arange(300) % 3 > 0
    with_it = compare(metric, truth, other, scores, margin=0.01, against=AGAINST, weights=there.astype(float))
    without = compare(
        metric, truth[there], other[there], scores[there], margin=0.01, against=AGAINST, weights=np.ones(there.sum())
    )
    assert with_it == without
    assert with_it.n == 200


@pytest.mark.parametrize("metric", sorted(WEIGHED))
def test_weights_that_are_all_alike_change_nothing(metric: str) -> None:
    truth, scores = binary(300, 13)
    other = noisy(scores, 0.2, 14)
    plain = compare(metric, truth, other, scores, margin=0.01, against=AGAINST)
    weighed = compare(metric, truth, other, scores, margin=0.01, against=AGAINST, weights=np.full(300, 2.5))
    assert [weighed.difference, weighed.low, weighed.high] == pytest.approx([plain.difference, plain.low, plain.high])


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy"])
def test_the_bound_of_weighted_rows_covers_the_truth_as_often_as_it_says(metric: str) -> None:
    """Two models of equal worth, weights of all sizes: the lower bound lies above 0 in at most one case of twenty or so."""
    beyond = 0
    for seed in range(400):
        truth, scores = binary(160, seed)
        weights = np.random.default_rng(seed).exponential(1.0, 160)
        models = [noisy(scores, 0.1, 2 * seed + side) for side in (0, 1)]
        found = compare(metric, truth, *models, margin=0.01, against=AGAINST, weights=weights)
        beyond += found.low is not None and found.low > 0
    assert (0.02 if metric == "roc_auc" else 0.005) <= beyond / 400 <= 0.085


SLOWLY = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("balanced_accuracy", "average_precision", "brier_score", "matthews_corrcoef")
]


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["f1", *SLOWLY])
@pytest.mark.parametrize("weighted", [False, True])
def test_any_metric_is_compared_by_drawing_rows_anew(metric: str, weighted: bool) -> None:
    """A model that is plainly worse fails, one that is alike passes at a wide margin, and the figures are the metric's."""
    draw = np.random.default_rng(3)
    truth = (draw.random(500) < 0.4).astype(int)
    weights = draw.uniform(0.5, 2, 500) if weighted else None

    def chances(noise: float) -> np.ndarray:
        score = 1 / (1 + np.exp(-(4 * truth - 2 + draw.normal(0, noise, 500))))
        return np.column_stack([1 - score, score])

    good, alike, bad = chances(1.0), chances(1.0), chances(8.0)
    against = {"against": "the default", "weights": weights}
    found = compare(metric, truth, bad, good, margin=0.02, **against)
    assert found.verdict == "fail"
    expected = [metric_score(metric, "binary", truth, said, weights=weights) for said in (bad, good)]
    assert found.difference == pytest.approx(expected[0] - expected[1])
    assert found.low < found.difference < found.high
    assert compare(metric, truth, alike, good, margin=0.3, **against).verdict == "pass"


def test_a_margin_is_a_share_of_the_baselines_error_where_that_has_the_targets_units() -> None:
    draw = np.random.default_rng(4)
    truth = draw.normal(0, 100, 300)
    baseline, model = truth + draw.normal(0, 10, 300), truth + draw.normal(0, 10, 300)
    for metric, size in (("median_absolute_error", 6.7), ("mse", 100.0), ("mae", 8.0)):
        assert compare(metric, truth, model, baseline, margin=0.1, against="x").margin == pytest.approx(
            size / 10, rel=0.2
        )
    assert compare("explained_variance", truth, model, baseline, margin=0.1, against="x").margin == 0.1
