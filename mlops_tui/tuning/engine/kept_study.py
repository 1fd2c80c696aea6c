"""What one worker keeps in memory of a study, so that a trial that has ended is read from the file once."""

from __future__ import annotations

import copy
import json
from collections.abc import Container
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.trial_rows import Writes


class KeptStudy:
    """A study's trials by id, which is the order of their numbers too.

    `seen` is the file's version that they are of, `kinds` the first distribution of each parameter, `written` the
    parameters that the file is known to have.
    """

    def __init__(self, name: str, directions: list[StudyDirection]) -> None:
        self.name = name
        self.directions = directions
        self.seen: int | None = None
        self.trials: dict[int, FrozenTrial] = {}
        self.open: set[int] = set()
        self.ids: dict[int, int] = {}
        self.kinds: dict[str, BaseDistribution] = {}
        self.written: set[str] = set()
        self.best: FrozenTrial | None = None

    @property
    def last_id(self) -> int:
        """The id of the newest trial."""
        return next(reversed(self.trials), 0)

    def put(self, trial: FrozenTrial) -> None:
        """Takes a trial in, or what has become of it."""
        self.trials[trial._trial_id] = trial
        self.ids[trial.number] = trial._trial_id
        for name, kind in trial.distributions.items():
            self.kinds.setdefault(name, kind)
        if not trial.state.is_finished():
            self.open.add(trial._trial_id)
            return
        self.open.discard(trial._trial_id)
        if self._is_best(trial):
            self.best = trial

    def _is_best(self, trial: FrozenTrial) -> bool:
        if trial.state != TrialState.COMPLETE or len(self.directions) > 1 or trial.value is None:
            return False
        if self.best is None or self.best.value is None:
            return True
        sign = 1 if self.directions[0] == StudyDirection.MAXIMIZE else -1
        return (sign * trial.value, -trial.number) > (sign * self.best.value, -self.best.number)

    def in_states(self, states: Container[TrialState] | None) -> list[FrozenTrial]:
        """The trials in these states, or all, in the order of their numbers."""
        if states is None:
            return list(self.trials.values())
        if not any(state in states for state in TrialState if state.is_finished()):
            return [trial for key in sorted(self.open) if (trial := self.trials[key]).state in states]
        return [trial for trial in self.trials.values() if trial.state in states]


def changed(trial: FrozenTrial, **fields: Any) -> FrozenTrial:
    """A copy of the trial with other fields: what was handed out is never altered."""
    one = copy.copy(trial)
    for name, value in fields.items():
        setattr(one, name, value)
    return one


def with_writes(trial: FrozenTrial, writes: Writes) -> FrozenTrial:
    """The trial as it will read once these are written."""
    fields: dict[str, Any] = {}
    if writes.params:
        read = {name: kind.to_external_repr(value) for name, (value, kind) in writes.params.items()}
        fields["_params"] = trial.params | read
        fields["_distributions"] = trial.distributions | {name: kind for name, (_, kind) in writes.params.items()}
    for kind, attributes in writes.attributes.items():
        if attributes:
            known = trial.user_attrs if kind == "user" else trial.system_attrs
            fields[f"_{kind}_attrs"] = known | {key: json.loads(text) for key, text in attributes.items()}
    if writes.reports:
        fields["intermediate_values"] = trial.intermediate_values | writes.reports
    return changed(trial, **fields)


def without(trial: FrozenTrial, name: str) -> FrozenTrial:
    """The trial without that parameter."""
    fields = {"_params": dict(trial.params), "_distributions": dict(trial.distributions)}
    for field in fields.values():
        field.pop(name)
    return changed(trial, **fields)
