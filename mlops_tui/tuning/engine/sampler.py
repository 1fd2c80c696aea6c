"""A sampler led by the study's seed and the trial's place in it: first what is known to be good, then family by family."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, CmaEsSampler, NSGAIISampler, QMCSampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.allotting import Turn, chances
from mlops_tui.tuning.engine.mirror import ABANDONED, COST, FOLDS, split
from mlops_tui.tuning.engine.storage import knowingly

BLIND = frozenset({"random", "qmc"})
"""Samplers that look at no result, and so take every family as often."""
POPULATION = 16
"""Configurations of a generation: a study has tens of trials, or hundreds."""
STARTUP = 5
"""So many configurations of a family are drawn at random, the first ones counted, before its model is asked."""
DRAWN_IN = 0.03
"""Seconds to draw a configuration and to keep what it came to, which is more than to fit a small one takes."""


class Placed(BaseSampler):
    """A sampler that is told the place of each trial before it is asked for, and is seeded by it."""

    place = 0
    hidden: frozenset[int] = frozenset()
    """The numbers of trials that are not to be learnt from."""


class PlacedSampler(Placed):
    """The study's first configurations at the first places, then a family that is chosen for each trial, and a model of
    that family's own trials. Seeded anew for each trial.

    `place` is set before the trial is asked for. Families share the study's time, or, where it is not `by_time` that it is
    limited, its trials. `firsts` are values by Optuna's names of the parameters; `spaces` are each
    family's distributions by those names, and `costs` what a configuration of it costs relative to the others.
    """

    def __init__(
        self,
        seed: int,
        firsts: Sequence[dict[str, Any]],
        spaces: Mapping[str, Mapping[str, BaseDistribution]],
        costs: Mapping[str, float],
        kind: str = "tpe",
        *,
        by_time: bool = True,
    ) -> None:
        self._kind = kind
        self._seed = seed
        self._firsts = firsts
        self._spaces = spaces
        self._costs = costs
        self._by_time = by_time
        self._family = ""
        self._inner: BaseSampler = self._at(0)

    def search(self, firsts: Sequence[dict[str, Any]], spaces: Mapping[str, Mapping[str, BaseDistribution]]) -> None:
        """Draws from these from now on; trials outside are no longer learnt from."""
        self._firsts, self._spaces = firsts, spaces

    def _mixed(self, word: object) -> int:
        return zlib.crc32(f"{self._seed}:{word}".encode())

    def _at(self, place: int) -> BaseSampler:
        seed = self._mixed(place)
        with knowingly():
            if self._kind == "tpe":
                return TPESampler(seed=seed, n_startup_trials=STARTUP, multivariate=True)
            if self._kind == "cmaes":
                return CmaEsSampler(seed=seed, n_startup_trials=STARTUP, warn_independent_sampling=False)
            if self._kind == "qmc":  # one sequence, of which each trial has the next point
                return QMCSampler(seed=self._mixed("qmc"), scramble=True, warn_independent_sampling=False)
            return (
                NSGAIISampler(seed=seed, population_size=POPULATION) if self._kind == "nsgaii" else RandomSampler(seed)
            )

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Chooses the trial's family and seeds the sampler, both by the trial's place; one without parameters is tried once,
        as a first configuration.
        """
        self._inner = self._at(self.place)
        if self._first is None:
            self._family = self._chosen(study)
        self._inner.before_trial(study, trial)

    def _chosen(self, study: Study) -> str:
        families = [family for family, space in self._spaces.items() if space] or list(self._spaces)
        if len(families) == 1:
            return families[0]
        generator = np.random.default_rng(self._mixed(f"family:{self.place}"))
        if self._kind in BLIND:
            return str(generator.choice(families))
        sign = 1.0 if study.directions[0] == StudyDirection.MAXIMIZE else -1.0  # of several the first, that of quality
        tried = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL))
        turns = [
            Turn(
                split(one.params)[0],
                tuple(sign * value for value in one.user_attrs.get(FOLDS, ())),
                _seconds(one) if self._by_time else 1.0,
            )
            for one in tried
            if not _is_dead(one) and one.number not in self.hidden
        ]
        return str(generator.choice(families, p=chances(families, turns, self._costs if self._by_time else {})))

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The family's own parameters; nothing for a first configuration."""
        if self._first is not None:
            return {}
        return {name: kind for name, kind in self._spaces[self._family].items() if not kind.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Drawn by the model of the family's trials; nothing for a first configuration."""
        if self._first is not None:
            return {}
        return self._inner.sample_relative(self._only(study), trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """What the first configuration says, the chosen family, or a value at random."""
        if self._first is not None:
            return self._first[param_name]
        if param_name == "family":
            return self._family
        return self._inner.sample_independent(self._only(study), trial, param_name, param_distribution)

    def _only(self, study: Study) -> Study:
        return _only(study, self._family, self._spaces[self._family], self.hidden)

    @property
    def _first(self) -> dict[str, Any] | None:
        return self._firsts[self.place] if self.place < len(self._firsts) else None


def without(study: Study, hidden: frozenset[int]) -> Study:
    """The study as if it had never had these trials."""
    if not hidden:
        return study
    view, trials = copy.copy(study), study._get_trials

    def left(*given: Any, **named: Any) -> list[FrozenTrial]:
        return [one for one in trials(*given, **named) if one.number not in hidden]

    view._get_trials = left  # type: ignore[method-assign]
    return view


def _only(study: Study, family: str, space: Mapping[str, BaseDistribution], hidden: frozenset[int]) -> Study:
    """The study as if it had the trials of one family alone, which is what a model of that family learns from, and of these
    those that lie within what it draws from now and are not hidden. Where it asks for the stopped ones it gets those that failed too, as bad as
    any: else they would be tried again and again.
    """
    view = copy.copy(study)

    def trials(
        deepcopy: bool = True, states: Container[TrialState] | None = None, use_cache: bool = False
    ) -> list[FrozenTrial]:
        if states is not None and TrialState.PRUNED in states:
            states = (*(state for state in TrialState if state in states), TrialState.FAIL)
        found = study._get_trials(deepcopy=deepcopy, states=states, use_cache=use_cache)
        of_family = [one for one in found if one.params.get("family") == family]
        shown = [one for one in of_family if one.number not in hidden]
        alive = [one for one in shown if not _is_dead(one) and _is_within(one, space)]
        return [_as_stopped(one) if one.state == TrialState.FAIL else one for one in alive]

    view._get_trials = trials  # type: ignore[method-assign]
    return view


def _is_within(trial: FrozenTrial, space: Mapping[str, BaseDistribution]) -> bool:
    """Whether a range has not been made narrower than what the trial drew from; a choice stays."""
    return all(
        kind.low <= trial.params[name] <= kind.high
        for name, kind in space.items()
        if isinstance(kind, FloatDistribution | IntDistribution) and name in trial.params
    )


def _seconds(trial: FrozenTrial) -> float:
    return DRAWN_IN + float(trial.user_attrs.get(COST, {}).get("cpu_seconds", 0.0))


def _is_dead(trial: FrozenTrial) -> bool:
    """Whether the trial says nothing of its configuration, since its worker died."""
    return ABANDONED in trial.user_attrs


def _as_stopped(trial: FrozenTrial) -> FrozenTrial:
    one = copy.copy(trial)
    one.state = TrialState.PRUNED
    return one
