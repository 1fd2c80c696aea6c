"""What is read of studies and trials."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.store.select import find_one
from mlops_tui.tuning.front import front
from mlops_tui.tuning.model import FROM_JOB, Begun, Finalist, Objective, Parent, Script, Study, Trial
from mlops_tui.tuning.space import params_of
from mlops_tui.tuning.trial_where import COLUMNS, Condition, asks_for_hidden, matching, parameters_in, path_of

STUDY = (
    "s.id, s.name, s.source_id, s.version, s.target, s.positive, s.task, s.metric, s.direction, s.families, s.sampler,"
    " s.seed, s.trials, s.timeout, s.workers, s.folds, coalesce(j.state, s.state), s.features, s.held_out,"
    " s.held_out_hash, s.held_out_rows, s.training_rows, s.notices, s.job_id, s.best_run, s.best_value, s.created,"
    " coalesce(j.ended, s.ended), coalesce(j.reason, s.reason), s.weight, s.space, s.pruner,"
    " s.script, s.objectives,"
    " s.trial_timeout, s.trial_memory, s.ensemble, s.warm_start, s.split, s.parent, s.window"
    " FROM study s LEFT JOIN job j ON j.id = s.job_id"
)
TRIAL = (
    "study_id, number, run_id, state, value, family, params, seconds, reason, fold_values, started, ended,"
    " cpu_seconds, predict_seconds, peak_bytes, objective_values, attributes,"
    " EXISTS (SELECT 1 FROM study_hidden AS h WHERE h.study_id = study_trial.study_id AND h.number = study_trial.number)"
    " FROM study_trial"
)
SEEN = "number NOT IN (SELECT number FROM study_hidden WHERE study_id = ?)"
"""Holds for the trials of a study that nobody has hidden."""
TRIAL_ORDERS = {
    "number": "number",
    "newest": "number DESC",
    "highest": "value DESC NULLS LAST, number",
    "lowest": "value NULLS LAST, number",
}
TRIAL_SORTS = {
    "number": "number",
    "state": "state",
    "value": "value",
    "family": "family",
    "took": "seconds",
    "cpu": "cpu_seconds",
    "predict": "predict_seconds",
    "memory": "peak_bytes",
}
"""By what a page of trials can be sorted."""


def list_studies(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Study]:
    """The newest studies first."""
    return [
        _study(row)
        for row in connection.execute(f"SELECT {STUDY} ORDER BY s.id DESC LIMIT ? OFFSET ?", (limit, offset))
    ]


def count_studies(connection: sqlite3.Connection) -> int:
    """How many studies there are."""
    return int(connection.execute("SELECT count(*) FROM study").fetchone()[0])


def states_of_studies(connection: sqlite3.Connection) -> dict[str, str]:
    """The state of each study by its id."""
    rows = connection.execute("SELECT s.id, coalesce(j.state, s.state) FROM study s LEFT JOIN job j ON j.id = s.job_id")
    return {study_id: FROM_JOB.get(state, state) for study_id, state in rows}


def get_study(connection: sqlite3.Connection, study_id: str) -> Study:
    """The study of that id."""
    return _study(connection.execute(f"SELECT {STUDY} WHERE s.id = ?", (study_id,)).fetchone())


def known_study(connection: sqlite3.Connection, study_id: str | None) -> Study | None:
    """The study of that id; None where there is none any more."""
    row = connection.execute(f"SELECT {STUDY} WHERE s.id = ?", (study_id,)).fetchone()
    return _study(row) if row is not None else None


def find_study(connection: sqlite3.Connection, selector: str) -> Study:
    """The study of that name, or whose id has that part."""
    return get_study(connection, find_one(connection, "study", selector, "study"))


def list_trials(
    connection: sqlite3.Connection, study_id: str, *, limit: int = 50, offset: int = 0, order: str = "number"
) -> list[Trial]:
    """A page of a study's trials, in one of the `TRIAL_ORDERS`; trials without a value come after all others."""
    rows = connection.execute(
        f"SELECT {TRIAL} WHERE study_id = ? ORDER BY {TRIAL_ORDERS[order]} LIMIT ? OFFSET ?", (study_id, limit, offset)
    )
    return [_trial(row) for row in rows]


def page_of_trials(
    connection: sqlite3.Connection,
    study_id: str,
    *,
    where: str = "",
    sort: str = "number",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> list[Trial]:
    """A page of the trials that a query matches, by one of `TRIAL_SORTS`; those without what they are sorted by come last.

    Raises:
        UsageError: the query cannot be read, or names what trials of the study have not.
    """
    condition, bound = _matching(connection, study_id, where)
    order = _order(sort, descending)
    rows = connection.execute(  # the page is found by few columns, and only its rows are read whole
        f"SELECT {TRIAL} WHERE study_id = ? AND number IN (SELECT number FROM study_trial WHERE study_id = ?"
        f" AND {condition} ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}",
        (study_id, study_id, *bound, limit, offset),
    )
    return [_trial(row) for row in rows]


def count_matching_trials(connection: sqlite3.Connection, study_id: str, where: str = "") -> int:
    """How many trials of a study a query matches.

    Raises:
        UsageError: the query cannot be read, or names what trials of the study have not.
    """
    condition, bound = _matching(connection, study_id, where)
    return int(
        connection.execute(
            f"SELECT count(*) FROM study_trial WHERE study_id = ? AND {condition}", (study_id, *bound)
        ).fetchone()[0]
    )


def place_of_trial(
    connection: sqlite3.Connection, study_id: str, run_id: str, *, where: str, sort: str, descending: bool
) -> int | None:
    """Where a trial stands in the list that `page_of_trials` gives pages of; None where it is not in it."""
    condition, bound = _matching(connection, study_id, where)
    row = connection.execute(
        f"SELECT place FROM (SELECT run_id, row_number() OVER (ORDER BY {_order(sort, descending)}) - 1 AS place"
        f" FROM study_trial WHERE study_id = ? AND {condition}) WHERE run_id = ?",
        (study_id, *bound, run_id),
    ).fetchone()
    return None if row is None else int(row[0])


def _matching(connection: sqlite3.Connection, study_id: str, where: str) -> Condition:
    """What a query means for the trials of one study; each parameter that it names is one of theirs. Hidden ones are left
    out unless it asks for them."""
    named = parameters_in(where)
    study = get_study(connection, study_id) if named else None
    objectives = _objectives(study) if study is not None else []
    found, bound = matching(where, objectives)
    if not asks_for_hidden(where):
        found, bound = f"({found} AND {SEEN})", [*bound, study_id]
    for name in named:
        query = "SELECT 1 FROM study_trial WHERE study_id = ? AND json_type(params, ?) IS NOT NULL LIMIT 1"
        if study is None or name in objectives or connection.execute(query, (study_id, path_of(name))).fetchone():
            continue
        known = study.space if study.script is not None else _drawn(study)
        if known and name not in known:  # nothing tells what an objective draws before its first trial
            raise UsageError(
                f"Trials of study '{study.name}' have no '{printable(name)}'.",
                f"They have: {', '.join([*COLUMNS, *map(printable, [*objectives, *known])])}.",
            )
    return found, bound


def _objectives(study: Study) -> list[str]:
    """What the values of its trials are called."""
    return [one.name for one in study.objectives] or [study.metric]


def _drawn(study: Study) -> dict[str, Any]:
    return {name: kind for family in study.families for name, kind in params_of(study, family).items()}


def _order(sort: str, descending: bool) -> str:
    """Of equals the first trial comes first."""
    way = "DESC" if descending else "ASC"
    return f"number {way}" if sort == "number" else f"{TRIAL_SORTS[sort]} {way} NULLS LAST, number"


def best_trial(connection: sqlite3.Connection, study: Study) -> Trial | None:
    """The complete trial with the best value, of equals the first; None where there is none yet, or several objectives."""
    if study.objectives:
        return None
    way = "DESC" if study.direction == "maximize" else "ASC"
    row = connection.execute(
        f"SELECT {TRIAL} WHERE study_id = ? AND value IS NOT NULL AND {SEEN} ORDER BY value {way}, number LIMIT 1",
        (study.id, study.id),
    ).fetchone()
    return _trial(row) if row else None


def best_trials_by_family(connection: sqlite3.Connection, study: Study) -> list[Trial]:
    """The best complete trial of each family, the best of all first."""
    way, least = ("DESC", "max") if study.direction == "maximize" else ("ASC", "min")
    rows = connection.execute(
        f"SELECT {TRIAL} WHERE study_id = ? AND state = 'complete' AND {SEEN} AND (family, value) IN"
        f" (SELECT family, {least}(value) FROM study_trial WHERE study_id = ? AND state = 'complete' AND {SEEN}"
        f" GROUP BY family) ORDER BY value {way}, number",
        (study.id,) * 4,
    )
    found: dict[str, Trial] = {}
    for row in rows:
        trial = _trial(row)
        found.setdefault(trial.family, trial)
    return list(found.values())


def front_of(connection: sqlite3.Connection, study: Study) -> list[Trial]:
    """The trials of a study of several objectives that no other one is better than, the best in the first objective first;
    none of a study with one."""
    if not study.objectives:
        return []
    rows = connection.execute(
        f"SELECT number, objective_values FROM study_trial WHERE study_id = ? AND objective_values IS NOT NULL AND {SEEN}",
        (study.id, study.id),
    ).fetchall()
    points = [study.higher_better(json.loads(values)) for _, values in rows]
    numbers = json.dumps([rows[place][0] for place in front(points)])
    found = connection.execute(
        f"SELECT {TRIAL} WHERE study_id = ? AND number IN (SELECT value FROM json_each(?)) ORDER BY number",
        (study.id, numbers),
    )
    return sorted(map(_trial, found), key=lambda trial: -study.sign * (trial.value or 0.0))


def logs_of_study(connection: sqlite3.Connection, study_id: str) -> list[str]:
    """The log files of the jobs that worked on a study, the oldest first."""
    rows = connection.execute(
        "SELECT log FROM job WHERE kind IN ('tune', 'objective') AND json_extract(spec, '$.study') = ? ORDER BY id",
        (study_id,),
    )
    return [log for (log,) in rows]


def trials_after(connection: sqlite3.Connection, study_id: str, number: int) -> list[Trial]:
    """The trials beyond a number, for a curve that grows."""
    rows = connection.execute(f"SELECT {TRIAL} WHERE study_id = ? AND number > ? ORDER BY number", (study_id, number))
    return [_trial(row) for row in rows]


def count_trials(connection: sqlite3.Connection, study_id: str) -> dict[str, int]:
    """How many trials of a study are in each state."""
    return dict(
        connection.execute(
            "SELECT state, count(*) FROM study_trial WHERE study_id = ? GROUP BY state", (study_id,)
        ).fetchall()
    )


def find_trial(connection: sqlite3.Connection, study: Study, number: int) -> Trial:
    """The trial of that number.

    Raises:
        UnknownName: there is none.
    """
    row = connection.execute(f"SELECT {TRIAL} WHERE study_id = ? AND number = ?", (study.id, number)).fetchone()
    if row is None:
        raise no_trial(study, number)
    return _trial(row)


def no_trial(study: Study, number: int) -> UnknownName:
    """What is said of a trial that a study has not."""
    return UnknownName(f"Study '{study.name}' has no trial {number}.", f"See: mlops-tui studies trials {study.name}")


def complete_trials(connection: sqlite3.Connection, study_id: str) -> list[Trial]:
    """A study's complete trials that nobody has hidden, by their numbers."""
    rows = connection.execute(
        f"SELECT {TRIAL} WHERE study_id = ? AND state = 'complete' AND {SEEN} ORDER BY number", (study_id, study_id)
    )
    return [_trial(row) for row in rows]


def studies_after(connection: sqlite3.Connection, study_id: str) -> list[str]:
    """The names of the studies that go on from this one, the oldest first."""
    rows = connection.execute(
        "SELECT name FROM study WHERE parent IS NOT NULL AND json_extract(parent, '$.study') = ? ORDER BY id",
        (study_id,),
    )
    return [name for (name,) in rows]


def hidden_trials(connection: sqlite3.Connection, study_id: str) -> frozenset[int]:
    """The numbers of the trials that a person has hidden."""
    rows = connection.execute("SELECT number FROM study_hidden WHERE study_id = ?", (study_id,))
    return frozenset(number for (number,) in rows)


def trial_of_run(connection: sqlite3.Connection, run_id: str) -> Trial | None:
    """The trial that a run belongs to."""
    row = connection.execute(f"SELECT {TRIAL} WHERE run_id = ?", (run_id,)).fetchone()
    return _trial(row) if row else None


def default_trials(connection: sqlite3.Connection, study_id: str) -> list[Trial]:
    """The complete trials with a family's default parameters."""
    rows = connection.execute(
        f"SELECT {TRIAL} WHERE study_id = ? AND state = 'complete' AND run_id IN"
        " (SELECT run_id FROM run_tag WHERE key = 'default' AND value = 'true') ORDER BY number",
        (study_id,),
    )
    return [_trial(row) for row in rows]


def finalists_of(connection: sqlite3.Connection, study_id: str) -> list[Finalist]:
    """A study's finalists, the chosen one first, then by their number; none before the study has ended. One that was hidden
    since is none any more: where it was the chosen one, none is chosen."""
    rows = connection.execute(
        "SELECT study_id, number, run_id, value, recheck, error, fold_values, chosen, why FROM study_finalist"
        f" WHERE study_id = ? AND {SEEN} ORDER BY chosen DESC, number",
        (study_id, study_id),
    )
    return [
        Finalist(study, number, run, value, recheck, error, json.loads(folds), bool(chosen), why)
        for study, number, run, value, recheck, error, folds, chosen, why in rows
    ]


def _study(row: Any) -> Study:
    values = list(row)
    values[9] = tuple(json.loads(values[9]))
    values[16] = FROM_JOB.get(values[16], values[16])
    values[17] = json.loads(values[17])
    values[18] = None if values[18] is None else json.loads(values[18])
    values[22] = json.loads(values[22])
    values[30] = json.loads(values[30] or "{}")
    values[32] = Script(**json.loads(values[32])) if values[32] else None
    values[33] = tuple(Objective(**one) for one in json.loads(values[33] or "[]"))
    values[36] = bool(values[36])
    values[37] = tuple(Begun(**one) for one in json.loads(values[37] or "[]"))
    values[39] = _parent(values[39])
    return Study(*values)


def _parent(text: str | None) -> Parent | None:
    if text is None:
        return None
    told = json.loads(text)
    return Parent(**{**told, "trials": tuple(told["trials"])})


def _trial(row: Any) -> Trial:
    values = list(row)
    values[6] = json.loads(values[6])
    values[9] = None if values[9] is None else json.loads(values[9])
    values[15] = None if values[15] is None else json.loads(values[15])
    values[16] = json.loads(values[16] or "{}")
    values[17] = bool(values[17])
    return Trial(*values)


def versions_between(connection: sqlite3.Connection, study: str | None, other: str | None) -> dict[str, Any] | None:
    """The source and the two versions that two studies learnt from, as the worker is asked how they differ; None where they are of one
    version, or of no source in common.
    """
    if study is None or other is None:
        return None
    one, two = get_study(connection, study), get_study(connection, other)
    if one.source_id != two.source_id or one.version == two.version or not one.source_id:
        return None
    return {"source": one.source_id, "before": one.version, "after": two.version}
