"""How good is what somebody says of a study's training rows: the study's metric on any of them."""

from __future__ import annotations

import numpy as np

from mlops_tui.evaluation.answers import probabilities
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.evaluation.scoring import score
from mlops_tui.evaluation.splits import Folds
from mlops_tui.tuning.engine.fit import Prepared, place_of_positive
from mlops_tui.tuning.engine.matrices import codes_of
from mlops_tui.tuning.engine.predictions import Array
from mlops_tui.tuning.model import Study


class RowScorer:
    """The truth of the training rows. `rows` are those that a fold scores, `positive` is the code of the positive class."""

    def __init__(self, study: Study, prepared: Prepared, folds: Folds) -> None:
        self._study = study
        self.truth = codes_of(prepared)
        self.weights = prepared.weights
        self.positive = place_of_positive(study, prepared.classes) if prepared.classes else 1
        self.folds = [scored for _, scored in folds]
        self.rows = np.concatenate(self.folds)

    def value(self, said: Array, rows: Array, metric: str | None = None) -> float:
        """A metric, the study's unless another is named, on these rows, on its own scale.

        Raises:
            ValueError: it is not defined on them.
        """
        asked = said[rows] if self._study.task == REGRESSION else probabilities(said[rows])
        return score(
            metric or self._study.metric,
            self._study.task,
            self.truth[rows],
            asked,
            weights=None if self.weights is None else self.weights[rows],
            positive=self.positive,
        )

    def goodness(self, said: Array, rows: Array) -> float:
        """The study's metric on these rows, the higher the better; where it is not defined, as bad as can be."""
        try:
            found = self._study.sign * self.value(said, rows)
        except ValueError:
            return -np.inf
        return found if np.isfinite(found) else -np.inf
