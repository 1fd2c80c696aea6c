"""When a column has drifted, when it has not, when it cannot be told, and the sentence that says why."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import ArrayLike

from mlops_tui.data.engine.points import points_of
from mlops_tui.data.profile import ColumnProfile, Moments, Profile
from mlops_tui.monitoring.engine import compare
from mlops_tui.monitoring.model import MEASURES, ColumnDrift, DriftReport, OneSided


def numbers(values: ArrayLike, *, name: str = "x", missing: int = 0, kind: str = "numeric") -> ColumnProfile:
    """A profile of finite values, with rows beside them that have none."""
    finite = np.asarray(values, dtype=np.float64)
    moments = None
    if len(finite):
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(finite.mean())
            sums = [float(((finite - mean) ** power).sum()) for power in (2, 3)]
        moments = Moments(len(finite), float(finite.min()), float(finite.max()), mean, *sums)
    rows = len(finite) + missing
    return ColumnProfile(name, kind, rows, missing, moments, points_of(finite))


def categories(
    values: Iterable[str], *, name: str = "x", missing: int = 0, kind: str = "category", other: int = 0
) -> ColumnProfile:
    """A profile of values counted exactly, with `other` rows in the tail."""
    counts = dict(Counter(values))
    rows = sum(counts.values()) + missing + other
    return ColumnProfile(name, kind, rows, missing, counts=counts, other=other)


def profile(*columns: ColumnProfile) -> Profile:
    return Profile(columns[0].rows, columns)


def only(reference: ColumnProfile, current: ColumnProfile, **options: tuple[str, ...]) -> ColumnDrift:
    """The verdict on one column."""
    (column,) = compare(profile(reference), profile(current), **options).columns
    return column


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260301)


def test_a_shift_is_told_with_its_size_and_its_test(rng: np.random.Generator) -> None:
    column = only(numbers(rng.normal(size=12_000)), numbers(rng.normal(0.6, size=5_000)))
    assert column.drift is True
    assert column.wasserstein is not None
    assert column.why == (
        f"moved by {column.wasserstein.value:.2f} standard deviations (floor 0.1) and the Cramér–von Mises test is"
        " beyond chance (p < 1e-12; Benjamini–Hochberg at 1% over 1 test) at 12,000 against 5,000 rows"
        "; rows taken for independent, as how files vary is unknown"
    )
    assert column.wasserstein.value == pytest.approx(0.6, abs=0.06)
    assert column.psi is not None
    assert column.psi.definition == "deciles of the reference"
    assert column.jensen_shannon is not None
    assert column.jensen_shannon.definition == "deciles of the reference, base 2"


def test_a_shift_that_matters_to_nobody_is_no_drift_however_many_rows(rng: np.random.Generator) -> None:
    values = rng.normal(size=200_000)
    column = only(numbers(values), numbers(values + 0.05))
    assert column.drift is False
    assert "below the floor of 0.1, though the Cramér–von Mises test is beyond chance" in column.why


def test_a_large_effect_in_few_rows_may_be_chance() -> None:
    values = np.arange(40.0)
    column = only(numbers(values), numbers(values + 3))
    assert column.wasserstein is not None
    assert column.wasserstein.value == pytest.approx(3 / values.std())
    assert column.drift is False
    assert "within chance" in column.why


def test_psi_never_decides() -> None:
    """A hundred rows a side pass 0.1 by chance; nothing follows from it."""
    rng = np.random.default_rng(4)
    column = only(numbers(rng.normal(size=60)), numbers(rng.normal(size=60)))
    assert column.psi is not None
    assert column.psi.value > 0.1
    assert column.drift is False


def test_the_same_window_twice_has_not_drifted(rng: np.random.Generator) -> None:
    window = profile(
        numbers(rng.normal(size=3_000), name="a", missing=50),
        categories(["x", "y", "y"] * 20, name="b"),
        categories(["1"] * 90, name="c", kind="constant"),
        categories(["true", "false"] * 40, name="d", kind="boolean"),
    )
    report = compare(window, window)
    assert report.drift is False
    assert [column.drift for column in report.columns] == [False] * 4
    for column in report.columns:
        assert column.psi is not None
        assert column.psi.value == 0


def test_shares_of_categories_drift_with_the_value_that_moved_most() -> None:
    column = only(categories("a" * 500 + "b" * 500), categories("a" * 150 + "b" * 350))
    assert column.drift is True
    assert column.why == (
        "shares moved by a Jensen–Shannon distance of 0.17 (floor 0.1) and the chi-square test is beyond chance"
        " (p < 1e-12; Benjamini–Hochberg at 1% over 1 test) at 1,000 against 500 rows;"
        " most of all ‘a’ went from 50.0% to 30.0%; rows taken for independent, as how files vary is unknown"
    )
    assert column.chi2 is not None
    assert column.chi2 == column.test
    assert column.ks is None
    assert column.wasserstein is None
    assert column.l_infinity is not None
    assert column.l_infinity.value == pytest.approx(0.2)
    assert column.hellinger is not None
    assert column.hellinger.definition == "values, missing as one of them"


def test_new_values_are_named_with_their_share() -> None:
    column = only(categories("a" * 9_000 + "b" * 1_000), categories("a" * 80 + "b" * 5 + "c" * 15))
    assert column.drift is True
    assert "15.0% of the current rows have values that the reference lacks (‘c’)" in column.why
    assert column.new_values == OneSided(1, pytest.approx(0.15), ("c",), (pytest.approx(0.15),))
    assert column.vanished_values == OneSided(0, 0.0, ())


def test_vanished_values_are_told_with_the_share_that_they_had() -> None:
    column = only(categories("a" * 800 + "b" * 150 + "c" * 50), categories("a" * 400))
    assert column.vanished_values == OneSided(
        2, pytest.approx(0.2), ("b", "c"), (pytest.approx(0.15), pytest.approx(0.05))
    )


def test_a_class_that_moves_by_a_tenth_is_an_effect_though_the_distance_is_small() -> None:
    column = only(categories("a" * 5_000 + "b" * 5_000), categories("a" * 3_900 + "b" * 6_100))
    assert column.jensen_shannon is not None
    assert column.jensen_shannon.value < 0.1
    assert column.drift is True
    assert column.why.startswith("shares moved by a Jensen–Shannon distance of 0.09, and one of them by 0.11 (floor")


def test_a_value_not_counted_in_the_reference_is_not_called_new() -> None:
    """It may be in the tail, so it is compared as part of the tail."""
    reference = categories("a" * 500, other=500)
    column = only(reference, categories("a" * 50 + "b" * 50))
    assert column.drift is False
    assert column.jensen_shannon is not None
    assert column.jensen_shannon.value == 0
    column = only(reference, categories("a" * 10 + "b" * 90))
    assert column.drift is True
    assert "lacks" not in column.why


def test_a_literal_missing_is_not_a_missing_value() -> None:
    column = only(categories(["a", "missing"] * 100), categories(["a"] * 100, missing=100))
    assert column.drift is True


def test_missing_values_of_a_category_are_a_class_of_their_own() -> None:
    column = only(categories("ab" * 200), categories("ab" * 100, missing=200))
    assert column.drift is True
    assert "‘missing’ went from 0.0% to 50.0%" in column.why


def test_missing_numbers_drift_though_those_that_are_left_have_not_moved(rng: np.random.Generator) -> None:
    values = rng.normal(size=2_000)
    column = only(numbers(values), numbers(values[:1_400], missing=600))
    assert column.drift is True
    assert column.why.startswith("the share without a value went from 0.0% to 30.0% (floor 0.1) and the chi-square")
    assert column.chi2 is not None
    assert column.chi2.definition == "missing against present, 2 × 2"


def test_a_column_that_lost_all_its_values_has_drifted() -> None:
    column = only(numbers(np.arange(500.0)), numbers([], missing=300))
    assert column.drift is True
    assert "went from 0.0% to 100.0%" in column.why
    assert column.ks is None


@pytest.mark.parametrize(
    ("reference", "current", "why"),
    [
        (numbers([], missing=90), numbers([], missing=80), "no values on either side"),
        (numbers([], missing=90), categories([], missing=80, kind="constant"), "no values on either side"),
        (numbers(np.arange(12.0)), numbers(np.arange(5_000.0)), "12 against 5,000 rows"),
        (numbers([1.0]), numbers([1.0]), "1 against 1 rows"),
        (numbers(np.arange(5_000.0)), numbers(np.arange(9.0)), "5,000 against 9 rows, 30 against 10 are needed"),
        (numbers([]), numbers([]), "0 against 0 rows"),
        (numbers(np.arange(9.0), missing=900), numbers(np.arange(9.0), missing=900), "9 against 9 values"),
        (numbers(np.arange(90.0)), categories("ab" * 45), "numeric before, category now"),
        (numbers(np.arange(90.0)), numbers(np.arange(90.0), kind="date-time"), "numeric before, date-time now"),
        (categories("ab" * 45), numbers(np.arange(90.0)), "category before, numeric now"),
        (
            categories([f"u{n}" for n in range(90)], kind="text"),
            categories([f"v{n}" for n in range(90)], kind="text"),
            "no value is frequent enough",
        ),
        (numbers([-1e308, 1e308] * 20), numbers([0.0, 1e308] * 20), "too large to be measured"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(reference: ColumnProfile, current: ColumnProfile, why: str) -> None:
    column = only(reference, current)
    assert column.drift is None
    assert column.why.startswith("cannot tell: ")
    assert why in column.why


@pytest.mark.parametrize(
    ("column", "ignored", "why"),
    [
        (categories([f"u{n}" for n in range(90)], kind="identifier"), (), "identifier: not compared"),
        (numbers(np.arange(90.0), kind="date-time"), (), "dates move by themselves: not compared"),
        (numbers(np.arange(90.0)), ("x",), "ignored: not compared"),
    ],
)
def test_what_is_not_asked_is_not_judged(column: ColumnProfile, ignored: tuple[str, ...], why: str) -> None:
    assert (found := only(column, column, ignored=ignored)).drift is None
    assert found.why == why


def test_a_column_on_one_side_only_is_said_to_be_new_or_gone() -> None:
    kept, old, new = (numbers(np.arange(50.0), name=name) for name in ("kept", "old", "new"))
    report = compare(profile(kept, old), profile(new, kept))
    assert [(column.name, column.drift) for column in report.columns] == [("kept", False), ("old", None), ("new", None)]
    assert [column.why for column in report.columns[1:]] == [
        "gone: only the reference rows have it",
        "new: only the current rows have it",
    ]


def test_a_constant_number_that_begins_to_vary_has_drifted(rng: np.random.Generator) -> None:
    constant = categories(["5"] * 400, kind="constant")
    column = only(constant, numbers(rng.normal(5, 1, size=300)))
    assert (column.drift, column.kind) == (True, "numeric")
    column = only(numbers(rng.normal(5, 1, size=300)), constant)
    assert (column.drift, column.kind) == (True, "numeric")
    assert only(constant, categories(["6"] * 300, kind="constant")).drift is True


def test_columns_that_are_not_judged_do_not_loosen_the_rule(rng: np.random.Generator) -> None:
    """The false discovery rate is over what was tested."""
    judged = numbers(rng.normal(size=500), name="a")
    dates = [numbers(np.arange(500.0), name=f"d{n}", kind="date-time") for n in range(5)]
    report = compare(profile(judged, *dates), profile(judged, *dates))
    first = report.column("a")
    assert first is not None
    assert "over 1 test)" not in first.why  # nothing was beyond chance, so no rule is named
    assert first.drift is False


def test_the_report_is_plain_json_and_comes_back(rng: np.random.Generator) -> None:
    reference = profile(
        numbers(rng.normal(size=3_000), name="a"),
        categories("ab" * 1_500, name="b"),
        numbers([], name="c", missing=3_000),
        numbers([-1e308, 1e308] * 1_500, name="d"),
    )
    report = compare(reference, reference)
    text = json.dumps(report.to_json(), allow_nan=False)
    assert DriftReport.from_json(json.loads(text)) == report
    record = json.loads(text)
    assert (record["reference_rows"], record["drift"]) == (3_000, False)
    assert set(record["columns"][0]) == {
        *("name", "kind", "drift", "why", "histogram", "inflation", "blocks", "new_values", "vanished_values"),
        *("quantiles", "brought_by", "drifts_since"),
        *MEASURES,
    }
    assert set(record["columns"][0]["ks"]) == {"value", "definition", "exact", "error", "p"}
    assert record["columns"][2]["psi"] is None
    assert record["columns"][3]["wasserstein"] is None


def test_the_histogram_of_a_number_has_equal_bins_with_open_ends(rng: np.random.Generator) -> None:
    values = rng.normal(size=1_000)
    histogram = only(numbers(values), numbers(np.append(values, [1e6]))).histogram
    assert histogram is not None
    assert histogram.edges is not None
    assert len(histogram.labels) == len(histogram.reference) == len(histogram.edges) + 1 == 20
    assert np.diff(histogram.edges) == pytest.approx(np.diff(histogram.edges)[0])
    assert sum(histogram.reference) == pytest.approx(1)
    assert sum(histogram.current) == pytest.approx(1)
    expected = np.histogram(values, [-np.inf, *histogram.edges, np.inf])[0] / 1_000
    assert histogram.reference == pytest.approx(tuple(expected))
    assert len(set(histogram.labels)) == 20


def test_the_histogram_of_a_small_integer_has_a_bar_a_value() -> None:
    histogram = only(numbers([1, 2, 2, 3, 4] * 10, kind="integer"), numbers([2] * 40, kind="integer")).histogram
    assert histogram is not None
    assert histogram.labels == ("< 2", "2", "3", "≥ 4")
    assert histogram.reference == pytest.approx((0.2, 0.4, 0.2, 0.2))
    assert histogram.current == (0, 1, 0, 0)


def test_the_histogram_of_dates_speaks_in_dates() -> None:
    days = np.arange(100) * 86_400.0 + 1_767_225_600  # from 2026-01-01
    histogram = only(numbers(days, kind="date-time"), numbers(days, kind="date-time")).histogram
    assert histogram is not None
    assert histogram.labels[0].startswith("< 2026-01-0")
    assert histogram.labels[-1].startswith("≥ 2026-04-0")


def test_the_histogram_of_a_category_ends_in_other_and_missing() -> None:
    values = [f"v{n:02}" for n in range(20) for _ in range(60 - n)]
    histogram = only(categories(values), categories(values[:100], missing=100)).histogram
    assert histogram is not None
    assert histogram.labels == (*(f"v{n:02}" for n in range(15)), "other", "missing")
    assert histogram.reference[-2] == pytest.approx(sum(60 - n for n in range(15, 20)) / len(values))
    assert histogram.current[-1] == 0.5
    assert sum(histogram.reference) == pytest.approx(1)


def test_ten_rows_may_be_a_finding_and_mostly_are_not() -> None:
    """Ten values from the far tail are no chance; ten of the usual ones pass every floor and raise nothing."""
    draw = np.random.default_rng(8)
    reference = numbers(draw.normal(size=5_000))
    assert only(reference, numbers(np.linspace(3, 3.5, 10))).drift is True
    column = only(reference, numbers(draw.normal(size=10)))
    assert column.wasserstein is not None
    assert column.wasserstein.value > 0.1
    assert column.drift is False


def test_a_report_of_a_version_that_knew_fewer_measures_is_read() -> None:
    record = compare(profile(numbers(np.arange(50.0))), profile(numbers(np.arange(40.0)))).to_json()
    for column in record["columns"]:
        for name in ("hellinger", "test", "new_values", "inflation", "blocks"):
            del column[name]
    read = DriftReport.from_json(json.loads(json.dumps(record)))
    assert read.columns[0].wasserstein is not None
    assert read.columns[0].test is None
    assert read.note is None


def test_a_shift_of_a_fifth_of_a_deviation_is_found() -> None:
    """2,000 rows against 10,000, one moved column among twenty."""
    rng = np.random.default_rng(7)
    still = [numbers(rng.normal(size=2_000), name=f"still {n}") for n in range(19)]
    found = 0
    for _ in range(30):
        reference = Profile(10_000, (numbers(rng.normal(size=10_000)), *still))
        current = Profile(2_000, (numbers(rng.normal(0.2, size=2_000)), *still))
        report = compare(reference, current)
        found += report.columns[0].drift is True
        assert not any(column.drift for column in report.columns[1:])
    assert found >= 29


def test_the_records_load_no_engine() -> None:
    """A front reads reports without NumPy."""
    code = "import sys, mlops_tui.monitoring.model; print({'numpy', 'scipy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
