"""A sampler seeded by the study and the trial's place in it, so that a resumed study goes on alike.

Trials that a dead process left behind do not count as places: the trial that takes theirs draws what they drew.
"""

from __future__ import annotations

import zlib
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

ABANDONED = "mlops:abandoned"
STARTUP = 8


class PlacedSampler(BaseSampler):
    """TPE, seeded anew for each trial."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._inner = self._at(0)

    def _at(self, place: int) -> TPESampler:
        mixed = zlib.crc32(f"{self._seed}:{place}".encode())
        return TPESampler(seed=mixed, n_startup_trials=STARTUP, multivariate=True, group=True)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Seeds the sampler for this trial's place."""
        earlier = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL))
        gone = sum(ABANDONED in other.user_attrs for other in earlier)
        self._inner = self._at(trial.number - gone)
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """TPE's."""
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """TPE's."""
        return self._inner.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """TPE's."""
        return self._inner.sample_independent(study, trial, param_name, param_distribution)
