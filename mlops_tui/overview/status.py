"""How far a workspace is: what is in it, counted by plain SQL, and the level that follows from it by rule."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

COUNTS = {
    "sources": """
        SELECT count(*) AS total,
            (SELECT count(*) FROM source_version) AS versions,
            (SELECT count(*) FROM source_file WHERE state = 'taken_in') AS files,
            (SELECT count(*) FROM source_file WHERE state = 'quarantined') AS quarantined
        FROM source WHERE archived IS NULL""",
    "studies": """
        SELECT count(*) AS total,
            coalesce(sum(state IN ('queued', 'running', 'paused', 'stopping')), 0) AS open,
            coalesce(sum(state = 'done' OR (state = 'stopped' AND best_run IS NOT NULL)), 0) AS finished,
            (SELECT count(*) FROM study_trial) AS trials
        FROM (SELECT s.best_run, coalesce(j.state, s.state) AS state FROM study s LEFT JOIN job j ON j.id = s.job_id)""",
    "runs": """
        SELECT count(*) AS total,
            coalesce(sum(status = 'running'), 0) AS running,
            coalesce(sum(status = 'finished'), 0) AS finished,
            coalesce(sum(status = 'failed'), 0) AS failed
        FROM run WHERE archived IS NULL""",
    "models": """
        SELECT count(*) AS total,
            (SELECT count(*) FROM model_version) AS versions,
            (SELECT count(*) FROM model_alias WHERE alias = 'champion') AS champions,
            (SELECT count(DISTINCT version_id) FROM gate_result) AS judged,
            (SELECT count(*) FROM prediction_batch) AS predictions,
            (SELECT count(*) FROM drift_report) AS drift_reports
        FROM model WHERE archived IS NULL""",
    "jobs": """
        SELECT count(*) AS total,
            coalesce(sum(state IN ('queued', 'running', 'paused', 'stopping')), 0) AS open,
            coalesce(sum(state = 'failed'), 0) AS failed,
            coalesce(sum(state = 'lost'), 0) AS lost
        FROM job""",
}

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a level asks for: what it is in words, what does it, and whether it was done."""

    level: int
    words: str
    command: str
    done: Callable[[Counts, bool], bool]


STEPS = (
    Step(1, "Name a source and take its files in.", "mlops-tui data add PATH --name NAME", lambda c, _: _has(c, "sources", "versions")),
    Step(1, "Tune a model, so that its runs can be repeated and compared.", "mlops-tui tune NAME", lambda c, _: _has(c, "studies", "finished")),
    Step(1, "Register the best run as a model.", "mlops-tui models register RUN --name MODEL", lambda c, _: _has(c, "models", "versions")),
    Step(1, "Promote a version to champion, through its gate.", "mlops-tui models promote MODEL 1", lambda c, _: _has(c, "models", "champions")),
    Step(2, "Watch the folders that data arrives in.", "mlops-tui watch", lambda _, watching: watching),
    Step(2, "Predict new files with the champion.", "mlops-tui predict MODEL --in FILE --out FILE", lambda c, _: _has(c, "models", "predictions")),
    Step(2, "Check what arrives for drift.", "mlops-tui drift NAME", lambda c, _: _has(c, "models", "drift_reports")),
    Step(2, "Put a second version to the gate.", "mlops-tui tune NAME", lambda c, _: c["models"]["judged"] > 1),
)  # fmt: skip
"""In the order in which a workspace climbs. Level 1: experiments are repeatable and compared; 2: the model is watched and
renewed through the gate; 0, where all is done by hand, asks for nothing."""

TOP = max(step.level for step in STEPS)


def count(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """What is in the store, by room and kind."""
    counted = {}
    for room, sql in COUNTS.items():
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description]
        counted[room] = dict(zip(names, cursor.fetchone(), strict=True))
    return counted


def level(counts: Counts, watching: bool) -> int:
    """The highest level all of whose steps, and those of the levels below, were done."""
    missing = [step.level for step in STEPS if not step.done(counts, watching)]
    return min(missing) - 1 if missing else TOP


def next_step(counts: Counts, watching: bool) -> Step | None:
    """The first step that was not done yet; None at the top."""
    return next((step for step in STEPS if not step.done(counts, watching)), None)


def shown(step: Step | None) -> dict[str, Any] | None:
    """The step as JSON has it."""
    return None if step is None else {"level": step.level, "words": step.words, "command": step.command}


def _has(counts: Counts, room: str, what: str) -> bool:
    return counts[room][what] > 0
