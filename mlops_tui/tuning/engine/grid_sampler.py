"""The grid of an objective of the user's own, whose space is known only as far as its trials have drawn from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution, CategoricalDistribution, distribution_to_json
from optuna.samplers import BruteForceSampler
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.storage import knowingly
from mlops_tui.tuning.grid import values_of


class GridSampler(BruteForceSampler):
    """Optuna's search of every combination, over a few values of each range instead of all of them.

    A trial that somebody has queued beside the grid counts for the budget and is no point of it.
    """

    def __init__(self, seed: int) -> None:
        with knowingly():
            super().__init__(seed=seed)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """One of the grid's values, of those whose combinations are not all tried."""
        return super().sample_independent(_View(study, trial), trial, param_name, _choices(param_distribution))

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Stops the study once every combination is tried."""
        if (point := _as_point(trial)) is None:
            return
        view = _View(study, trial)
        super().after_trial(view, point, state, values)
        if view._stop_flag:
            study.stop()


class _View(Study):
    """A study whose trials have drawn among the grid's values. It is its own storage, which is what Optuna's sampler asks."""

    def __init__(self, study: Study, current: FrozenTrial) -> None:
        self._study_id = study._study_id
        self._asked, self._current = study, current
        self._storage: Any = self
        self._stop_flag = False

    def get_all_trials(self, study_id: int, **asked: Any) -> list[FrozenTrial]:
        """The points of the grid, and the trial that is drawn for."""
        found = self._asked._storage.get_all_trials(study_id, **asked)
        points = ((one, _as_point(one)) for one in found)
        return [point or one for one, point in points if point is not None or one.number == self._current.number]

    def stop(self) -> None:
        """Notes that every combination is tried."""
        self._stop_flag = True


def _choices(kind: BaseDistribution) -> CategoricalDistribution:
    if isinstance(kind, CategoricalDistribution):
        return kind
    return CategoricalDistribution(values_of(json.loads(distribution_to_json(kind))))


def _as_point(trial: FrozenTrial) -> FrozenTrial | None:
    """The trial as if it had drawn among the grid's values; None where it has not."""
    kinds = {name: _choices(kind) for name, kind in trial.distributions.items()}
    if any(trial.params[name] not in kind.choices for name, kind in kinds.items()):
        return None
    point = copy.copy(trial)
    point.distributions = dict(kinds)
    return point
