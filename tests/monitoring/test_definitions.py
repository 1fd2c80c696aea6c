"""Figures by other tools' definitions: as these are written down, by hand and by SciPy."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from mlops_tui.monitoring.engine.definitions import of_categories, of_numbers
from tests.monitoring.conftest import Room

counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 1_000), min_size=1)
values = st.lists(st.integers(-1_000, 1_000).map(float), min_size=2, max_size=200)


@given(values)
def test_a_window_beside_itself_is_nothing(numbers: list[float]) -> None:
    told = of_numbers(np.array(numbers), np.array(numbers))
    for tool in told.values():
        assert all(
            value == pytest.approx(1.0 if name == "ks_p" else 0.0, abs=1e-7)
            for name, value in tool.items()
            if not (name == "hellinger" and len(set(numbers)) == 1)
        )


@given(counts, counts)
def test_of_categories_by_the_formulas_themselves(before: dict[str, int], now: dict[str, int]) -> None:
    """Each share of a side is its count over all; Evidently's logarithms are natural, NannyML's binary."""
    told = of_categories(before, now)
    names = sorted({*before, *now})
    sides = [np.array([side.get(name, 0) for name in names]) for side in (before, now)]
    p, q = (side / side.sum() for side in sides)
    assert told["evidently"]["jensen_shannon"] == pytest.approx(jensenshannon(p, q), abs=1e-7)
    assert told["evidently"]["hellinger"] == pytest.approx(math.sqrt(max(0, 1 - float(np.sqrt(p * q).sum()))), abs=1e-7)
    assert told["nannyml"]["l_infinity"] == pytest.approx(np.abs(p - q).max())
    if set(now) <= set(before):
        assert told["nannyml"]["jensen_shannon"] == pytest.approx(jensenshannon(p, q, 2), abs=1e-7)
    if len(names) > 1:
        assert told["nannyml"]["chi2"] == pytest.approx(stats.chi2_contingency(np.array(sides)).statistic)
    if set(now) == set(before) and len(names) > 1:
        expected = p * sides[1].sum()
        assert told["evidently"]["chi2_p"] == pytest.approx(stats.chisquare(sides[1], expected).pvalue, abs=1e-12)
        assert told["evidently"]["psi"] == pytest.approx(float(np.sum((p - q) * np.log(p / q))), abs=1e-9)


def test_of_numbers_each_tool_has_bins_of_its_own() -> None:
    """Sturges' over both windows for one, Doane's over the reference and one more for what lies outside for the other."""
    draw = np.random.default_rng(1)
    ours, theirs = draw.normal(0, 1, 2_000), draw.normal(2, 1, 1_500)
    told = of_numbers(ours, np.append(theirs, [np.nan, np.inf]))
    edges = np.histogram_bin_edges(np.concatenate([ours, theirs]), bins="sturges")
    shares = [np.histogram(side, edges)[0] / len(side) for side in (ours, theirs)]
    assert told["evidently"]["jensen_shannon"] == pytest.approx(jensenshannon(*shares))
    edges = np.histogram_bin_edges(ours, bins="doane")
    shares = [np.histogram(side, edges)[0] / len(side) for side in (ours, theirs)]
    outside = 1 - shares[1].sum()
    assert outside > 0.01
    both = np.append(shares[0], 0), np.append(shares[1], outside)
    assert told["nannyml"]["jensen_shannon"] == pytest.approx(jensenshannon(*both, 2))
    assert told["nannyml"]["ks"] == pytest.approx(stats.ks_2samp(ours, theirs).statistic)
    assert told["evidently"]["wasserstein"] == pytest.approx(told["nannyml"]["wasserstein"] / np.std(ours))  # type: ignore[operator]


def test_a_zero_share_is_a_little_one_in_the_population_stability() -> None:
    """Else its logarithm would be infinite; as Evidently has it."""
    told = of_categories({"a": 50, "b": 50}, {"a": 100})
    expected = (0.5 - 1) * math.log(0.5 / 1) + (0.5 - 1e-4) * math.log(0.5 / 1e-4)
    assert told["evidently"]["psi"] == pytest.approx(expected)


def test_a_side_without_values_tells_nothing() -> None:
    assert of_numbers(np.array([np.nan]), np.array([1.0])) == {}
    assert of_categories({}, {"a": 1}) == {}


def test_the_job_reads_the_rows_of_both_windows(tmp_path: Path) -> None:
    """Of a window of several files all of them; columns that are not judged are left out."""
    room = Room(tmp_path / "work")
    draw = np.random.default_rng(2)
    folder = room.root / "live"
    folder.mkdir()
    frames = [
        pd.DataFrame({"at": f"2026-01-0{day}", "x": draw.normal(day, 1, 400), "kind": draw.choice(["a", "b"], 400)})
        for day in range(1, 4)
    ]
    for day, frame in enumerate(frames, 1):
        frame.to_csv(folder / f"{day}.csv", index=False)
    source = room.sources.add(folder, name="live", role="live", time_column="at")
    room.scan()
    spec = {"source": source.id, "reference_source": None, "chunks": None, "current": ["2026-01-02..2026-01-03"]}
    (report,) = room.work("drift", reference="1.csv", definitions=True, **spec)["reports"]
    told = {one["name"]: one for one in report["definitions"]}
    assert set(told) == {"x", "kind"}
    x = [pd.concat(part)["x"].to_numpy() for part in (frames[:1], frames[1:])]
    assert told["x"]["nannyml"]["wasserstein"] == pytest.approx(stats.wasserstein_distance(*x), abs=1e-9)
    (without,) = room.work("drift", reference="1.csv", **spec)["reports"]
    assert without["definitions"] is None
    room.store.close()
