"""Tables to tune on, made by seeded generators of several kinds, and scikit-learn's own; each with rows to test on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn import datasets

TESTED = 5_000
Draw = np.random.Generator


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to tune on and rows to test on; the target is the column `y`."""

    name: str
    training: pd.DataFrame
    test: pd.DataFrame


def _frame(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(x, columns=[f"x{number}" for number in range(x.shape[1])])
    frame["y"] = y
    return frame


def _classes(score: np.ndarray, draw: Draw, share: float = 0.5) -> np.ndarray:
    noisy = score + draw.logistic(0, 1, len(score))
    return np.where(noisy > np.quantile(noisy, 1 - share), "yes", "no")


def linear(draw: Draw, rows: int) -> pd.DataFrame:
    """Twenty numbers, ten of which add up."""
    x = draw.normal(size=(rows, 20))
    return _frame(x, _classes(x[:, :10] @ np.linspace(1, 0.2, 10), draw))


def steps(draw: Draw, rows: int) -> pd.DataFrame:
    """What trees are good at: thresholds within thresholds."""
    x = draw.uniform(size=(rows, 12))
    score = np.where(x[:, 0] > 0.6, np.where(x[:, 1] > 0.3, 2.5, -1), np.where(x[:, 2] > 0.7, 1.5, -2))
    return _frame(x, _classes(2 * score, draw))


def interactions(draw: Draw, rows: int) -> pd.DataFrame:
    """Products of pairs, no column of which says anything alone."""
    x = draw.normal(size=(rows, 10))
    return _frame(x, _classes(3 * (x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3]), draw))


def categories(draw: Draw, rows: int) -> pd.DataFrame:
    """Categories of very different number, most of which matter."""
    counts = (3, 8, 20, 40)
    codes = [draw.integers(0, count, rows) for count in counts]
    effects = [np.random.default_rng(count).normal(0, 1, count) for count in counts]
    numbers = draw.normal(size=(rows, 3))
    frame = _frame(numbers, np.zeros(rows))
    for place, code in enumerate(codes):
        frame[f"c{place}"] = [f"v{value}" for value in code]
    score = sum(effect[code] for effect, code in zip(effects, codes, strict=True)) + numbers[:, 0]
    frame["y"] = _classes(2 * score, draw)
    return frame


def gaps(draw: Draw, rows: int) -> pd.DataFrame:
    """A fifth of the values missing, which itself says something."""
    x = draw.normal(size=(rows, 12))
    hidden = draw.random(x.shape) < 0.2
    y = _classes(2 * (x[:, 0] + x[:, 1] - hidden[:, 2] + np.abs(x[:, 3])), draw)
    return _frame(np.where(hidden, np.nan, x), y)


def rare(draw: Draw, rows: int) -> pd.DataFrame:
    """One row in thirty is positive."""
    x = draw.normal(size=(rows, 15))
    return _frame(x, _classes(2 * (x[:, 0] + x[:, 1] * (x[:, 2] > 0)), draw, share=1 / 30))


def few(draw: Draw, rows: int) -> pd.DataFrame:
    """Very few rows to learn from."""
    x = draw.normal(size=(rows, 8))
    return _frame(x, _classes(x[:, 0] + x[:, 1] ** 2, draw))


def wide(draw: Draw, rows: int) -> pd.DataFrame:
    """Many columns, few of which matter."""
    x = draw.normal(size=(rows, 200))
    return _frame(x, _classes(x[:, :6] @ np.array([2, -2, 1.5, -1.5, 1, 1]), draw))


def many_classes(draw: Draw, rows: int) -> pd.DataFrame:
    """Five classes around centres."""
    centres = np.random.default_rng(5).normal(0, 1.2, (5, 10))
    codes = draw.integers(0, 5, rows)
    return _frame(centres[codes] + draw.normal(0, 1.5, (rows, 10)), np.array([f"k{code}" for code in codes]))


def friedman(draw: Draw, rows: int) -> pd.DataFrame:
    """Friedman's first function (1991), with noise."""
    x = draw.uniform(size=(rows, 10))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return _frame(x, y + draw.normal(0, 1, rows))


def sloping(draw: Draw, rows: int) -> pd.DataFrame:
    """A number that is nearly linear, of columns that are alike."""
    base = draw.normal(size=(rows, 5))
    x = np.column_stack([base, base + draw.normal(0, 0.3, base.shape), draw.normal(size=(rows, 10))])
    return _frame(x, x[:, :5] @ np.array([3, 2, 1, 1, 0.5]) + draw.normal(0, 1, rows))


def _own(load: Callable[..., object]) -> Callable[[Draw], tuple[pd.DataFrame, pd.DataFrame]]:
    def split(draw: Draw) -> tuple[pd.DataFrame, pd.DataFrame]:
        found = load(return_X_y=True)
        frame = _frame(*found)  # type: ignore[misc]
        if frame["y"].dtype.kind == "i":
            frame["y"] = [f"k{code}" for code in frame["y"]]
        order = draw.permutation(len(frame))
        cut = len(frame) * 2 // 3
        return frame.iloc[order[:cut]], frame.iloc[order[cut:]]

    return split


GENERATED: dict[str, tuple[Callable[[Draw, int], pd.DataFrame], int]] = {
    "linear": (linear, 4_000),
    "steps": (steps, 4_000),
    "interactions": (interactions, 6_000),
    "categories": (categories, 6_000),
    "gaps": (gaps, 4_000),
    "rare": (rare, 8_000),
    "few": (few, 250),
    "wide": (wide, 1_500),
    "many-classes": (many_classes, 4_000),
    "friedman": (friedman, 4_000),
    "sloping": (sloping, 3_000),
}
OWN = {
    "breast-cancer": _own(datasets.load_breast_cancer),
    "digits": _own(datasets.load_digits),
    "diabetes": _own(datasets.load_diabetes),
}
NAMES = (*GENERATED, *OWN)


def table(name: str, seed: int) -> Table:
    """The table of that name as the seed makes it."""
    draw = np.random.default_rng([seed, *name.encode()])
    if name in GENERATED:
        make, rows = GENERATED[name]
        whole = make(draw, rows + TESTED)
        return Table(name, whole.iloc[:rows].reset_index(drop=True), whole.iloc[rows:].reset_index(drop=True))
    training, test = OWN[name](draw)
    return Table(name, training.reset_index(drop=True), test.reset_index(drop=True))
