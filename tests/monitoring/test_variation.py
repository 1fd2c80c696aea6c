"""What the blocks of a reference tell of how files vary, and what the verdict makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_tui.data.engine.profiling import merge, profile_columns
from mlops_tui.data.profile import Profile
from mlops_tui.monitoring.engine import compare
from mlops_tui.monitoring.engine.variation import MISSING, VALUES, variation
from mlops_tui.monitoring.model import DriftReport
from tests.benchmarks.drift_rates import Case, rate
from tests.benchmarks.streams import NORMAL, Stream, whole

FEW = (*["normal"] * 4, "skewed", "three", "lacking")


def units(stream: Stream, files: int, rows: int, seed: int = 1) -> list[Profile]:
    found = stream.files(np.random.default_rng(seed), [rows] * files)
    return [whole(blocks) for blocks in found]


def test_blocks_of_independent_rows_vary_no_more_than_these_let_them() -> None:
    known = variation(units(Stream(NORMAL), 40, 500))
    pool = known.pools[False]
    assert abs(pool.excess) < 3 * pool.error
    assert pool.error == pytest.approx((2 * 1.08 / 39 / 20) ** 0.5, rel=0.5)
    assert pool.alike
    inflation = known.inflation("normal 0", VALUES, (20_000, 500), counted=False)
    assert inflation.factor < 1.2
    assert inflation.freedom > 200


def test_the_effect_of_a_file_grows_with_the_rows_that_share_it() -> None:
    """A shift of 0.2 σ a file: between files of 500 rows 21 times the variance, most of which the test can see."""
    known = variation(units(Stream(NORMAL, effect=0.2), 60, 500))
    assert known.pools[False].excess == pytest.approx(0.907 * 500 * 0.2**2, rel=0.15)
    factors = [
        known.inflation("normal 0", VALUES, (30_000, rows), counted=False).factor for rows in (100, 500, 5_000, 50_000)
    ]
    assert factors[0] == pytest.approx(factors[1], rel=0.01)
    assert factors[2] / factors[1] > 5
    variance = [
        factor * (1 / 30_000 + 1 / rows) for factor, rows in zip(factors[1:], (500, 5_000, 50_000), strict=True)
    ]
    assert variance == pytest.approx([variance[0]] * 3, rel=0.06)  # that of a file's effect, however large the file


def test_rows_that_hang_together_count_for_fewer() -> None:
    """AR(1) of 0.9 makes the mean of many rows 19 times as uncertain, that of their ranks some 16 times."""
    known = variation(units(Stream(("normal",) * 6, chained=0.9), 60, 2_000))
    assert 11 < known.pools[False].excess < 20
    for rows in (10, 100, 2_000):
        assert 13 < known.inflation("normal 0", VALUES, (120_000, rows), counted=False).factor < 24


def test_what_a_sketch_adds_is_not_taken_for_variation() -> None:
    """Of 10,000 rows 200 points are kept: beside the variance of a share an eighth more, which is taken off."""
    known = variation(units(Stream(("normal",) * 8), 60, 10_000))
    assert abs(known.pools[False].excess) < 3 * known.pools[False].error
    assert known.pools[False].error < 0.1


def test_categories_and_missing_values_vary_too() -> None:
    known = variation(units(Stream(FEW, effect=0.3), 40, 1_000))
    assert known.spreads["three 5", VALUES].excess == pytest.approx(0.74 * 1_000 * 0.09, rel=0.6)
    assert known.spreads["lacking 6", MISSING].excess == pytest.approx(0.22 * 1_000 * 0.09, rel=0.6)
    assert known.spreads["three 5", VALUES].directions == pytest.approx(1, abs=0.2)


def test_a_column_with_a_trend_of_its_own_does_not_make_the_others_uncertain() -> None:
    draw = np.random.default_rng(2)
    plain = units(Stream(NORMAL), 30, 1_000)
    drawn = [Stream(("normal",)).files(draw, [1_000], moved=0.2 * place)[0][0] for place in range(30)]
    blocks = [Profile(1_000, (*block.columns[1:], one.columns[0])) for block, one in zip(plain, drawn, strict=True)]
    known = variation(blocks)
    assert known.inflation("normal 0", VALUES, (30_000, 1_000), counted=False).factor > 500
    assert known.inflation("normal 7", VALUES, (30_000, 1_000), counted=False).factor < 2


def test_of_fewer_than_ten_blocks_nothing_is_known_and_the_report_says_so() -> None:
    blocks = units(Stream(FEW), 9, 400)
    report = compare(merge(blocks), blocks[0], blocks=blocks)
    assert report.note == (
        "How files vary between each other is unknown: the reference has 9 blocks, 10 are needed."
        " Rows are taken for independent."
    )
    assert all(column.inflation is None for column in report.columns)
    assert compare(merge(blocks), blocks[0]).note is not None
    more = units(Stream(FEW), 10, 400)
    report = compare(merge(more), more[0], blocks=more)
    assert report.note is None
    assert DriftReport.from_json(report.to_json()) == report
    assert all(column.inflation is not None for column in report.columns)


def test_a_file_as_unlike_as_others_were_is_no_drift_and_the_sentence_says_why() -> None:
    """The same file is a drift where its rows are taken for independent."""
    stream = Stream(NORMAL[:5], effect=0.15)
    blocks = units(stream, 40, 2_000)
    (current,) = stream.files(np.random.default_rng(9), [2_000], moved=0.2)
    current_rows = whole(current)
    alone = compare(merge(blocks), current_rows).columns[0]
    known = compare(merge(blocks), current_rows, blocks=blocks).columns[0]
    assert (alone.drift, known.drift) == (True, False)
    assert known.inflation is not None
    assert (
        f"with {known.inflation:.3g} times the variance of independent rows, as 40 blocks of the reference vary"
        in known.why
    )
    far = whole(stream.files(np.random.default_rng(9), [2_000], moved=2)[0])
    assert compare(merge(blocks), far, blocks=blocks).columns[0].drift is True


def test_what_variation_made_of_the_blocks_serves_as_they_do() -> None:
    blocks = units(Stream(FEW, effect=0.1), 12, 300)
    reference, current = merge(blocks), blocks[3]
    assert compare(reference, current, blocks=variation(blocks)) == compare(reference, current, blocks=blocks)


def test_ignored_columns_and_dates_do_not_tell_how_others_vary() -> None:
    blocks = units(Stream(FEW), 12, 300)
    known = variation(blocks, ignored=["normal 0", "three 5"])
    assert {name for name, _ in known.spreads} == {"normal 1", "normal 2", "normal 3", "skewed 4", "lacking 6"}


@pytest.mark.parametrize("gap", [0, 1])
def test_a_column_that_some_blocks_lack_is_told_by_the_others(gap: int) -> None:
    blocks = units(Stream(FEW), 12, 300)
    blocks = [Profile(300, block.columns[gap * (place < 2) :]) for place, block in enumerate(blocks)]
    spread = variation(blocks).spreads["normal 0", VALUES]
    assert spread.freedom == 11 - 2 * gap


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        Case("ten rows", 1, 1_000, 10, 20, 20),
        Case("as many as the reference", 1, 1_000, 1_000, 20, 20),
        Case("effects of files", 30, 1_000, 1_000, 20, 10, effect=0.05),
        Case("rows that hang together", 30, 1_000, 300, 20, 10, chained=0.9),
    ],
    ids=lambda case: case.what,
)
def test_clean_files_almost_never_raise_an_alarm(case: Case) -> None:
    """The rate is 1 % at the most; of 400 or 200 files so many would be one case in a thousand."""
    found = rate(case)
    assert sum(found.alarms) <= (11 if case.references * case.currents == 400 else 7)


@pytest.mark.slow
def test_without_the_blocks_the_same_files_raise_alarms() -> None:
    """What the inflation is for: with effects of files every other file has a column beyond chance."""
    found = rate(Case("blocks unknown", 30, 1_000, 1_000, 10, 10, effect=0.1, known=False))
    assert found.share > 0.3


@pytest.mark.slow
@pytest.mark.parametrize(("files", "rows"), [(1, 2_000), (30, 1_000)])
def test_a_fifth_of_a_deviation_in_one_of_twenty_columns_is_found(files: int, rows: int) -> None:
    found = rate(Case("moved", files, rows, 10_000, 10, 5, moved=0.2, made=NORMAL))
    assert found.share >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize(("files", "shift", "rates"), [(10, 0.0, (0.0, 0.04)), (10, 0.15, (0.9, 1.0))])
def test_a_window_of_several_files_is_judged_by_what_these_have_in_common(
    files: int, shift: float, rates: tuple[float, float]
) -> None:
    """Files that have an effect of their own each: ten of them tell a shift that one file as large as they are would not."""
    found = dict.fromkeys((1.0, 1 / files), 0)
    for seed in range(50):
        draw = np.random.default_rng(seed)
        kinds = {f"x{place}": "numeric" for place in range(5)}
        effects = draw.normal(0, 0.05, (40 + files, len(kinds)))
        effects[40:, 0] += shift
        parts = [
            profile_columns({name: draw.normal(mean, 1, 1_000) for name, mean in zip(kinds, means, strict=True)}, kinds)
            for means in effects
        ]
        reference, current = merge(parts[:40]), merge(parts[40:])
        for together in found:
            report = compare(reference, current, blocks=parts[:40], together=together)
            found[together] += report.columns[0].drift is True
    low, high = rates
    assert low <= found[1 / files] / 50 <= high
    assert found[1.0] / 50 < 0.7


@pytest.mark.parametrize("hangs", [0.0, 0.6])
def test_successive_blocks_tell_what_they_have_in_common(hangs: float) -> None:
    """Means that hang together from block to block (AR(1)) have that share of their excess in common with the next one."""
    told = []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        means = np.zeros(200)
        for place in range(1, 200):
            means[place] = hangs * means[place - 1] + draw.normal(0, 0.3 * np.sqrt(1 - hangs**2))
        parts = [profile_columns({"x": draw.normal(mean, 1, 200)}, {"x": "numeric"}) for mean in means]
        (spread,) = [one for (_, about), one in variation(parts).spreads.items() if about == VALUES]
        told.append(spread.successive / spread.excess)
    assert np.mean(told) == pytest.approx(hangs, abs=0.08)
