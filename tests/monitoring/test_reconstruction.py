"""Rows are put together again from what hangs together in a reference, and the band beside it holds on clean windows."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from mlops_tui.data.profile import Profile
from mlops_tui.monitoring.engine import compare
from mlops_tui.monitoring.engine.domain import domain
from mlops_tui.monitoring.engine.drawn import Drawn
from mlops_tui.monitoring.engine.reconstruction import FLOOR, KEPT, LEAST_ROWS, learn, reconstruction
from tests.monitoring.test_verdict import categories, numbers


def mixed(draw: np.random.Generator, rows: int, *, hanging: float = 0.9) -> pd.DataFrame:
    """Two columns that hang together by that correlation, as wide whatever it is; lognormal ones, counts, categories, missing values."""
    first = draw.normal(size=rows)
    second = hanging * first + math.sqrt(1 - hanging**2) * draw.normal(size=rows)
    return pd.DataFrame(
        {
            "first": np.where(draw.random(rows) < 0.05, np.nan, first),
            "second": second,
            "wealth": draw.lognormal(sigma=1.5, size=rows),
            "wait": draw.lognormal(sigma=1.5, size=rows),
            "visits": draw.poisson(3, rows),
            "plan": pd.Series(draw.choice(["gold", "basic", "free"], rows, p=[0.1, 0.2, 0.7]), dtype=object),
            "rare": pd.Series(np.where(draw.random(rows) < 0.01, "yes", "no"), dtype=object),
        }
    )


def of(frame: pd.DataFrame, files: int = 1) -> Drawn:
    """The rows as those of so many files, one after the other."""
    rows = len(frame)
    return Drawn(frame, np.arange(rows) * files // rows, files, rows / files)


def test_the_figure_is_that_of_the_pipeline_that_defines_it() -> None:
    """Imputed by mean or most frequent value, categories by their share, standardised, components for 65 % of the variance."""
    draw = np.random.default_rng(1)
    reference, current = mixed(draw, 600), mixed(draw, 400)
    reference.loc[:40, "plan"] = None
    current.loc[:20, "plan"] = "platinum"
    current.loc[21:40, "plan"] = None
    plans = SimpleImputer(strategy="most_frequent", missing_values=None)
    filled = {side: frame.copy() for side, frame in (("r", reference), ("c", current))}
    for side in ("r", "c"):
        whole = filled[side]
        fitted = plans.fit(reference[["plan"]])
        whole["plan"] = fitted.transform(whole[["plan"]])[:, 0]
        whole["first"] = SimpleImputer().fit(reference[["first"]]).transform(whole[["first"]])[:, 0]
    for name in ("plan", "rare"):
        shares = filled["r"][name].value_counts(normalize=True)
        for whole in filled.values():
            whole[name] = whole[name].map(shares).fillna(0.0)
    scaler = StandardScaler().fit(filled["r"])
    pca = PCA(KEPT).fit(scaler.transform(filled["r"]))
    codes = scaler.transform(filled["c"])
    expected = np.linalg.norm(codes - pca.inverse_transform(pca.transform(codes)), axis=1)
    found = learn(reference)
    assert len(found.axes) == pca.n_components_ < 7
    assert found.distances(current) == pytest.approx(expected, abs=1e-9)


def test_columns_that_no_longer_hang_together_are_found_by_both_figures_and_by_no_column() -> None:
    """Each column by itself is as it was."""
    draw = np.random.default_rng(2)
    ours, theirs = mixed(draw, 6_000), mixed(draw, 3_000, hanging=0.0)
    assert not any(column.drift for column in compare(profile_of(ours), profile_of(theirs)).columns)
    found = reconstruction(of(ours), of(theirs))
    assert found.drift is True
    assert found.error is not None
    assert found.high is not None
    assert found.error > found.high
    assert found.why.startswith("rows fit less to what hangs together in the reference, reconstruction error ")
    told = domain(ours, theirs, with_falls=True)
    assert told is not None
    assert told.tells
    assert sorted(told.falls, key=lambda name: -told.falls[name])[:2] in (["first", "second"], ["second", "first"])
    assert max(fall for name, fall in told.falls.items() if name not in ("first", "second")) < 0.01


def profile_of(frame: pd.DataFrame) -> Profile:
    """The frame's profile, as it is compared column by column."""
    columns = []
    for name in map(str, frame.columns):
        there = frame[name].dropna()
        make = categories if frame[name].dtype == object else numbers
        columns.append(make(there, name=name, missing=len(frame) - len(there)))
    return Profile(len(frame), tuple(columns))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "files", "current", "windows"), [(200, 1, 50, 40), (200, 1, 1_000, 25), (1_000, 20, 100, 30)]
)
def test_clean_windows_lie_within_the_band(rows: int, files: int, current: int, windows: int) -> None:
    """However skewed the distances are, and however few rows there are: 0.2 % of windows are expected beyond."""
    alarms = 0
    for seed in range(windows):
        draw = np.random.default_rng([seed, rows, current])
        found = reconstruction(of(mixed(draw, rows), files), of(mixed(draw, current)), seed=seed)
        assert found.drift is not None
        alarms += found.drift
    assert alarms <= 1


@pytest.mark.slow
def test_what_files_vary_between_each_other_widens_the_band() -> None:
    """Files of which each has columns that hang together in its own way are no drift; rows taken for independent, some would be."""
    alarms = {True: 0, False: 0}
    for seed in range(12):
        draw = np.random.default_rng([seed, 7])
        *held, window = [normal(draw, 300, hanging=draw.uniform(0.2, 0.98)) for _ in range(31)]
        whole = pd.concat(held, ignore_index=True)
        for is_known in alarms:
            found = reconstruction(of(whole, 30 if is_known else 1), of(window), seed=seed)
            alarms[is_known] += bool(found.drift)
            assert (found.files, found.inflation is not None) == ((30, True) if is_known else (None, False))
    assert alarms[True] == 0
    assert alarms[False] >= 3


def normal(draw: np.random.Generator, rows: int, *, hanging: float) -> pd.DataFrame:
    """Four columns that hang together, the first two of them by that correlation."""
    first, second, third, fourth = draw.normal(size=(4, rows))
    second = hanging * first + math.sqrt(1 - hanging**2) * second
    return pd.DataFrame({"first": first, "second": second, "third": first + third, "fourth": first + fourth})


def test_a_million_rows_are_no_drift_over_nothing() -> None:
    """What lies beyond the band by less than the floor is steady, and says so."""
    draw = np.random.default_rng(3)
    ours, theirs = (pd.DataFrame(draw.normal(size=(5_000 * n, 6)), columns=list("abcdef")) for n in (2, 1))
    for frame in (ours, theirs):
        frame["b"] = frame["a"] + 0.5 * frame["b"]
    found = reconstruction(of(ours), of(theirs * 1.02))
    assert found.effect is not None
    assert 0 < found.effect < FLOOR
    assert found.drift is False


def test_infinite_huge_and_missing_values_leave_every_figure_finite() -> None:
    """An infinite value counts as missing, a huge one as far away."""
    draw = np.random.default_rng(4)
    ours, theirs = mixed(draw, 400), mixed(draw, 200)
    ours.loc[3, "wealth"], ours.loc[4, "wait"] = np.inf, -np.inf
    theirs.loc[5, "wealth"], theirs.loc[6, "second"] = np.inf, 1e308
    theirs["wait"] = np.nan
    theirs["plan"] = None
    ours["vast"], theirs["vast"] = draw.choice([-1e308, 1e308], 400), 1e308
    found = reconstruction(of(ours), of(theirs))
    json.dumps(asdict(found), allow_nan=False)
    assert found.error is not None
    assert found.error > 1_000


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        (2 * LEAST_ROWS - 1, 500, "the reference has 99 rows, and 100 are needed"),
        (500, LEAST_ROWS - 1, "the window has 49 rows, and 50 are needed"),
    ],
)
def test_of_too_few_rows_nothing_is_told(ours: int, theirs: int, why: str) -> None:
    draw = np.random.default_rng(5)
    found = reconstruction(of(mixed(draw, ours)), of(mixed(draw, theirs)))
    assert (found.drift, found.why, found.error) == (None, f"cannot tell, because {why}", None)


def test_columns_that_do_not_vary_or_do_not_hang_together_are_not_told() -> None:
    draw = np.random.default_rng(6)
    frame = pd.DataFrame({"same": 1.0, "void": np.nan, "none": None, "x": draw.normal(size=300)})
    found = reconstruction(of(frame), of(frame))
    assert found.why == "cannot tell, because one column varies in the reference, and two are needed"
    found = reconstruction(of(frame[["same", "void"]]), of(frame))
    assert found.why == "cannot tell, because no column varies in the reference, and two are needed"
    alone = pd.DataFrame(draw.normal(size=(300, 2)), columns=["a", "b"])
    found = reconstruction(of(alone), of(alone))
    assert found.why == (
        "cannot tell, because its 2 columns hang together too little: as many components keep 65% of what varies"
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=50, max_size=60),
    st.lists(st.sampled_from([None, "a", "b", ""]), min_size=60, max_size=60),
)
def test_whatever_stands_in_a_window_no_figure_is_nan(values: list[float], texts: list[str | None]) -> None:
    """Nor does anything fail."""
    reference = mixed(np.random.default_rng(7), 120)
    window = mixed(np.random.default_rng(8), len(values)).assign(wait=values, plan=texts[: len(values)])
    json.dumps(asdict(reconstruction(of(reference), of(window))), allow_nan=False)
