"""Studies and trials as lists show them: a page at a time, with how far each study is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from mlops_tui.tuning.model import BASELINE, WORKER_DIED, Study
from mlops_tui.tuning.query import get_study, hidden_trials
from mlops_tui.tuning.worked import Worked, worked

_MATCHING = (
    " FROM study AS s LEFT JOIN source ON source.id = s.source_id"
    " WHERE instr(lower(s.name), :text) OR instr(lower(coalesce(source.name, '')), :text)"
)
ENDED = ("complete", "pruned", "fail")


LOOKED_BACK = 64
"""So many of the newest trials are always read again: workers may write theirs in another order than they took them."""


class Point(NamedTuple):
    """A trial on the study's curve: `value` is None where it has none yet, or never got one; `is_lost`: it died with its
    worker and is tried again; `values` are those of several objectives; `is_baseline`: it looks at no column; `is_hidden`: it
    counts as ended, and for nothing else."""

    number: int
    state: str
    value: float | None
    is_lost: bool = False
    values: tuple[float, ...] = ()
    is_baseline: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """A study and how far it is: its source's name, or the file and function of an objective of the user's own, its trials by number, the seconds left where they are known, and how
    many workers are at work and how long they were. A trial that is tried again does not count as ended."""

    study: Study
    source: str
    points: tuple[Point, ...]
    ended: int
    eta: float | None
    workers: int = 0
    worked: Worked | None = None

    @property
    def running(self) -> int:
        """How many trials are in work."""
        return sum(point.state == "running" for point in self.points)


def count_matching(connection: sqlite3.Connection, text: str = "") -> int:
    """How many studies have the text in their name or in their source's, whatever its case."""
    return int(connection.execute(f"SELECT count(*){_MATCHING}", {"text": text.lower()}).fetchone()[0])


def page_of_studies(
    connection: sqlite3.Connection,
    text: str = "",
    *,
    limit: int = 50,
    offset: int = 0,
    before: Mapping[str, StudyProgress] = MappingProxyType({}),
) -> list[StudyProgress]:
    """The newest matching studies first; of those in `before`, by their ids, only what is new is read."""
    rows = connection.execute(
        f"SELECT s.id{_MATCHING} ORDER BY s.id DESC LIMIT :limit OFFSET :offset",
        {"text": text.lower(), "limit": limit, "offset": offset},
    ).fetchall()
    return [progress_of(connection, study_id, before.get(study_id)) for (study_id,) in rows]


def progress_of(connection: sqlite3.Connection, study_id: str, before: StudyProgress | None = None) -> StudyProgress:
    """How far one study is; trials that had ended `before` are not read again."""
    study = get_study(connection, study_id)
    points = grown(connection, study_id, before.points if before is not None else ())
    if before is not None and points == before.points:
        points = before.points
        ended = before.ended
    else:
        ended = sum(point.state in ENDED and not point.is_lost for point in points)
    source = connection.execute("SELECT name FROM source WHERE id = ?", (study.source_id,)).fetchone()
    if study.script is not None:
        source = (f"{study.script.name}:{study.script.function}",)
    eta, workers = connection.execute(
        "SELECT (SELECT eta FROM job WHERE id = :job AND state IN ('running', 'stopping')),"
        " (SELECT count(*) FROM job_worker JOIN job ON job.id = job_id"
        " WHERE job_id = :job AND job_worker.ended IS NULL AND state IN ('running', 'paused', 'stopping'))",
        {"job": study.job_id},
    ).fetchone()
    return StudyProgress(study, source[0] if source else "", points, ended, eta, workers, worked(connection, study_id))


def grown(connection: sqlite3.Connection, study_id: str, before: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points of a study, of which those before the first that had not ended are taken over."""
    settled = next((place for place, point in enumerate(before) if point.state not in ENDED), len(before))
    settled = max(0, min(settled, len(before) - LOOKED_BACK))
    rows = connection.execute(
        "SELECT number, state, value, reason IS ?, objective_values, family = ? FROM study_trial"
        " WHERE study_id = ? AND number >= ? ORDER BY number",
        (WORKER_DIED, BASELINE, study_id, before[settled].number if settled < len(before) else 0),
    )
    return with_hidden((*before[:settled], *(_point(*row) for row in rows)), hidden_trials(connection, study_id))


def with_hidden(trials: tuple[Any, ...], hidden: frozenset[int]) -> tuple[Any, ...]:
    """The same named tuples with what a person has hidden, or shown again, since they were read."""
    if all(trial.is_hidden == (trial.number in hidden) for trial in trials):
        return trials
    return tuple(trial._replace(is_hidden=trial.number in hidden) for trial in trials)


def _point(number: int, state: str, value: float | None, died: int, values: str | None, is_baseline: int) -> Point:
    return Point(number, state, value, bool(died), tuple(json.loads(values)) if values else (), bool(is_baseline))
