"""Many runs with ten parameters and ten metrics each, the same for every tracker that is measured."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

MODELS = ("hgb", "logistic", "rf", "mlp", "knn")
SHARE_WITH_AUC = 0.7
KEYS = 10
PAGE = 50
SORT = "auc"
MODEL, LEAST = "rf", 0.9


class Tracked(NamedTuple):
    """One run."""

    metrics: dict[str, float]
    params: dict[str, str]


def tracked(number: int) -> Iterator[Tracked]:
    """So many runs; three of ten have no `auc`."""
    draw = random.Random(1)
    for _ in range(number):
        metrics = {f"m{place}": draw.random() for place in range(1, KEYS)}
        if draw.random() < SHARE_WITH_AUC:
            metrics[SORT] = draw.random()
        params = {f"p{place}": str(draw.randrange(100)) for place in range(1, KEYS)}
        yield Tracked(metrics, {"model": draw.choice(MODELS), **params})


def fitting(number: int) -> int:
    """How many of them fit the filter that is measured."""
    return sum(one.metrics.get(SORT, 0.0) > LEAST and one.params["model"] == MODEL for one in tracked(number))
