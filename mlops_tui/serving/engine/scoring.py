"""The profile of a batch's scores, and how far two versions disagree on it: both from parts, in memory that does not grow."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from mlops_tui.data.engine.points import merged_points, points_of, quantiles_of
from mlops_tui.data.profile import Points
from mlops_tui.registry.model import PROBABILITY, Signature
from mlops_tui.serving.engine.said import PREDICTION, Loaded, Said, label_array

MERGED_AT = 64
"""Points of so many parts are kept before they are made one."""
_DECILES = [step / 10 for step in range(11)]


class ScoreProfile:
    """Count, mean, standard deviation and deciles of the scores that are finite, and the rows of each label."""

    def __init__(self, signature: Signature) -> None:
        self._of = PROBABILITY if signature.is_classifier else PREDICTION
        self._names = [_shown(label) for label in label_array(signature.classes).to_pylist()]
        self._labels: Counter[int] = Counter()
        self._points: list[Points] = []
        self._least, self._most = math.inf, -math.inf
        self._count, self._mean, self._squares = 0, 0.0, 0.0

    def add(self, said: Said) -> None:
        """Counts the rows in (Chan, Golub and LeVeque 1983)."""
        scores = said.score[said.finite]
        if not len(scores):
            return
        mean, count = float(scores.mean()), self._count + len(scores)
        apart = mean - self._mean
        self._squares += float(((scores - mean) ** 2).sum()) + apart * apart * self._count * len(scores) / count
        self._mean += apart * len(scores) / count
        self._count = count
        self._least, self._most = min(self._least, float(scores.min())), max(self._most, float(scores.max()))
        self._points.append(points_of(scores))
        if len(self._points) >= MERGED_AT:
            self._points = [merged_points(self._points)]
        if said.codes is not None:
            counts = np.bincount(said.codes[said.finite], minlength=len(self._names))
            self._labels.update({code: int(n) for code, n in enumerate(counts) if n})

    def shown(self) -> dict[str, Any]:
        """{"of", "count", "mean", "std", "deciles", "labels"}; numbers are None where there is no score."""
        found: dict[str, Any] = {"of": self._of, "count": self._count, "mean": None, "std": None, "deciles": None}
        if self._count:
            inner = quantiles_of(merged_points(self._points), _DECILES[1:-1])
            found |= {"mean": self._mean, "deciles": [self._least, *map(float, inner), self._most]}
        if self._count > 1:
            found["std"] = math.sqrt(self._squares / (self._count - 1))
        if self._names:
            order = sorted(self._labels.items(), key=lambda item: (-item[1], self._names[item[0]]))
            found["labels"] = {self._names[code]: count for code, count in order}
        return found


def _shown(label: Any) -> str:
    return str(label).lower() if isinstance(label, bool) else str(label)


class Disagreement:
    """How far a second version says otherwise of the same rows: rows with another label, and the mean difference of scores."""

    def __init__(self, beside: Loaded) -> None:
        self._beside = beside
        self._rows = self._different = 0
        self._apart = 0.0

    def add(self, said: Said, other: Said) -> None:
        """Counts the rows in of which both say something finite, the other in the terms of the first."""
        both = said.finite & other.finite
        self._rows += int(both.sum())
        if said.codes is None or other.codes is None:
            self._apart += float(np.abs(said.score[both] - other.score[both]).sum())
            return
        self._different += int((said.codes[both] != other.codes[both]).sum())
        # half the sum over the classes is, of two classes, the difference of the positive one's probability
        self._apart += float(np.abs(said.scores[both] - other.scores[both]).sum()) / 2

    def shown(self) -> dict[str, Any]:
        """What is kept of it; of numbers no labels differ. `why` is None: it ran on all rows."""
        version, threshold = self._beside.version, self._beside.threshold
        has_labels = version.signature.is_classifier
        return {
            "model": version.model,
            "version": version.number,
            "version_id": version.id,
            "threshold": None if threshold is None else threshold.shown(),
            "rows": self._rows,
            "different": self._different if has_labels else None,
            "share": self._different / self._rows if has_labels and self._rows else None,
            "mean_absolute_difference": self._apart / self._rows if self._rows else None,
            "by_itself": False,
            "left": None,
            "of": None,
            "why": None,
        }
