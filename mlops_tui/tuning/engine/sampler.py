"""A sampler led by the study's seed and the trial's place in it: first what is known to be good, then family by family."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.allotting import Turn, chances
from mlops_tui.tuning.engine.costing import cheapest
from mlops_tui.tuning.engine.mirror import ABANDONED, COST, FOLDS, split
from mlops_tui.tuning.engine.storage import knowingly
from mlops_tui.tuning.queue import QUEUED

BLIND = frozenset({"random", "qmc"})
"""Samplers that look at no result, and so take every family as often."""
POPULATION = 16
"""Configurations of a generation: a study has tens of trials, or hundreds."""
STARTUP = 5
"""So many configurations of a family are drawn at random, the first ones counted, before its model is asked."""
CANDIDATES = 3
"""So many configurations are drawn, the cheapest of which is tried: each of them is what the model believes in."""
WORTH_IT = 0.1
"""Seconds a fold: families that take less are not worth to be drawn several times."""
DRAWN_IN = 0.03
"""Seconds to draw a configuration and to keep what it came to, which is more than to fit a small one takes."""


class Placed(BaseSampler):
    """A sampler that is told the place of each trial before it is asked for, and is seeded by it."""

    place = 0
    hidden: frozenset[int] = frozenset()
    """The numbers of trials that are not to be learnt from."""


class PlacedSampler(Placed):
    """The study's first configurations at the first places, then a family that is chosen for each trial: first what else is
    good to begin with in its portfolio, then what a model of its own trials draws. Before anything is drawn, each family whose
    default went all the way has the first of its portfolio. Seeded anew for each trial.

    `place` is set before the trial is asked for. Families share the study's time, or, where it is not `by_time` that it is
    limited, its trials. `firsts` and `portfolios` are values by Optuna's names of the parameters; `spaces` are each
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
        portfolios: Mapping[str, Sequence[dict[str, Any]]] | None = None,
        by_time: bool = True,
    ) -> None:
        self._kind = kind
        self._seed = seed
        self._firsts = firsts
        self._portfolios = dict(portfolios or {})
        self._spaces = spaces
        self._costs = costs
        self._by_time = by_time
        self._family = ""
        self._told: dict[str, Any] | None = None
        self._begun = sorted(self._portfolios, key=lambda family: costs.get(family, 1.0))
        self._inner: BaseSampler = self._at(0)

    def search(
        self,
        firsts: Sequence[dict[str, Any]],
        spaces: Mapping[str, Mapping[str, BaseDistribution]],
        portfolios: Mapping[str, Sequence[dict[str, Any]]] | None = None,
    ) -> None:
        """Draws from these from now on; trials outside are no longer learnt from."""
        self._firsts, self._spaces, self._portfolios = firsts, spaces, dict(portfolios or {})

    def _mixed(self, word: object) -> int:
        return zlib.crc32(f"{self._seed}:{word}".encode())

    def _at(self, place: int | str) -> BaseSampler:
        return sampler_of(self._kind, self._mixed(place), sequence=self._mixed("qmc"), startup=STARTUP)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Chooses the trial's family and seeds the sampler, both by the trial's place; one without parameters is tried once,
        as a first configuration.
        """
        self._inner = self._at(self.place)
        self._told = self._firsts[self.place] if self.place < len(self._firsts) else None
        if self._told is None:
            self._family = self._going_on(study) or self._chosen(study)
            if QUEUED not in trial.system_attrs:  # what a person has left open there is drawn
                self._told = self._next_of_portfolio(study, self._family)
        self._inner.before_trial(study, trial)

    def _going_on(self, study: Study) -> str | None:
        """The cheapest family that has one trial alone, which went all the way, and a portfolio."""
        for family in list(self._begun):
            tried = self._of_family(study, family)
            if len(tried) > 1 or not self._portfolios.get(family):
                self._begun.remove(family)
            elif tried and tried[0].state == TrialState.COMPLETE:
                return family
        return None

    def _of_family(self, study: Study, family: str) -> list[FrozenTrial]:
        trials = study.get_trials(deepcopy=False)
        return [one for one in trials if one.params.get("family") == family and not _is_dead(one)]

    def _next_of_portfolio(self, study: Study, family: str) -> dict[str, Any] | None:
        """The first configuration of a family's portfolio that no trial has, or has had; those that have ended are dropped,
        for there may be thousands of trials once none is left.
        """
        left = self._portfolios.get(family)
        if not left:
            return None
        tried = [(one.params, one.state.is_finished()) for one in self._of_family(study, family)]
        ended = [params for params, is_ended in tried if is_ended]
        left = self._portfolios[family] = [params for params in left if params not in ended]
        return next((params for params in left if (params, False) not in tried), None)

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
        """The family's own parameters; nothing where all of them are known."""
        if self._told is not None:
            return {}
        return {name: kind for name, kind in self._spaces[self._family].items() if not kind.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Drawn by the model of the family's trials; nothing where all are known."""
        if self._told is not None:
            return {}
        learnt = self._only(study)
        drawn = self._inner.sample_relative(learnt, trial, search_space)
        tried = self._costs_of(study) if self._by_time and self._kind == "tpe" and drawn else []
        if not tried or float(np.mean([seconds for _, seconds in tried])) < WORTH_IT:
            return drawn
        others = (self._at(f"{self.place}:{number}") for number in range(1, CANDIDATES))
        candidates = [drawn, *(one.sample_relative(learnt, trial, search_space) for one in others)]
        return cheapest(candidates, tried, search_space)

    def _costs_of(self, study: Study) -> list[tuple[dict[str, Any], float]]:
        """What the family's ended trials had for parameters, and the seconds that a fold took."""
        return [
            (one.params, _seconds(one) / len(one.user_attrs[FOLDS]))
            for one in self._of_family(study, self._family)
            if one.state.is_finished() and one.user_attrs.get(FOLDS)
        ]

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """What the first configuration or the portfolio says, the chosen family, or a value at random."""
        if self._told is not None:
            return self._told[param_name]
        if param_name == "family":
            return self._family
        return self._inner.sample_independent(self._only(study), trial, param_name, param_distribution)

    def _only(self, study: Study) -> Study:
        return _only(study, self._family, self._spaces[self._family], self.hidden)


def sampler_of(kind: str, seed: int, *, sequence: int, group: bool = False, startup: int | None = None) -> BaseSampler:
    """Optuna's sampler of that kind. `sequence` is the seed of a QMC sampler, of whose one sequence each trial has the next
    point; with `group` parameters that depend on others have a model of their own; `startup` is how many
    trials there are before a model is asked, where that is not Optuna's own number.
    """
    with knowingly():
        if kind == "tpe":
            return TPESampler(seed=seed, multivariate=True, group=group, n_startup_trials=startup or 10)
        if kind == "cmaes":
            return CmaEsSampler(seed=seed, warn_independent_sampling=False, n_startup_trials=startup or 1)
        if kind == "qmc":
            return QMCSampler(seed=sequence, scramble=True, warn_independent_sampling=False)
        if kind == "nsgaii":
            return NSGAIISampler(seed=seed, population_size=POPULATION)
        return RandomSampler(seed)


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
