"""The honest choice among a study's best: scored once more on folds that were not searched on, the simplest of equals.

Which trial is best on the folds that it was searched on is partly luck. So the best ones, and the best default, are
scored on folds drawn anew, of few rows several times, and the simplest is chosen that is within one standard error of the best of them (Breiman et al.
1984, section 3.4.3). The error is that of the paired differences, corrected for the rows that the folds' training sets
share. Simpler is, in this order: a family without parameters, defaults, a linear family, and what takes
less time to fit and to predict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_tui.evaluation.corrected import corrected_error

LINEAR = frozenset({"logistic", "ridge", "elastic_net", "linear_svm"})
FINALISTS = 4
"""So many of the best are scored once more, beside the best default."""
DRAWS = 4
"""So many times their folds are drawn anew, of few rows and where there is time."""
ROWS_ENOUGH = 20_000
"""So many scored rows, over all draws, are enough to tell the best ones apart."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A finalist: `values` are those of the new folds, the higher the better; `seconds` what it costs to fit and predict."""

    number: int
    family: str
    values: tuple[float, ...]
    is_default: bool
    has_parameters: bool
    seconds: float

    @property
    def mean(self) -> float:
        """Its mean over the new folds."""
        return float(np.mean(self.values))

    @property
    def complexity(self) -> tuple[int, float]:
        """Its place among the simple ones, then its cost."""
        if not self.has_parameters:
            return 0, self.seconds
        return 1 if self.is_default else 2 if self.family in LINEAR else 3, self.seconds


def choose(finalists: Sequence[Rescored], test_share: float) -> tuple[Rescored, dict[int, float], str]:
    """The chosen one; of each, by its number, the standard error of its difference to the best; and why, in words."""
    best = max(finalists, key=lambda one: one.mean)
    errors = {one.number: _error(best, one, test_share) for one in finalists}
    equals = [one for one in finalists if best.mean - one.mean <= errors[one.number]]
    chosen = min(equals, key=lambda one: (*one.complexity, one.number))
    if chosen is best:
        why = "best on the folds drawn anew" + (", and the simplest of its equals" if len(equals) > 1 else "")
    else:
        why = (
            f"within one standard error ({errors[chosen.number]:.2g}) of trial {best.number}, the best on the folds drawn"
            f" anew, and simpler: {_simpler(chosen)}"
        )
    return chosen, errors, why


def _error(best: Rescored, one: Rescored, test_share: float) -> float:
    differences = [here - there for here, there in zip(best.values, one.values, strict=True)]
    error = corrected_error(differences, test_share)
    return math.inf if error is None else error


def _simpler(one: Rescored) -> str:
    if not one.has_parameters:
        return "it has no parameters"
    if one.is_default:
        return "the family's defaults"
    return "a linear family" if one.family in LINEAR else "less time to fit and predict"
