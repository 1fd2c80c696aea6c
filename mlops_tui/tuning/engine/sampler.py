"""A sampler led by the study's seed and the trial's place in it, so that a resumed study goes on alike."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial

from mlops_tui.tuning.engine.storage import knowingly

STARTUP = 8


class PlacedSampler(BaseSampler):
    """The families' defaults at the first places, then TPE, seeded anew for each trial.

    `place` is set before the trial is asked for. `defaults` are values by Optuna's names of the parameters.
    """

    def __init__(self, seed: int, defaults: Sequence[dict[str, Any]]) -> None:
        self.place = 0
        self._seed = seed
        self._defaults = defaults
        self._inner = self._at(0)

    def _at(self, place: int) -> TPESampler:
        mixed = zlib.crc32(f"{self._seed}:{place}".encode())
        with knowingly():
            return TPESampler(seed=mixed, n_startup_trials=STARTUP, multivariate=True, group=True)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Seeds the sampler for this trial's place."""
        self._inner = self._at(self.place)
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """TPE's; nothing for a default."""
        return {} if self._default else self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """TPE's; nothing for a default."""
        return {} if self._default else self._inner.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The default, or TPE's."""
        if self._default:
            return self._default[param_name]
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    @property
    def _default(self) -> dict[str, Any] | None:
        return self._defaults[self.place] if self.place < len(self._defaults) else None
