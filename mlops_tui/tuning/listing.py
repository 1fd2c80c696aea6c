"""Studies and trials as lists show them: a page at a time, with how far each study is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.tuning.model import WORKER_DIED, Study
from mlops_tui.tuning.query import get_study

_MATCHING = (
    " FROM study AS s LEFT JOIN source ON source.id = s.source_id"
    " WHERE instr(lower(s.name), :text) OR instr(lower(coalesce(source.name, '')), :text)"
)
ENDED = ("complete", "pruned", "fail")


@dataclass(frozen=True, slots=True)
class Point:
    """A trial on the study's curve: `value` is None where it has none yet, or never got one."""

    number: int
    state: str
    value: float | None


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """A study and how far it is: its source's name, its trials by number, and the seconds left where they are known."""

    study: Study
    source: str
    points: tuple[Point, ...]
    ended: int
    eta: float | None

    @property
    def running(self) -> int:
        """How many trials are in work."""
        return sum(point.state == "running" for point in self.points)


def count_matching(connection: sqlite3.Connection, text: str = "") -> int:
    """How many studies have the text in their name or in their source's, whatever its case."""
    return int(connection.execute(f"SELECT count(*){_MATCHING}", {"text": text.lower()}).fetchone()[0])


def page_of_studies(
    connection: sqlite3.Connection, text: str = "", *, limit: int = 50, offset: int = 0
) -> list[StudyProgress]:
    """The newest matching studies first."""
    rows = connection.execute(
        f"SELECT s.id{_MATCHING} ORDER BY s.id DESC LIMIT :limit OFFSET :offset",
        {"text": text.lower(), "limit": limit, "offset": offset},
    ).fetchall()
    return [progress_of(connection, study_id) for (study_id,) in rows]


def progress_of(connection: sqlite3.Connection, study_id: str) -> StudyProgress:
    """How far one study is; a trial that died with its worker is tried again and does not count as ended."""
    study = get_study(connection, study_id)
    rows = connection.execute(
        "SELECT number, state, value, reason IS ? FROM study_trial WHERE study_id = ? ORDER BY number",
        (WORKER_DIED, study_id),
    ).fetchall()
    source = connection.execute("SELECT name FROM source WHERE id = ?", (study.source_id,)).fetchone()
    eta = connection.execute(
        "SELECT eta FROM job WHERE id = ? AND state IN ('running', 'stopping')", (study.job_id,)
    ).fetchone()
    return StudyProgress(
        study,
        source[0] if source else "",
        tuple(Point(number, state, value) for number, state, value, _ in rows),
        sum(state in ENDED and not died for _, state, _, died in rows),
        eta[0] if eta else None,
    )
