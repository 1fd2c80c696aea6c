"""What a study's best come to on folds that nothing was searched on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from optuna.trial import FrozenTrial

from mlops_tui.evaluation.splits import Folds
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.mirror import recipe
from mlops_tui.tuning.engine.together import Together


class Anew:
    """Each trial is fitted once on each of the folds, by one of the study's workers. `words` say where some of the folds
    were searched on after all.
    """

    def __init__(self, folds: Folds, evaluator: Evaluator, together: Together, words: str | None = None) -> None:
        self.folds = folds
        self.words = words
        self._evaluator = evaluator
        self._together = together
        self._known: dict[int, list[Outcome]] = {}

    def score(self, trials: Sequence[FrozenTrial], on_done: Callable[[int, int], None]) -> None:
        """Has the trials' configurations scored on all folds; `on_done` is told how many fits are done, of how many."""
        pieces = {f"anew-{trial.number}-{fold}": (trial, fold) for trial in trials for fold in range(len(self.folds))}

        def work(piece: str, path: Path) -> None:
            trial, fold = pieces[piece]
            _keep(self._evaluator.outcome(*recipe(trial), fold), path)

        kept = self._together.do(list(pieces), work, lambda done: on_done(done, len(pieces)))
        for place, trial in enumerate(trials):
            start = place * len(self.folds)
            self._known[trial.number] = [_kept(path) for path in kept[start : start + len(self.folds)]]

    def outcomes(self, trial: FrozenTrial) -> list[Outcome]:
        """What the trial's configuration comes to, fold by fold."""
        if trial.number not in self._known:
            self.score([trial], lambda _done, _of: None)
        return self._known[trial.number]


def _keep(outcome: Outcome, path: Path) -> None:
    rounds = np.nan if outcome.rounds is None else outcome.rounds
    figures = [outcome.value, outcome.cpu_seconds, outcome.predict_seconds, rounds, outcome.are_decisions]
    with path.open("wb") as file:
        np.savez(file, predicted=outcome.predicted, figures=np.array(figures, dtype=float))


def _kept(path: Path) -> Outcome:
    with np.load(path) as kept:
        value, cpu_seconds, predict_seconds, rounds, are_decisions = kept["figures"].tolist()
        counted = None if np.isnan(rounds) else int(rounds)
        return Outcome(value, kept["predicted"], cpu_seconds, predict_seconds, counted, bool(are_decisions))
