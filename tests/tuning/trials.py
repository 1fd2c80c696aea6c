"""Very many trials at once, put in by plain SQL."""

from __future__ import annotations

import json
import random
from typing import Any

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds

AT = 4_100_000_000
"""The year 2099: what lies ahead is shown as just now, whenever a test runs."""
FAMILIES = ("hgb", "random_forest", "logistic")


def many_trials(services: Services, study_id: str, count: int, *, folds: int = 3, first: int = 0) -> None:
    """Trials of three families with seeded values: every seventh was stopped early, every eleventh failed."""
    with services.store.write() as writing:
        writing.connection.executemany(
            "INSERT INTO study_trial (study_id, number, run_id, state, value, family, params, seconds, reason, fold_values,"
            " started, ended, cpu_seconds, predict_seconds, peak_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_row(study_id, number, folds) for number in range(first, first + count)],
        )
        writing.connection.executemany(
            "INSERT INTO run (id, name, experiment, status, origin, study_id, started, host, home, pid)"
            " VALUES (?, ?, 'many', 'finished', 'study', ?, ?, 'here', 'here', ?)",
            [
                (run_id(number), f"many/{number}", study_id, from_seconds(AT + number), 4001 + number % 2)
                for number in range(first, first + count)
            ],
        )
        writing.changed("trials", "runs")


def run_id(number: int) -> str:
    """The run of a trial."""
    return f"01RUN{number:021d}"


def _row(study_id: str, number: int, folds: int) -> tuple[Any, ...]:
    drawn = random.Random(number)
    family = FAMILIES[number % 3]
    params: dict[str, Any] = {"C": drawn.uniform(0.001, 100)}
    if family == "hgb":
        params = {"learning_rate": 10 ** drawn.uniform(-2, 0), "max_iter": drawn.randint(50, 500)}
    elif family == "random_forest":
        params = {"max_features": drawn.random(), "criterion": drawn.choice(["gini", "entropy"]), "bootstrap": True}
    level = 0.7 + 0.1 * drawn.random()
    values = [level + drawn.uniform(-0.02, 0.02) for _ in range(folds)]
    state = "fail" if number % 11 == 10 else "pruned" if number % 7 == 6 else "complete"
    value = sum(values) / folds if state == "complete" else None
    kept = None if state == "fail" else values if state == "complete" else values[:2]
    reason = {"fail": "ValueError: it failed.", "pruned": "It could not catch up any more after 2 of 3 folds."}.get(
        state
    )
    began = AT + number
    return (
        *(study_id, number, run_id(number), state, value, family, json.dumps(params)),
        *(drawn.uniform(0.5, 5), reason, kept and json.dumps(kept), from_seconds(began), from_seconds(began + 1.8)),
        *(drawn.uniform(0.5, 9), drawn.uniform(0.0001, 0.01), drawn.randint(2**27, 2**29)),
    )
