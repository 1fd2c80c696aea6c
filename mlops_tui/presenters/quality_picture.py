"""How well a version does, file by file, as a picture: what is expected, what labels come to, and what it was in training."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlops_tui import plot
from mlops_tui.monitoring.quality_model import Figure, QualityChunk
from mlops_tui.presenters.tune import score
from mlops_tui.presenters.words import in_middle

EXPECTED, REALISED = "expected", "with labels"
ASIDE = 0.12
"""Both figures of a file stand so far to either side of its place, so that their bands do not hide each other."""
NAME = 16


def quality_chart(chunks: Sequence[QualityChunk], at: int, width: int, height: int, symbols: str) -> plot.Picture:
    """Files across, the oldest first, their figures with their bands; a rule goes down through the file at the place `at`.

    What labels come to is hollow where nothing is concluded of it. The dotted line is what is expected without labels.
    """
    newest = chunks[-1]
    expected = [chunk.estimated for chunk in chunks]
    realised = [chunk.realised if chunk.labels_tell else None for chunk in chunks]
    series = [
        *(_bands(EXPECTED, expected, -ASIDE), _bands(REALISED, realised, ASIDE)),
        plot.Series(EXPECTED, *_points(expected, -ASIDE), "series-1", dotted=True),
        plot.Series(REALISED, *_points(realised, ASIDE), "series-0"),
    ]
    hollow = [
        plot.Mark(place + ASIDE, chunk.realised.value, role="series-0", hollow=True)
        for place, chunk in enumerate(chunks)
        if chunk.realised is not None and not chunk.labels_tell
    ]
    rules = [plot.Mark(at, None, role="axis")]
    if newest.reference is not None:
        rules.append(plot.Mark(None, newest.reference, f"{score(newest.reference)} in training", "label"))
    names = [in_middle(chunk.name, NAME) for chunk in chunks]
    return plot.line_chart(
        [one for one in series if any(map(math.isfinite, one.y))],  # type: ignore[arg-type]
        *(width, height),
        symbols=symbols,
        y_label=newest.metric,
        marks=[*rules, *hollow],
        x_names=names,
    )


def _points(figures: Sequence[Figure | None], aside: float) -> tuple[list[float], list[float]]:
    known = [(place + aside, figure.value) for place, figure in enumerate(figures) if figure is not None]
    return [x for x, _ in known], [y for _, y in known]


def _bands(name: str, figures: Sequence[Figure | None], aside: float) -> plot.Series:
    """A stroke from the lower to the upper end of each band."""
    x, y = list[float](), list[float]()
    for place, figure in enumerate(figures):
        if figure is not None and figure.low is not None and figure.high is not None:
            x += [place + aside, place + aside, math.nan]
            y += [figure.low, figure.high, math.nan]
    return plot.Series(name, x, y, "faint", label="")
