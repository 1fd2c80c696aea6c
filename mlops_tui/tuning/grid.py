"""The configurations of a grid: a few values of each parameter, all combined, in an order that is drawn by a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from mlops_tui.tuning.space import CHOICES, FLOAT, Space, family_of

VALUES = 4
"""So many values of a range of numbers, its ends among them; of fewer whole numbers all."""


def size(families: Sequence[str], space: Space) -> int:
    """How many configurations the grid has."""
    return sum(math.prod(map(len, axes.values())) for axes in _axes(families, space).values())


def points(families: Sequence[str], space: Space, seed: int, limit: int) -> list[dict[str, Any]]:
    """The first configurations of the grid, family by family in turn, each under Optuna's names of its parameters."""
    drawn = []
    for family, axes in _axes(families, space).items():
        whole = math.prod(map(len, axes.values()))
        places = random.Random(f"{seed}:{family}").sample(range(whole), min(whole, limit))
        drawn.append([{"family": family, **_point(axes, place)} for place in places])
    return [point for some in zip_longest(*drawn) for point in some if point is not None][:limit]


def _axes(families: Sequence[str], space: Space) -> dict[str, dict[str, list[Any]]]:
    return {
        family: {name: values_of(kind) for name, kind in space.items() if family_of(name) == family}
        for family in families
    }


def _point(axes: dict[str, list[Any]], place: int) -> dict[str, Any]:
    point = {}
    for name, values in axes.items():
        place, index = divmod(place, len(values))
        point[name] = values[index]
    return point


def values_of(kind: dict[str, Any]) -> list[Any]:
    """The grid's values of one distribution."""
    told = kind["attributes"]
    if kind["name"] == CHOICES:
        return list(told["choices"])
    low, high, step = told["low"], told["high"], told.get("step")
    if step is not None and (high - low) / step < VALUES:
        return [low + step * count for count in range(round((high - low) // step) + 1)]
    shares = [place / (VALUES - 1) for place in range(VALUES)]
    if told.get("log"):
        found = [low * (high / low) ** share for share in shares]
    else:
        found = [low + (high - low) * share for share in shares]
    if step is not None:
        found = [low + step * round((value - low) / step) for value in found]
    else:
        found[-1] = high  # not beyond it by rounding
    return [float(value) for value in found] if kind["name"] == FLOAT else sorted({round(value) for value in found})
