"""The front of several objectives and the volume that it dominates."""

from __future__ import annotations

import itertools
import math
import random

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.tuning.front import Covered, coverage, front, hypervolume

WHOLE = st.integers(0, 5).map(float)
SETS = st.integers(2, 4).flatmap(lambda size: st.lists(st.tuples(*[WHOLE] * size), min_size=1, max_size=7))


def counted(points: list[tuple[float, ...]]) -> int:
    """The unit cells below any of the points, one by one."""
    cells = itertools.product(range(6), repeat=len(points[0]))
    return sum(any(all(x >= c + 1 for x, c in zip(point, cell, strict=True)) for point in points) for cell in cells)


@settings(max_examples=150, deadline=None)
@given(SETS)
def test_the_volume_is_that_of_the_cells_below_the_points_in_whatever_order_they_come(
    points: list[tuple[float, ...]],
) -> None:
    origin = (0.0,) * len(points[0])
    shuffled = random.Random(0).sample(points, len(points))
    covered = Covered(origin)
    grown = []
    for point in shuffled:
        covered.add(point)
        grown.append(covered.volume)
    assert covered.volume == pytest.approx(counted(points))
    assert hypervolume(points, origin) == pytest.approx(counted(points))
    assert grown == sorted(grown)
    assert hypervolume([points[place] for place in front(points)], origin) == pytest.approx(counted(points))


@settings(max_examples=150, deadline=None)
@given(SETS)
def test_the_front_is_what_no_other_point_dominates(points: list[tuple[float, ...]]) -> None:
    def dominated(point: tuple[float, ...]) -> bool:
        return any(
            other != point and all(there >= here for here, there in zip(point, other, strict=True)) for other in points
        )

    assert front(points) == [place for place, point in enumerate(points) if not dominated(point)]


@settings(max_examples=100, deadline=None)
@given(SETS)
def test_the_share_that_is_covered_never_shrinks_and_is_one_where_one_point_is_best_of_all(
    points: list[tuple[float, ...]],
) -> None:
    found = coverage(points)
    assert found == sorted(found)
    assert all(0 <= share <= 1 + 1e-9 for share in found)
    assert coverage([*points, (9.0,) * len(points[0])])[-1] == pytest.approx(1.0)


def test_the_front_is_that_of_optuna() -> None:
    drawn = random.Random(3)
    study = optuna.create_study(directions=["maximize", "minimize", "maximize"])
    values = [[drawn.random() for _ in range(3)] for _ in range(60)]
    study.add_trials([optuna.trial.create_trial(values=one) for one in values])
    ours = front([(a, -b, c) for a, b, c in values])
    assert ours == sorted(trial.number for trial in study.best_trials)


def test_what_is_infinite_covers_nothing() -> None:
    assert coverage([(1.0, math.inf), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]) == [0.0, 0.0, 0.0, 1.0]
    assert coverage([(math.inf, math.inf)]) == [0.0]
