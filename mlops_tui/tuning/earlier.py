"""What earlier studies on the same columns found best, for a new study to begin with."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from itertools import islice, zip_longest

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.tuning.model import OWN, Begun, Study
from mlops_tui.tuning.query import best_trials_by_family, find_study, list_studies
from mlops_tui.tuning.space import Space, space_of_study

EARLIER = "earlier"
"""Asked for in place of a study's name: whatever there is."""
BEGUN_AT_MOST = 5
STUDIES_LOOKED_AT = 200

Columns = Sequence[tuple[str, str]]


def begin_with(
    connection: sqlite3.Connection,
    asked: str,
    *,
    target: str,
    task: str,
    columns: Columns,
    families: Collection[str],
    space: Space,
) -> list[Begun]:
    """The best trial of each family in the study that is `asked` for, or in all earlier ones that had the same target, task
    and columns (name and kind, in any order); those of the newest study first, at most five different ones.

    Raises:
        UsageError: there is no such study, it had another task, or none of its trials is one of these families.
    """
    if asked == EARLIER:
        known = [study for study in list_studies(connection, limit=STUDIES_LOOKED_AT) if study.script is None]
        fitting = [study for study in known if (study.target, study.task) == (target, task) and _same(study, columns)]
        if not fitting:
            raise UsageError(
                "There is nothing to begin with: no earlier study has the same columns and target.",
                "Name one whose best trials are to be tried.",
            )
    else:
        study = find_study(connection, asked)
        if study.task == OWN or study.task != task:
            what = "an objective of its own" if study.task == OWN else printable(study.task)
            raise UsageError(
                f"There is nothing to begin with: study '{printable(study.name)}' is of {what}, not of {task}.",
                "Name another.",
            )
        fitting = [study]
    found = (
        one for group in zip_longest(*(_best(connection, study, families, space) for study in fitting)) for one in group
    )
    different: dict[tuple[str, str], Begun] = {}
    for one in found:
        if one is not None:
            different.setdefault((one.family, str(sorted(one.params.items()))), one)
    if not different:
        raise UsageError(
            f"There is nothing to begin with: no trial of an earlier study is of {', '.join(families)}.",
            "Begin without, or name other families.",
        )
    return list(islice(different.values(), BEGUN_AT_MOST))


def _same(study: Study, columns: Columns) -> bool:
    return sorted((item["name"], item["kind"]) for item in study.features) == sorted(columns)


def _best(connection: sqlite3.Connection, study: Study, families: Collection[str], space: Space) -> list[Begun]:
    """The best of each family, the best of all first; a family without parameters is tried anyway."""
    if study.objectives:
        return []
    searched = space_of_study(families, space)
    return [
        Begun(study.name, trial.number, trial.family, params)
        for trial in best_trials_by_family(connection, study)
        if trial.family in families
        and (params := {key: value for key, value in trial.params.items() if f"{trial.family}.{key}" in searched})
    ]


def told(begun: Sequence[Begun]) -> str:
    """One sentence that says with what a study begins."""
    parts = [f"trial {one.trial} of {printable(one.study)} ({one.family})" for one in begun]
    return f"After the defaults it tries what was best before: {', '.join(parts)}."
