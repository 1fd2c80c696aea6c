"""What a study's ended trials came to; each is looked at once, for there may be thousands of them before the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.catching_up import Scored
from mlops_tui.tuning.engine.mirror import FOLDS, split

Configuration = tuple[str, frozenset[tuple[str, Any]]]


class Known:
    """One worker's view of them. `sign` turns a value into one that is the higher the better."""

    def __init__(self, folds: int, sign: float) -> None:
        self._folds = folds
        self._sign = sign
        self._looked_at: set[int] = set()
        self._first: dict[Configuration, FrozenTrial] = {}
        self.scored: list[Scored] = []
        """Those that were scored on every fold."""

    def look(self, trials: Iterable[FrozenTrial]) -> None:
        """Takes in what has ended well, or was stopped, since the last time."""
        for trial in trials:
            if trial.number not in self._looked_at:
                self._looked_at.add(trial.number)
                self._take(trial)

    def _take(self, trial: FrozenTrial) -> None:
        folds = trial.user_attrs.get(FOLDS)
        if folds is None:
            return
        family, params = split(trial.params)
        self._first.setdefault((family, frozenset(params.items())), trial)
        if trial.state == TrialState.COMPLETE and len(folds) == self._folds:
            self.scored.append(Scored(family, tuple(self._sign * value for value in folds)))

    def same(self, family: str, params: dict[str, Any]) -> FrozenTrial | None:
        """The first trial of the same configuration, whose outcome is known: everything that is drawn has a seed."""
        return self._first.get((family, frozenset(params.items())))
