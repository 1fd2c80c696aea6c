"""Narrower ranges for a study that has begun: what may be narrowed, and what it costs the sampler.

A sampler learns from the trials that lie within what it draws from. Those outside of a narrower range stay in the list and
may stay the best, but say nothing of where to draw next. Choices and wider ranges are another space: that is another study.
"""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass
from shlex import quote
from typing import Any, NamedTuple

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.tuning.model import WORKER_DIED, Study
from mlops_tui.tuning.query import best_trial
from mlops_tui.tuning.queue import id_in_optuna
from mlops_tui.tuning.space import CHOICES, INT, Space, family_of, in_words, known_spaces, space_of_study

BLIND = frozenset({"random", "qmc"})
"""Samplers that learn from no trial."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A range as it would be: `name` is Optuna's, `before` and `after` its distributions; of the `trials` of the family that
    ended, so many are `outside`, the study's best one among them where `best_is_outside`."""

    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    trials: int
    outside: int
    best_is_outside: bool

    @property
    def family(self) -> str:
        """The family that the parameter belongs to."""
        return family_of(self.name)

    @property
    def parameter(self) -> str:
        """The parameter as its family calls it."""
        return self.name.partition(".")[2]


class Searched(NamedTuple):
    """What a study draws from, by Optuna's names, the numbers that its ended trials had of it, and the best trial's."""

    study: Study
    space: Space
    tried: dict[str, list[float]]
    best: dict[str, float]

    @property
    def ranges(self) -> Space:
        """Those that can be narrowed: numbers of which there is more than one to draw."""
        can_be = self.study.script is None and self.study.sampler != "grid"
        return {
            name: kind
            for name, kind in self.space.items()
            if can_be and kind["name"] != CHOICES and kind["attributes"]["low"] < kind["attributes"]["high"]
        }


def searched(connection: sqlite3.Connection, study: Study) -> Searched:
    """What a study draws from and has drawn; of a family of the user's own as its trials have shown it."""
    shown = {
        name: json.loads(text)
        for family in study.families
        if family not in known_spaces()
        for name, text in _shown(connection, study, family)
    }
    space = shown | space_of_study(study.families, study.space)
    tried: dict[str, list[float]] = {name: [] for name, kind in space.items() if kind["name"] != CHOICES}
    rows = connection.execute(
        "SELECT family, params FROM study_trial WHERE study_id = ? AND state IN ('complete', 'pruned', 'fail')"
        " AND reason IS NOT ?",
        (study.id, WORKER_DIED),
    )
    for family, params in rows:
        for name, number in _numbers(family, json.loads(params)).items():
            if name in tried:
                tried[name].append(number)
    best = best_trial(connection, study)
    return Searched(study, space, tried, {} if best is None else _numbers(best.family, best.params))


def narrowed(known: Searched, parameter: str, low: str, high: str) -> Narrowed:
    """What narrowing a parameter to these ends would come to; it is `FAMILY.parameter`, or its own name where one family
    alone has it.

    Raises:
        UsageError: there is no such range, the ends are no such numbers, or they are not within it.
    """
    name, kind = _range(known, parameter)
    attributes = kind["attributes"]
    ends = [_number(name, kind, text) for text in (low, high)]
    if ends[0] > ends[1]:
        raise UsageError(f"The low of {ends[0]:g} is above the high of {ends[1]:g}.", "Give the lower one first.")
    if ends[0] < attributes["low"] or ends[1] > attributes["high"]:
        raise UsageError(
            f"{printable(name)} is searched {in_words(kind)}; it can be narrowed, not moved or widened.",
            f"Wider is a space of its own: {_again(known.study)}",
        )
    after = {"name": kind["name"], "attributes": {**attributes, "low": ends[0], "high": ends[1]}}
    outside = [number for number in known.tried[name] if not ends[0] <= number <= ends[1]]
    best = known.best.get(name)
    is_outside = best is not None and not ends[0] <= best <= ends[1]
    return Narrowed(name, kind, after, len(known.tried[name]), len(outside), is_outside)


def cost_words(found: Narrowed, sampler: str) -> str:
    """What it costs, in sentences."""
    if not found.trials:
        return f"No trial of {printable(found.family)} has ended yet: nothing is lost."
    told = f"{found.outside:,} of {found.trials:,} trials of {printable(found.family)} that ended lie outside"
    if sampler in BLIND:
        return f"{told}. The sampler '{sampler}' learns from none anyway."
    if not found.outside:
        return f"{told}: the sampler goes on learning from all."
    best = ", the best one among them" if found.best_is_outside else ""
    return f"{told}{best}: the sampler no longer learns from these. They stay in the list with what they came to."


def since_words(found: Narrowed) -> str:
    """What stands among the study's notices from then on."""
    return (
        f"Parameter {found.name} is searched {in_words(found.after)} since {found.trials:,} trials of {found.family} had ended,"
        f" {in_words(found.before)} before."
    )


def _again(study: Study) -> str:
    return f"mlops-tui studies continue {quote(study.name)} --space FILE"


def _range(known: Searched, parameter: str) -> tuple[str, dict[str, Any]]:
    study = known.study
    if study.script is not None:
        raise UsageError(
            "An objective of your own says itself what it draws from.",
            f"Change the range in {study.script.path}, then: mlops-tui studies resume {quote(study.name)}",
        )
    if study.sampler == "grid":
        raise UsageError(
            "The points of a grid are fixed when a study begins.", f"Continue it in another: {_again(study)}"
        )
    names = [name for name in known.space if parameter in (name, name.partition(".")[2])]
    if len(names) != 1:
        there = ", ".join(map(printable, names or known.ranges)) or "none"
        what = "is of several families" if names else "is no parameter of the study"
        raise UsageError(f"'{printable(parameter)}' {what}.", f"Say one of: {there}.")
    kind = known.space[names[0]]
    if kind["name"] == CHOICES:
        raise UsageError(
            f"{printable(names[0])} has choices, {in_words(kind)}, which a study keeps.",
            f"Choose among others in a study that goes on from it: {_again(study)}",
        )
    return names[0], kind


def _number(name: str, kind: dict[str, Any], text: str) -> float | int:
    try:
        found: float | int = int(text) if kind["name"] == INT else float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        what = "a whole number" if kind["name"] == INT else "a number"
        raise UsageError(f"{printable(name)} cannot end at '{printable(text)}'.", f"Give {what}, {in_words(kind)}.")
    low, step = kind["attributes"]["low"], kind["attributes"]["step"]
    if step is not None and not math.isclose((found - low) / step, near := round((found - low) / step), abs_tol=1e-9):
        raise UsageError(
            f"{printable(name)} goes in steps of {step:g} from {low:g}, and {found:g} is none of them.",
            f"The nearest is {low + near * step:g}.",
        )
    return found


def _numbers(family: str, params: dict[str, Any]) -> dict[str, float]:
    """A trial's numbers by Optuna's names."""
    return {
        f"{family}.{key}": found
        for key, found in params.items()
        if isinstance(found, int | float) and not isinstance(found, bool)
    }


def _shown(connection: sqlite3.Connection, study: Study, family: str) -> list[tuple[str, str]]:
    """The newest distribution of each parameter of a family in Optuna's tables."""
    optuna_id = id_in_optuna(connection, study)
    if optuna_id is None:
        return []
    return connection.execute(
        "SELECT param_name, distribution_json FROM trial_params JOIN (SELECT max(param_id) AS param_id FROM trial_params"
        " JOIN trials USING (trial_id) WHERE study_id = ? AND instr(param_name, ?) = 1 GROUP BY param_name)"
        " USING (param_id) ORDER BY param_id",
        (optuna_id, f"{family}."),
    ).fetchall()
