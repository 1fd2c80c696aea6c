"""How often a clean window is told apart by all columns at once, and how often columns that no longer hang together are found: simulated."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from mlops_tui.monitoring.engine.domain import domain
from mlops_tui.monitoring.engine.drawn import Drawn
from mlops_tui.monitoring.engine.reconstruction import reconstruction
from tests.benchmarks.measuring import Figure
from tests.benchmarks.place import Place

ALARMS = 1
HANGING = 0.8
"""How closely two of the columns hang together."""


@dataclass(frozen=True, slots=True)
class Case:
    """A reference of `files` files of `rows` rows each, and `windows` windows of `current` rows, each with a reference of its own."""

    files: int
    rows: int
    current: int
    windows: int
    effect: float = 0.0
    apart: bool = False
    found: int = 95
    """Of windows whose columns no longer hang together so many per cent are to be found."""

    @property
    def what(self) -> str:
        """What it is called."""
        reference = f"{self.rows:,} rows" if self.files == 1 else f"{self.files} files of {self.rows:,}"
        return f"{reference}, window of {self.current:,}"


CLEAN = (
    Case(1, 200, 50, 300),
    Case(1, 200, 1_000, 200),
    Case(1, 1_000, 100, 200),
    Case(1, 1_000, 1_000, 100),
    Case(1, 10_000, 50, 80),
    Case(1, 10_000, 10_000, 30),
    Case(30, 300, 300, 100, effect=0.05),
)
APART = (
    Case(1, 1_000, 1_000, 40, apart=True, found=50),
    Case(1, 2_000, 2_000, 40, apart=True, found=80),
    Case(1, 10_000, 5_000, 20, apart=True),
)


def figures(place: Place) -> Iterator[Figure]:
    """A figure for each case: of clean windows the share that either tells apart, of others the share that both do."""
    for case in CLEAN:
        either = sum(any(_told(case, seed)) for seed in range(case.windows))
        bound = float(stats.beta.ppf(0.95, either + 1, case.windows - either))
        effect = f", {case.effect:g} σ a file" if case.effect else ""
        beside = f"{either} of {case.windows}, at most {bound:.1%}"
        yield Figure(f"multivariate-rates: {case.what}{effect}", 100 * either / case.windows, "%", ALARMS, beside)
    for case in APART:
        both = sum(all(_told(case, seed)) for seed in range(case.windows))
        what = f"multivariate-rates: no longer hanging together, {case.what}"
        yield Figure(what, 100 * both / case.windows, "%", case.found, f"{both} of {case.windows}", at_least=True)


def _told(case: Case, seed: int) -> tuple[bool, bool]:
    """Whether the classifier and the reconstruction tell a window apart."""
    draw = np.random.default_rng([seed, case.files, case.rows, case.current])
    parts = [frame(draw, case.rows, effect=case.effect) for _ in range(case.files)]
    whole = pd.concat(parts, ignore_index=True)
    window = frame(draw, case.current, effect=case.effect, apart=case.apart)
    of_file = np.repeat(np.arange(case.files), case.rows)
    found = domain(whole, window, seed)
    sides = Drawn(whole, of_file, case.files, case.rows), Drawn(window, np.zeros(case.current, int), 1, case.current)
    return found is not None and found.tells, bool(reconstruction(*sides, seed=seed).drift)


def frame(draw: np.random.Generator, rows: int, *, effect: float = 0.0, apart: bool = False) -> pd.DataFrame:
    """Eight numbers, of which the first two hang together unless they are `apart`, and three categories; `effect` is what a file has in
    common in each number but the counts, in standard deviations.
    """
    normal = draw.normal(size=(7, rows)) + effect * draw.normal(size=(7, 1))
    first, second, third, other, holes, *wealth = normal
    if not apart:
        second = HANGING * first + math.sqrt(1 - HANGING**2) * second
    numbers = {"first": first, "second": second, "third": 0.5 * first + third, "other": other}
    numbers |= {f"wealth{place}": np.exp(1.5 * values) for place, values in enumerate(wealth)}
    numbers |= {"visits": draw.poisson(3, rows), "holes": np.where(draw.random(rows) < 0.05, np.nan, holes)}
    texts = {
        "plan": draw.choice(["a", "b", "c"], rows, p=[0.7, 0.2, 0.1]),
        "rare": np.where(draw.random(rows) < 0.01, "x", "y"),
        "many": np.minimum(draw.zipf(1.3, rows), 300).astype(str),
    }
    return pd.DataFrame(numbers | {name: pd.Series(values, dtype=object) for name, values in texts.items()})
