"""What the cells say: when each side came to plain Optuna's best, and what the test rows say of all three."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

SIDES = ("plain", "ours", "flaml")
UNREACHED = 3.0
"""A side that does not come there counts as so many times the budget."""
MOMENTS = (2.5, 5, 10, 20, 30, 60)
"""Seconds, of a budget of 60: when it is asked how many cells have come there."""

Side = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A table with a seed, and what the sides made of it in so many seconds, one after the other on one machine."""

    name: str
    seed: int
    seconds: float
    day: str
    plain: Side
    ours: Side
    flaml: Side

    def there(self, side: Side) -> float:
        """When a side had a configuration that came to plain Optuna's best, less one standard error of what the two differ by from
        fold to fold.
        """
        sign, best = 1.0 if self.plain["direction"] == "maximize" else -1.0, self.plain["folds"]
        for moment, _, folds in side["curve"]:
            leads = sign * np.subtract(folds, best)
            if leads.mean() >= -float(np.std(leads, ddof=1)) / math.sqrt(len(leads)):
                return float(moment)
        return UNREACHED * self.seconds

    @property
    def ratio(self) -> float:
        """Our time to come there as a share of plain Optuna's."""
        return self.there(self.ours) / self.there(self.plain)

    def beyond(self, other: Side) -> float:
        """How much more our test loss is than the other's, as a share of it."""
        return (loss(self.ours) - loss(other)) / loss(other)


def kept(path: Path) -> list[Cell]:
    """The cells of a file, a line of JSON each; none where there is no file."""
    return [Cell(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def keep(path: Path, cell: Cell) -> None:
    """Adds a cell to its file."""
    with path.open("a") as file:
        file.write(json.dumps(asdict(cell)) + "\n")


def loss(side: Side) -> float:
    """What the test rows say, the lower the better: of what is at most 1 how far it is from there."""
    return float(side["test"] if side["direction"] == "minimize" else 1 - side["test"])


def line(cell: Cell) -> str:
    """A cell in words."""
    plain, ours = cell.plain, cell.ours
    return (
        f"{cell.name:<14}{cell.seed:>2}  {plain['metric']:<9} plain {plain['curve'][-1][1]:.4f} ({plain['trials']} trials),"
        f" ours {ours['curve'][-1][1]:.4f} ({ours['trials']});  there after {cell.there(plain):5.1f} s and"
        f" {cell.there(ours):5.1f} s;  test {plain['test']:.4f} and {ours['test']:.4f}, FLAML {cell.flaml['test']:.4f}"
    )


def beyond(cells: Sequence[Cell], other: str) -> tuple[float, float, float]:
    """How much more our test loss is than the other's, as a share of it: the mean over tables of the mean over their seeds,
    and the ends of Student's interval of 95 %; infinite where there is one table.
    """
    means = by_table(cells, other)
    middle = statistics.mean(means)
    if len(means) < 2:
        return middle, -math.inf, math.inf
    half = float(stats.t.ppf(0.975, len(means) - 1)) * statistics.stdev(means) / math.sqrt(len(means))
    return middle, middle - half, middle + half


def by_table(cells: Sequence[Cell], other: str) -> list[float]:
    """How much more our test loss is than the other's, as a share of it: the mean over the seeds of each table."""
    shares: dict[str, list[float]] = {}
    for cell in cells:
        shares.setdefault(cell.name, []).append(cell.beyond(getattr(cell, other)))
    return [statistics.mean(found) for found in shares.values()]


def by_signed_ranks(means: Sequence[float]) -> tuple[float, float, float]:
    """The middle of the tables' differences and the ends of its interval of 95 %, those that Wilcoxon's signed ranks do not refuse (Hodges and
    Lehmann 1963): Demšar (2006, JMLR 7) has classifiers be compared over tables so, for a few on which one is far better do not widen
    it to the other side. Infinite where there are too few tables.
    """
    walsh = sorted((first + other) / 2 for place, first in enumerate(means) for other in means[place:])
    ways = np.ones(1)
    for rank in range(1, len(means) + 1):  # of how many signs the positive ranks add up to so much
        ways = np.convolve(ways, np.r_[1, np.zeros(rank - 1), 1])
    refused = int(np.searchsorted(np.cumsum(ways) / ways.sum(), 0.025, side="right"))
    if not refused:
        return statistics.median(walsh), -math.inf, math.inf
    return statistics.median(walsh), walsh[refused - 1], walsh[-refused]


def markdown(cells: Sequence[Cell]) -> str:
    """The verdict, the curve over time, and a table of the means over each table's seeds."""
    return "\n\n".join("\n".join(part) for part in (_verdict(cells), _over_time(cells), _by_table(cells)))


def _verdict(cells: Sequence[Cell]) -> Iterator[str]:
    ratio = statistics.median(cell.ratio for cell in cells)
    tables, days = len({cell.name for cell in cells}), sorted({cell.day for cell in cells})
    yield (
        f"{len(cells)} cells, {tables} tables, {cells[0].seconds:g} s each, measured on {', '.join(days)}. Time to plain Optuna's best less one paired standard"
        f" error: {ratio:.2f} × its time (median; ≤ 0.33)."
    )
    for other, limit in (("plain", ""), ("flaml", "; upper end < +1 %")):
        middle, low, high = beyond(cells, other)
        named = {"plain": "plain Optuna", "flaml": "FLAML"}[other]
        yield f"Test loss beside {named}: {middle:+.2%} in the mean of the tables (95 % between {low:+.2%} and {high:+.2%})."
        middle, low, high = by_signed_ranks(by_table(cells, other))
        yield f"By signed ranks of the tables {middle:+.2%} (95 % between {low:+.2%} and {high:+.2%}{limit})."


def _over_time(cells: Sequence[Cell]) -> Iterator[str]:
    moments = [moment * cells[0].seconds / 60 for moment in MOMENTS]
    yield f"| Cells that have come there after | {' | '.join(f'{moment:g} s' for moment in moments)} |"
    yield f"|---|{'---:|' * len(moments)}"
    for name, side in (("plain Optuna", "plain"), ("mlops-tui", "ours")):
        shares = [statistics.mean(cell.there(getattr(cell, side)) <= moment for cell in cells) for moment in moments]
        yield f"| {name} | {' | '.join(f'{share:.0%}' for share in shares)} |"


def _by_table(cells: Sequence[Cell]) -> Iterator[str]:
    yield "| Table | Metric | Trials: plain | ours | There after: plain | ours | Test: plain | ours | FLAML |"
    yield f"|---|---|{'---:|' * 7}"
    for name in dict.fromkeys(cell.name for cell in cells):
        found = [cell for cell in cells if cell.name == name]
        trials, there = (
            [statistics.median(read(cell, side) for cell in found) for side in ("plain", "ours")]
            for read in (
                lambda cell, side: getattr(cell, side)["trials"],
                lambda cell, side: cell.there(getattr(cell, side)),
            )
        )
        tested = [statistics.mean(getattr(cell, side)["test"] for cell in found) for side in SIDES]
        told = [f"{count:,.0f}" for count in trials]
        told += [f"{moment:.1f} s" if moment <= cells[0].seconds else "not" for moment in there]
        yield f"| {name} | {found[0].plain['metric']} | {' | '.join([*told, *(f'{value:.4f}' for value in tested)])} |"
