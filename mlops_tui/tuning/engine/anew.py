"""What a study's best come to on folds that nothing was searched on."""

from __future__ import annotations

from optuna.trial import FrozenTrial

from mlops_tui.evaluation.splits import Folds
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.mirror import recipe


class Anew:
    """Each trial is fitted once on each of the folds. `words` say where some of these were searched on after all."""

    def __init__(self, folds: Folds, evaluator: Evaluator, words: str | None = None) -> None:
        self.folds = folds
        self.words = words
        self._evaluator = evaluator
        self._known: dict[int, list[Outcome]] = {}

    def outcomes(self, trial: FrozenTrial) -> list[Outcome]:
        """What the trial's configuration comes to, fold by fold."""
        if trial.number not in self._known:
            family, params = recipe(trial)
            self._known[trial.number] = [
                self._evaluator.outcome(family, params, number) for number in range(len(self.folds))
            ]
        return self._known[trial.number]
