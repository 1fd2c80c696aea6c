"""How often a clean window raises an alarm in any slice, how often a shift of one slice is found, and what slices take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import special, stats

from mlops_tui.data.engine.payload import to_bytes
from mlops_tui.data.engine.profiling import Hears, Profiled, profile_file
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.engine.slicing import slice_bytes, slices_of
from mlops_tui.data.engine.stream import Block
from mlops_tui.data.profile import Profile
from mlops_tui.monitoring.engine.by_slice import RATE
from mlops_tui.monitoring.engine.compare import findings
from mlops_tui.monitoring.engine.variation import variation
from mlops_tui.monitoring.engine.verdict import judge
from tests.benchmarks.measuring import Figure, interleaved
from tests.benchmarks.mixed_table import KINDS as MIXED_KINDS
from tests.benchmarks.mixed_table import ROWS, write
from tests.benchmarks.place import Place

MADE = (*["normal"] * 6, *["skewed"] * 2, *["whole"] * 2, "three", "many")
"""How the 12 columns are made of normal deviates, beside the one that tells slices apart."""
NAMES = ("place", *(f"{made} {place}" for place, made in enumerate(MADE)))
SORTS = {"normal": "numeric", "skewed": "numeric", "whole": "integer"}
KINDS = {"place": "category"} | {name: SORTS.get(name.split()[0], "category") for name in NAMES[1:]}
CLASSES = {"three": 3, "many": 30}
POISSON = stats.poisson.cdf(np.arange(20), 3)
BLOCK = 10_000
BY = "c1"
"""The column of 12 values that a table is profiled by."""


@dataclass(frozen=True, slots=True)
class Case:
    """References of so many `files` of `rows` each, and windows of `current` rows, in so many `slices` of which each has two thirds
    of the one before (equal ones where `even`). Rows of a file have an `effect` in common; the second slice is `moved`.
    """

    what: str
    files: int
    rows: int
    current: int
    slices: int
    references: int = 50
    currents: int = 10
    effect: float = 0.0
    moved: float = 0.0
    even: bool = False

    @property
    def shares(self) -> NDArray[np.float64]:
        """The share of the rows that each slice has."""
        weights = np.ones(self.slices) if self.even else (2 / 3) ** np.arange(self.slices)
        return weights / weights.sum()


CLEAN = (
    Case("10,000 rows, window of 500, 5 slices", 1, 10_000, 500, 5, 100),
    Case("10,000 rows, window of 5,000, 5 slices", 1, 10_000, 5_000, 5, 100),
    Case("20,000 rows, window of 10,000, 20 even slices", 1, 20_000, 10_000, 20, 40, 8, even=True),
    Case("30 files of 1,000, window of 1,000, 5 slices", 30, 1_000, 1_000, 5, 60),
    Case("30 files of 1,000, 0.05 σ a file, window of 1,000, 5 slices", 30, 1_000, 1_000, 5, 60, effect=0.05),
)
MOVED = (
    Case("10,000 rows, window of 5,000: 0.2 σ in one of 5 slices", 1, 10_000, 5_000, 5, 20, moved=0.2),
    Case("30 files of 1,000, window of 5,000: 0.2 σ in one of 5 slices", 30, 1_000, 5_000, 5, 20, moved=0.2),
)


def sliced(draw: np.random.Generator, case: Case, rows: int, moved: float = 0.0) -> dict[str, list[Profile]]:
    """A file's slices, by their value and block by block, profiled as files are."""
    found: dict[str, list[Profile]] = {}
    common = case.effect * draw.standard_normal(len(MADE))
    for start in range(0, rows, BLOCK):
        size = min(BLOCK, rows - start)
        place = draw.choice(case.slices, size, p=case.shares)
        deviates = draw.standard_normal((len(MADE), size)) + common[:, None]
        deviates[0] += moved * (place == 1)
        columns = [pa.array(place).cast(pa.string())]
        columns += [_made(made, values) for made, values in zip(MADE, deviates, strict=True)]
        table = pa.table({f"c{at}": column for at, column in enumerate(columns)})
        none = np.zeros(size, np.uint64)
        for one in slices_of(Block(dict.fromkeys(NAMES, none), none, table), KINDS, {"place": []}):  # type: ignore[arg-type]
            apart = Profile(one.profile.rows, one.profile.columns[1:])  # without the column itself
            found.setdefault(one.name.value, []).append(apart)
    return found


def _made(made: str, values: NDArray[np.float64]) -> pa.Array:
    if made == "normal":
        return pa.array(values)
    if made == "skewed":
        return pa.array(np.exp(values))
    if made == "whole":
        return pa.array(np.searchsorted(POISSON, special.ndtr(values)).astype(np.float64))
    codes = (special.ndtr(values) * CLASSES[made]).astype(np.int64)
    return pa.array(codes).cast(pa.string())


def merged(parts: Sequence[Profile]) -> Profile:
    """The profile of all of them."""
    columns = (merged_columns([part.columns[at] for part in parts], with_registers=False) for at in range(len(MADE)))
    return Profile(sum(part.rows for part in parts), tuple(columns))


def alarms(case: Case, seed: int) -> int:
    """In how many windows beside one reference a column drifts in a slice; of a moved one, that column in its slice."""
    draw = np.random.default_rng([seed, case.files, case.rows, case.current, case.slices])
    files = [sliced(draw, case, case.rows) for _ in range(case.files)]
    names = sorted({name for file in files for name in file})
    units = {name: [merged(file[name]) for file in files if name in file] for name in names}
    reference, known = {n: merged(units[n]) for n in names}, {n: variation(units[n]) for n in names}
    found = 0
    for _ in range(case.currents):
        window = {name: merged(parts) for name, parts in sliced(draw, case, case.current, case.moved).items()}
        there = [name for name in names if name in window and reference[name].rows >= 30 and window[name].rows >= 10]
        measured = [(name, findings(reference[name], window[name], (), known[name])) for name in there]
        told = iter(judge([one for _, slice_of in measured for one in slice_of], RATE))
        verdicts = {(name, at): next(told).drift for name, slice_of in measured for at in range(len(slice_of))}
        found += bool(verdicts["1", 0]) if case.moved else any(verdicts.values())
    return found


def rates(cases: Sequence[Case], workers: int = 2) -> Iterator[tuple[Case, int, int, float]]:
    """Of each case how many alarms there were, of how many windows, and the share at most (95 %, binomial)."""
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        for case in cases:
            found = sum(pool.map(alarms, [case] * case.references, range(case.references)))
            n = case.references * case.currents
            yield case, found, n, float(stats.beta.ppf(0.95, found + 1, n - found)) if found < n else 1.0


def figures(place: Place) -> Iterator[Figure]:
    """Rates in percent; what slices add to the time and the size of a profile."""
    for case, found, n, most in rates(CLEAN):
        yield Figure(f"clean: {case.what}", 100 * found / n, "%", 1, f"{found} of {n:,}, at most {most:.1%}")
    for case, found, n, _ in rates(MOVED):
        yield Figure(f"found: {case.what}", 100 * found / n, "%", 80, f"{found} of {n:,}", at_least=True)
    yield from _cost(place)


def _cost(place: Place, rows: int = ROWS) -> Iterator[Figure]:
    """A million rows of 20 columns profiled with one declared column of 12 values, and without."""
    _, path = write(place.folder, rows)
    told: dict[str, Profiled] = {}
    kept, names = dict[int, int](), set[str]()

    def hears(number: int, block: Block, kinds: Mapping[str, str]) -> None:
        slices = slices_of(block, kinds, {BY: []})
        names.update(one.name.label for one in slices)
        kept[number] = sum(len(slice_bytes(one.profile)) for one in slices)

    def profiled(name: str, hears: Hears | None) -> float:
        begun = time.perf_counter()
        told[name] = profile_file(path, kinds=MIXED_KINDS, hears=hears)
        return time.perf_counter() - begun

    taken = interleaved({"without": lambda: profiled("without", None), "with": lambda: profiled("with", hears)}, 2)
    place.reference.take()
    plain = sum(len(to_bytes(column)) for block in told["with"].blocks for column in block.profile.columns)
    size = sum(kept.values())
    beside = f"{taken['with']:.2f} s; without {taken['without']:.2f} s; {len(names)} slices by {BY}"
    yield Figure("profile with one declared column", taken["with"] / taken["without"], "×", 3, beside)
    yield Figure("size of its slices", size / plain, "×", 10, f"{size / 1e6:.1f} MB; profiles {plain / 1e6:.1f} MB")
