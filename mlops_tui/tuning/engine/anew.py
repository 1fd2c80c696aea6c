"""What a study's best come to on folds that nothing was searched on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from optuna.trial import FrozenTrial

from mlops_tui.evaluation.splits import Folds
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.mirror import recipe


class Anew:
    """Each trial is fitted once on each of the folds, on so many `at_once`: the cores of workers that have ended are free.
    `words` say where some of the folds were searched on after all.
    """

    def __init__(self, folds: Folds, evaluator: Evaluator, words: str | None = None, *, at_once: int = 1) -> None:
        self.folds = folds
        self.words = words
        self._evaluator = evaluator
        self._at_once = at_once
        self._known: dict[int, list[Outcome]] = {}

    def outcomes(self, trial: FrozenTrial) -> list[Outcome]:
        """What the trial's configuration comes to, fold by fold; its processor time counts what was fitted beside it."""
        if trial.number not in self._known:
            family, params = recipe(trial)
            self._evaluator.make_ready(family)
            with ThreadPoolExecutor(self._at_once) as pool:
                found = pool.map(lambda number: self._evaluator.outcome(family, params, number), range(len(self.folds)))
                self._known[trial.number] = list(found)
        return self._known[trial.number]
