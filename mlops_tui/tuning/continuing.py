"""A study that goes on from another one: the same rows, target, metric and folds, and another space or other families.

Choices, families and wider ranges are what a study keeps, since its sampler and its pictures compare its trials with each other.
So they change by a new study, which takes the complete trials along that fit its space: they are scored on the same folds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.tuning.model import Parent, Study, Trial, choose_families, without_too_many_rows
from mlops_tui.tuning.space import CHOICES, Space, check_space, family_of, space_of_study


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a study would go on with: `space` is what is given in place of the families' own, `trials` are the numbers of those
    that it takes along, of so many `complete` ones; `notices` are what there is to say of the families and the space."""

    study: Study
    families: tuple[str, ...]
    space: Space
    trials: tuple[int, ...]
    complete: int
    notices: tuple[str, ...]

    @property
    def parent(self) -> Parent:
        """What the new study keeps of where it comes from."""
        before = self.study.parent.generation if self.study.parent is not None else 0
        return Parent(self.study.id, self.study.name, self.trials, self.complete, before + 1)


def continuation(
    study: Study,
    complete: Sequence[Trial],
    families: Sequence[str] | None = None,
    space: Space | None = None,
    own: Collection[str] = (),
) -> Continuation:
    """What a study goes on with where these families are tried, and these distributions are searched in place of those that
    it has; `complete` are its complete trials, `own` the names of the user's own families.

    Raises:
        UsageError: it is of an objective of the user's own or a grid, a family is not known, or the space does not fit.
    """
    if study.script is not None:
        raise UsageError(
            "What an objective of your own draws from is known once it draws.",
            f"Begin a new study: mlops-tui tune --objective {quote(f'{study.script.path}:{study.script.function}')}",
        )
    if study.sampler == "grid":
        raise UsageError(
            "A grid has points of its own.", "Begin a new study: mlops-tui tune N --sampler grid --space FILE"
        )
    wished = choose_families(study.task, families or study.families, own)
    tried, left_out = (wished, []) if not study.training_rows else without_too_many_rows(wished, study.training_rows)
    kept = {name: kind for name, kind in study.space.items() if family_of(name) in tried}
    whole = kept | (space or {})
    beyond = check_space(whole, tried)
    fitting = _different([trial for trial in complete if is_fitting(trial, study, tried, whole)])
    return Continuation(
        study, tuple(tried), whole, tuple(trial.number for trial in fitting), len(complete), (*left_out, *beyond)
    )


def is_fitting(trial: Trial, study: Study, families: Collection[str], space: Space) -> bool:
    """Whether a complete trial lies within a space, and was scored on every fold."""
    return (
        trial.family in families
        and len(trial.fold_values or ()) == study.folds
        and all(
            (key := name.partition(".")[2]) in trial.params and _is_within(trial.params[key], kind)
            for name, kind in space_of_study([trial.family], space).items()
        )
    )


def words_of(found: Continuation) -> str:
    """What comes along, in one sentence."""
    return (
        f"{len(found.trials):,} of {found.complete:,} complete trials of {printable(found.study.name)} fit and come along, with"
        " their values, folds and costs; they are not run again."
    )


def _is_within(value: Any, kind: dict[str, Any]) -> bool:
    attributes = kind["attributes"]
    if kind["name"] == CHOICES:
        return any(value == choice and isinstance(value, type(choice)) for choice in attributes["choices"])
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not attributes["low"] <= value <= attributes["high"]:
        return False
    step = attributes["step"]
    places = 0.0 if step is None else (value - attributes["low"]) / step
    return abs(places - round(places)) < 1e-8 if step is not None else True


def _different(trials: Sequence[Trial]) -> list[Trial]:
    """The first trial of each configuration."""
    found: dict[str, Trial] = {}
    for trial in trials:
        found.setdefault(f"{trial.family} {sorted(trial.params.items())}", trial)
    return list(found.values())
