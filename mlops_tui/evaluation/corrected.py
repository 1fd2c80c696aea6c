"""The standard error of a mean over folds, whose training sets share rows; plain Python, so that fronts may ask it."""

from __future__ import annotations

import math
from collections.abc import Sequence


def corrected_error(differences: Sequence[float], test_share: float) -> float | None:
    """The standard error of the mean of paired differences on k folds; None of fewer than two.

    The variance of the mean is that of the differences times (1/k + n_test/n_train), `test_share` being n_test/n_train:
    Nadeau and Bengio, Inference for the generalization error, Machine Learning 52 (2003).
    """
    k = len(differences)
    if k < 2:
        return None
    mean = math.fsum(differences) / k
    variance = math.fsum((difference - mean) ** 2 for difference in differences) / (k - 1)
    return math.sqrt(variance * (1 / k + test_share))
