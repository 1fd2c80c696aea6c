"""What a version's predictions hang on: how far they move when a column is shuffled among the rows that it learnt from.

A permutation importance (Breiman 2001, section 10) that asks what is said rather than how right it is, so it needs no labels and
does not mind that these rows were learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.score import plain_scores, without_names
from mlops_tui.registry.model import Signature

MOST_ROWS = 2_000
"""So many rows are enough to tell what matters from what does not."""


def importances(pipeline: Any, frame: pd.DataFrame, signature: Signature, seed: int = 0) -> Mapping[str, float]:
    """Each column's share of how far predictions move, which adds up to 1; all 0 where nothing moves them.

    What moves is a class's probability, or a number: the mean of the absolute difference over at most `MOST_ROWS` rows of `frame`.
    """
    draw = np.random.default_rng(seed)
    if len(frame) > MOST_ROWS:
        frame = frame.iloc[np.sort(draw.choice(len(frame), MOST_ROWS, replace=False))]
    frame, names = typed(frame, signature.columns), signature.names
    with without_names():
        before = plain_scores(pipeline, frame, signature)
        moved = np.array([_moved(pipeline, frame, signature, name, before, draw) for name in names])
    total = float(moved.sum())
    return dict(zip(names, (moved / total if total > 0 else moved).tolist(), strict=True))


def _moved(
    pipeline: Any, frame: pd.DataFrame, signature: Signature, name: str, before: np.ndarray, draw: np.random.Generator
) -> float:
    """How far predictions move when one column is shuffled."""
    order = draw.permutation(len(frame))
    shuffled = frame.assign(**{name: frame[name].iloc[order].set_axis(frame.index)})
    gaps = np.abs(plain_scores(pipeline, shuffled, signature) - before)
    there = np.isfinite(gaps)
    return float(np.mean(gaps[there])) if there.any() else 0.0
