"""What a study of a source is to be, worked out from what a person says and from the profile: the target and its problem, the
columns, the families, what to begin with, and a sentence about each of these that is not plain.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import QUARANTINED, Source
from mlops_tui.data.profile_query import summaries
from mlops_tui.data.query import count_files, find_version, members
from mlops_tui.evaluation.metrics import MINIMIZE, choose_metrics
from mlops_tui.features.model import FeatureColumn, choose_features
from mlops_tui.tuning.earlier import begin_with, told
from mlops_tui.tuning.grid import size
from mlops_tui.tuning.model import (
    UNWEIGHTED,
    Begun,
    Objective,
    about_workers,
    choose_families,
    without_too_many_rows,
)
from mlops_tui.tuning.problem import Problem, problem_of
from mlops_tui.tuning.sentences import about_limits
from mlops_tui.tuning.space import Space, check_space, space_of_study
from mlops_tui.tuning.targets import guessed_target, target_of

Profile = Mapping[str, Mapping[str, Any]]
"""What is known of each column of a version."""

ONE_OBJECTIVE = "The sampler 'cmaes' has one objective."


@dataclass(frozen=True, slots=True)
class Design:
    """A study before it is written down. `objectives` begins with the metric of quality; costs may follow it."""

    target: str
    problem: Problem
    objectives: tuple[Objective, ...]
    features: tuple[FeatureColumn, ...]
    weight: str | None
    families: Sequence[str]
    trials: int
    begun: Sequence[Begun]
    notices: Sequence[str]


def source_as_of(
    connection: sqlite3.Connection, source: Source, asked: int | str | None
) -> tuple[Source, int, dict[str, dict[str, Any]]]:
    """The source as the version that is asked for reads it, that one's number, and what is known of each column.

    Raises:
        UsageError: there is no such version.
        DataError: it has no file, or by default the source is to be read otherwise than its newest version was.
    """
    if source.version == 0:
        broken = count_files(connection, source.id).get(QUARANTINED, 0)
        raise DataError(
            f"Source '{source.name}' has no data yet.",
            f"See why its files were quarantined: mlops-tui data quarantine {source.name}"
            if broken
            else f"Take its files in with: mlops-tui data scan {source.name}",
        )
    version = find_version(connection, source, asked)
    number = version.number
    if not members(connection, source.id, number):
        left = "has no file left" if number == source.version else f"has no file in version {number}"
        raise DataError(
            f"Source '{source.name}' {left}.", f"See where they went: mlops-tui data versions {source.name}"
        )
    if asked is None and (source.options, source.kinds) != (version.options, version.kinds):
        raise DataError(
            f"Source '{source.name}' is to be read otherwise than version {number} was, and is not taken in so yet.",
            f"Take it in: mlops-tui data scan {source.name}; or say --version {number}.",
        )
    found = summaries(connection, source.id, number)
    return version.of(source), number, {column["name"]: column for column in found}


def design(
    connection: sqlite3.Connection,
    source: Source,
    profile: Profile,
    *,
    own_families: Mapping[str, str],
    target: str | None,
    metric: str | None,
    families: Sequence[str] | None,
    trials: int,
    workers: int,
    sampler: str,
    folds: int,
    space: Space,
    trial_timeout: float | None,
    trial_memory: int | None,
    ensemble: bool,
    warm_start: str | None,
    task: str | None,
    split: str | None,
    positive: str | None,
) -> Design:
    """The study that this makes of the source as one of its versions reads it; see `Studies.create`."""
    guess = guessed_target(source.kinds) if target is None and source.target is None else None
    wanted = target_of(source, profile, target if guess is None else guess[0], folds)
    problem = problem_of(source, wanted, profile[wanted], folds, task=task, split=split, positive=positive)
    objectives = _objectives(problem.task, metric, sampler, ensemble=ensemble)
    features, about_features = choose_features(
        source.kinds,
        (wanted, source.id_column, source.time_column, source.group_column),
        {name: column["distinct"] or 0 for name, column in profile.items()},
        source.roles,
    )
    weight = next((name for name, role in source.roles.items() if role == "weight" and name != wanted), None)
    wished = choose_families(problem.task, families, own_families)
    about_space = check_space(space, wished)
    tried, left_out = without_too_many_rows(wished, profile[wanted]["count"])
    most = size(tried, space_of_study(tried, space)) if sampler == "grid" else trials
    if not features:
        raise DataError(
            f"Source '{source.name}' has no column to learn from.", "See: mlops-tui data profile " + source.name
        )
    begun = (
        begin_with(
            connection,
            warm_start,
            target=wanted,
            task=problem.task,
            columns=[(feature.name, feature.kind) for feature in features],
            families=tried,
            space=space,
        )
        if warm_start
        else []
    )
    notices = [
        *([f"The target '{printable(wanted)}' is a guess: {guess[1]}. Another one: --target COLUMN"] if guess else []),
        problem.about_task,
        problem.about_split,
        *(
            [f"The grid has {most:,} configurations, the defaults beside them, and no more are tried."]
            if most < trials
            else []
        ),
        *about_workers(workers),
        *about_limits(trial_timeout, trial_memory),
        *_about_objectives(objectives),
        *([f"Rows weigh what '{weight}' says, in training, in the metric and at the gate."] if weight else []),
        *about_features,
        *_about_infinite(features, profile),
        *left_out,
        *(f"Family '{name}' learns from every row alike." for name in tried if weight and name in UNWEIGHTED),
        *about_space,
        *([told(begun)] if begun else []),
    ]
    trials = min(trials, most + len(tried)) if most < trials else trials
    return Design(wanted, problem, objectives, features, weight, tried, trials, begun, notices)


def _objectives(task: str, metric: str | None, sampler: str, *, ensemble: bool) -> tuple[Objective, ...]:
    chosen, costs = choose_metrics(task, metric)
    if costs and sampler == "cmaes":
        raise UsageError(ONE_OBJECTIVE, "Choose tpe or nsgaii.")
    if costs and ensemble:
        raise UsageError("An ensemble is the best by one metric.", "Leave --ensemble or the other objectives out.")
    return Objective(chosen.name, chosen.direction), *(Objective(name, MINIMIZE) for name in costs)


def _about_objectives(objectives: Sequence[Objective]) -> Iterator[str]:
    first, *costs = [one.name for one in objectives]
    if costs:
        yield (
            f"Of {first} and {' and '.join(costs)} none goes before the other: no trial is stopped early, and which is"
            " best is for you to choose."
        )


def _about_infinite(features: Sequence[FeatureColumn], profile: Profile) -> Iterator[str]:
    for feature in features:
        if infinite := profile[feature.name].get("infinite") or 0:
            yield f"Column '{feature.name}' has {infinite:,} infinite values, which count as missing."
