"""One of Optuna's samplers for a space that is defined while a trial runs, seeded anew by the place of each trial."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.grid_sampler import GridSampler
from mlops_tui.tuning.engine.sampler import Placed, sampler_of, without


class SeededSampler(Placed):
    """So a study with one worker gives the same trials whether or not it was interrupted."""

    def __init__(self, seed: int, kind: str) -> None:
        self._seed = seed
        self._kind = kind
        self._inner = self._at(0)

    def _at(self, place: object) -> BaseSampler:
        seed = zlib.crc32(f"{self._seed}:{place}".encode())
        if self._kind == "grid":
            return GridSampler(seed)
        return sampler_of(self._kind, seed, sequence=self._seed, group=True)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Seeds the sampler by the trial's place."""
        self._inner = self._at(self.place)
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """As the sampler does."""
        return self._inner.infer_relative_search_space(without(study, self.hidden), trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """As the sampler does."""
        return self._inner.sample_relative(without(study, self.hidden), trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """As the sampler does."""
        return self._inner.sample_independent(without(study, self.hidden), trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """As the sampler does; a grid that is exhausted stops the study."""
        self._inner.after_trial(study, trial, state, values)
