"""Logging and finding beside MLflow's SQLite store, in an environment of its own: the same runs on the same disk."""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import subprocess
import uuid
from pathlib import Path

import mlops_tui
from tests.benchmarks.environment import installed
from tests.benchmarks.finding import BATCH, RUNS, WORKSPACE, fill, pages
from tests.benchmarks.measuring import Figure, NotCompared, seconds_of
from tests.benchmarks.place import Place
from tests.benchmarks.tracked import LEAST, MODEL, PAGE, SORT, tracked
from tests.tui.filling import BEGINNING

FASTER_LOGGING, FASTER_FINDING = 30.0, 50.0
CALLS, TIMES = 2_000, 5
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
MADE = """
import sys, mlflow
client = mlflow.MlflowClient(tracking_uri=sys.argv[1])
print(client.create_experiment("many"))
"""
LOGGED = """
import sys, time, mlflow
client = mlflow.MlflowClient(tracking_uri=sys.argv[1])
run = client.create_run(sys.argv[2]).info.run_id
client.log_metric(run, "loss", 1.0, step=0)
begun = time.perf_counter()
for step in range(1, 501):
    client.log_metric(run, "loss", 1.0 / step, step=step)
print(500 / (time.perf_counter() - begun))
"""
FOUND = """
import sys, time, mlflow
uri, experiment, where, page = sys.argv[1:]
client = mlflow.MlflowClient(tracking_uri=uri)
begun = time.perf_counter()
order = [] if where else ["metrics.auc DESC"]
found = client.search_runs([experiment], where, order_by=order, max_results=int(page))
print(time.perf_counter() - begun)
assert len(found) == int(page)
"""


def figures(place: Place) -> list[Figure | NotCompared]:
    """How many times faster than MLflow: a logged metric, a page by a metric, and a page of what matches. MLflow is asked once for
    each page, which takes it minutes.
    """
    names = ("log_metric, beside MLflow", "a page by a metric", "a page of those that match")
    python = installed(["mlflow"])
    if python is None:
        return [NotCompared(name, "mlflow does not install here") for name in names]
    uri = f"sqlite:///{place.folder / 'mlflow.db'}"
    experiment = _asked(place, python, MADE, uri)
    rate = _rate(place)
    theirs = float(_asked(place, python, LOGGED, uri, experiment))
    found: list[Figure | NotCompared] = [
        Figure(
            names[0],
            rate / theirs,
            "×",
            FASTER_LOGGING,
            f"{rate:,.0f} calls a second, MLflow {theirs:,.0f}",
            at_least=True,
        )
    ]
    _fill(place.folder / "mlflow.db", experiment)
    with place.workspace(WORKSPACE) as services:
        fill(services)
        asked = pages(services)
        ours = {}
        for name in ("first", "filter"):
            asked[name]()
            ours[name] = statistics.median(seconds_of(asked[name]) for _ in range(TIMES))
    wheres = {"first": "", "filter": f"metrics.{SORT} > {LEAST} and params.model = '{MODEL}'"}
    for name, title in zip(wheres, names[1:], strict=True):
        seconds = float(_asked(place, python, FOUND, uri, experiment, wheres[name], str(PAGE)))
        beside = f"{RUNS:,} runs: {ours[name] * 1000:.1f} ms, MLflow's search_runs {seconds:.1f} s"
        found.append(
            Figure(f"{title}, beside MLflow", seconds / ours[name], "×", FASTER_FINDING, beside, at_least=True)
        )
    return found


def _asked(place: Place, python: Path, script: str, *arguments: str) -> str:
    command = [str(python), "-W", "ignore", "-c", script, *arguments]
    done = subprocess.run(
        command, env=place.environment | QUIET, check=True, capture_output=True, text=True, timeout=1800
    )
    return done.stdout.split()[-1]


def _rate(place: Place) -> float:
    """Our calls a second, each its own transaction as theirs is."""
    with (
        place.workspace("logged-beside") as services,
        contextlib.chdir(services.workspace.root),
        mlops_tui.start_run(captured=False),
    ):
        mlops_tui.log_metric("loss", 1.0, step=0)
        return CALLS / seconds_of(_log)


def _log() -> None:
    for step in range(1, CALLS + 1):
        mlops_tui.log_metric("loss", 1.0 / step, step=step)


def _fill(path: Path, experiment: str) -> None:
    """The runs as MLflow's own store would have written them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for number, one in enumerate(tracked(RUNS), start=1):
            run, at = uuid.UUID(int=number).hex, (BEGINNING + number) * 1000
            connection.execute(
                "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
                " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
                " VALUES (?, ?, 'UNKNOWN', '', '', 'unknown', 'FINISHED', ?, ?, '', 'active', ?, ?)",
                (run, f"run-{number:06d}", at, at + 7000, f"file:///nowhere/{run}", int(experiment)),
            )
            values = [(key, value, at, run) for key, value in one.metrics.items()]
            for table in ("metrics", "latest_metrics"):
                connection.executemany(
                    f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)",
                    values,
                )
            connection.executemany(
                "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
                [(key, value, run) for key, value in one.params.items()],
            )
            if number % BATCH == 0:
                connection.commit()
