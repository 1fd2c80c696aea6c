"""Probabilities for classifiers that know none."""

from __future__ import annotations

from typing import Any

from sklearn.calibration import CalibratedClassifierCV

FOLDS = 3


def calibrated(classifier: Any) -> CalibratedClassifierCV:
    """The classifier, fitted on all rows, with probabilities from a sigmoid over its decisions on rows left out (Platt 1999)."""
    return CalibratedClassifierCV(classifier, method="sigmoid", cv=FOLDS, ensemble=False)
