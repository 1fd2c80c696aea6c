"""How much each parameter decides whether a trial is among the best: PED-ANOVA, by Optuna.

Watanabe, Bansal and Hutter, PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces, IJCAI 2023.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    json_to_distribution,
)
from optuna.importance import get_param_importances
from optuna.study import StudyDirection
from optuna.trial import create_trial

from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import find_study
from mlops_tui.tuning.seen import Seen, in_pictures, trials_seen
from mlops_tui.tuning.space import known_spaces, params_of

MOST_TRIALS = 1000
"""Of more trials as many are taken, evenly over their numbers."""
LEAST_TRIALS = 8
"""Fewer tell nothing: the best tenth is compared with all."""
FAMILY = "family"


def importance(context: AnswerContext, *, study: str) -> dict[str, Any]:
    """The importances of a study's parameters within each family, and that of the family itself.

    Returns `{study, metric, trials, estimated, used, family, families}`: of the `trials` so many as `estimated` were stopped
    early and count by what their folds let expect, and `used` were taken, evenly over their numbers; `family` is the importance of the choice of family from 0 to 1,
    among it and the parameters of the best family, None where there is one family or too few trials; `families` has
    `{family, trials, best, importances}` for each with a value, the best first; its importances, each
    `{parameter, importance}`, add up to 1, the greatest first; there are none where it has too few trials.
    """
    found = find_study(context.store.reader, study)
    trials = [
        trial
        for trial in in_pictures(_read_on(context.store, found.id), found.direction)
        if trial.state in ("complete", "pruned") and trial.value is not None and math.isfinite(trial.value)
    ]
    used = _thinned(trials)
    families = [_family(found, name, trials) for name in dict.fromkeys(trial.family for trial in trials)]
    families.sort(key=lambda one: one["best"], reverse=found.direction == "maximize")
    return {
        "study": found.name,
        "metric": found.metric,
        "trials": len(trials),
        "estimated": sum(trial.state == "pruned" for trial in trials),
        "used": len(used),
        "family": _of_family(found, used, families[0]["family"]) if len(families) > 1 else None,
        "families": families,
    }


_known: WeakKeyDictionary[Store, tuple[str, tuple[Seen, ...]]] = WeakKeyDictionary()
"""The trials of the study that was asked about last: the process that answers is kept."""


def _read_on(store: Store, study_id: str) -> tuple[Seen, ...]:
    known_id, before = _known.get(store, ("", ()))
    trials = trials_seen(store.reader, study_id, before if known_id == study_id else ())
    _known[store] = study_id, trials
    return trials


def _thinned(trials: Sequence[Seen]) -> list[Seen]:
    if len(trials) <= MOST_TRIALS:
        return list(trials)
    return [trials[place * len(trials) // MOST_TRIALS] for place in range(MOST_TRIALS)]


def _family(study: Study, family: str, trials: Sequence[Seen]) -> dict[str, Any]:
    own = [trial for trial in trials if trial.family == family]
    values = [trial.value for trial in own if trial.value is not None]
    return {
        "family": family,
        "trials": len(own),
        "best": max(values) if study.direction == "maximize" else min(values),
        "importances": [
            {"parameter": key, "importance": share}
            for key, share in _importances(study, _thinned(own), _distributions(study, family, own)).items()
        ],
    }


def _of_family(study: Study, trials: Sequence[Seen], best: str) -> float | None:
    """What the family decides, among it and the parameters of the best one."""
    kinds: dict[str, BaseDistribution] = {FAMILY: CategoricalDistribution(sorted({trial.family for trial in trials}))}
    told = _raw(study, [trial._replace(params={FAMILY: trial.family}) for trial in trials], kinds)
    own = [trial for trial in trials if trial.family == best]
    within = _raw(study, own, _distributions(study, best, own))
    whole = sum(told.values()) + sum(within.values())
    return told[FAMILY] / whole if told and whole > 0 else None


def _importances(study: Study, trials: Sequence[Seen], kinds: dict[str, BaseDistribution]) -> dict[str, float]:
    """Shares that add up to 1, the greatest first."""
    raw = _raw(study, trials, kinds)
    whole = sum(raw.values())
    shares = {key: value / whole if whole > 0 else 1 / len(raw) for key, value in raw.items()}
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


def _raw(study: Study, trials: Sequence[Seen], kinds: dict[str, BaseDistribution]) -> dict[str, float]:
    kinds = {key: kind for key, kind in kinds.items() if not kind.single()}
    if study.script is None:
        whole = [trial for trial in trials if all(key in trial.params for key in kinds)]
    else:  # a parameter may hang on another one
        whole = [trial for trial in trials if any(key in trial.params for key in kinds)]
    if len(whole) < LEAST_TRIALS or not kinds:
        return {}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    held = optuna.create_study(direction=StudyDirection[study.direction.upper()])
    held.add_trials(
        [
            create_trial(
                params={key: trial.params[key] for key in kinds if key in trial.params},
                distributions={key: kind for key, kind in kinds.items() if key in trial.params},
                value=trial.value,
            )
            for trial in whole
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that few trials tell little is said by how many there are
        told = get_param_importances(held, normalize=False)
    return {key: value if math.isfinite(value) else 0.0 for key, value in told.items()}


def _distributions(study: Study, family: str, trials: Sequence[Seen]) -> dict[str, BaseDistribution]:
    """What the family's parameters were drawn from, wide enough for all that were tried; of a family of the user's own, what
    was tried."""
    named = params_of(study, family)
    keys = (
        named
        if family in known_spaces() and study.script is None
        else dict.fromkeys(key for trial in trials for key in trial.params)
    )
    kinds = {}
    for key in keys:
        values = [trial.params[key] for trial in trials if key in trial.params]
        if values:
            kinds[key] = _wide_enough(_kind(named.get(key)), values)
    return kinds


def _kind(told: dict[str, Any] | None) -> BaseDistribution | None:
    return None if told is None else json_to_distribution(json.dumps(told))


def _wide_enough(kind: BaseDistribution | None, values: Sequence[Any]) -> BaseDistribution:
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if not are_numbers or isinstance(kind, CategoricalDistribution):
        choices = kind.choices if isinstance(kind, CategoricalDistribution) else ()
        return CategoricalDistribution(list(dict.fromkeys([*choices, *values])))
    low, high = min(values), max(values)
    is_log = isinstance(kind, FloatDistribution | IntDistribution) and kind.log
    if isinstance(kind, FloatDistribution | IntDistribution):
        low, high = min(low, kind.low), max(high, kind.high)
    if isinstance(kind, IntDistribution) or (kind is None and all(isinstance(value, int) for value in values)):
        return IntDistribution(int(low), int(high), log=is_log)
    return FloatDistribution(float(low), float(high), log=is_log)
