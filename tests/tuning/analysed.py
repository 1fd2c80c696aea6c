"""Finalists, an ensemble and an analysis as a study's last worker writes them, with fixed values."""

from __future__ import annotations

import json
from dataclasses import asdict

from mlops_tui.evaluation.told import Bin, Calibration, Threshold
from mlops_tui.store.store import Store
from mlops_tui.tuning.analysis import Analysis, Ensemble, Member, Slice

ENSEMBLE = Ensemble(
    f"01{999:024d}",
    0.8712,
    0.8654,
    7,
    0.8601,
    0.0031,
    (Member(7, "01RUN7", "hgb", 0.6), Member(3, "01RUN3", "random_forest", 0.4)),
)
ANALYSIS = Analysis(
    7,
    0.8566,
    (
        Threshold("balanced_accuracy", 0.312, 0.7812, 0.7104, 0.7711),
        Threshold("f1", 0.5, 0.6001, 0.6001, 0.6001),
    ),
    Calibration(0.0423, 0.1312, (Bin(0.1, 0.2, 812, 0.151, 0.173), Bin(0.8, 0.9, 203, 0.842, 0.701))),
    (
        Slice("channel", "online", 604, 0.8702),
        Slice("channel", "broker", 211, 0.7318),
        Slice("channel", "(missing)", 52, 0.9011),
    ),
)
WHY = "within one standard error (0.0041) of trial 7, the best on the folds drawn anew, and simpler: a linear family"


def write_choice(
    store: Store, study_id: str, runs: tuple[str, str], ensemble: Ensemble = ENSEMBLE, name: str = "loans-1"
) -> None:
    """Two finalists, of these runs, the second of which is chosen; and what else is known."""
    with store.write() as writing:
        writing.connection.executemany(
            "INSERT INTO study_finalist (study_id, number, run_id, value, recheck, error, fold_values, chosen, why)"
            " VALUES (?, ?, ?, ?, ?, ?, '[]', ?, ?)",
            [
                (study_id, 7, runs[0], 0.8601, 0.8577, 0.0, False, None),
                (study_id, 2, runs[1], 0.8544, 0.8541, 0.0041, True, WHY),
            ],
        )
        writing.connection.executemany(
            "INSERT INTO study_analysis (study_id, kind, payload) VALUES (?, ?, ?)",
            [
                (study_id, "ensemble", json.dumps(asdict(ensemble))),
                (study_id, "chosen", json.dumps(asdict(ANALYSIS))),
            ],
        )
        writing.execute(
            "INSERT INTO run (id, name, experiment, status, origin, study_id, started, host, home)"
            " VALUES (?, ?, ?, 'finished', 'study', ?, '2026-01-01T00:00:00.000000Z', 'here', 'here')",
            (ensemble.run_id or "01NONE", f"{name}/ensemble", name, study_id),
        )
        writing.changed("studies", "trials", "runs")
