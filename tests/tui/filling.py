"""Rows as the rooms write them, put in by plain SQL."""

from __future__ import annotations

import json
import os
import random
import socket

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds, now
from mlops_tui.core.ids import new_id
from mlops_tui.jobs.liveness import this_process

BEGINNING = 1_780_000_000


def add_runs(services: Services, number: int, *, first: int = 0) -> list[str]:
    """Runs `run-00000`, `run-00001`, …, a second apart, with two metrics and two parameters each; returns their ids."""
    draw = random.Random(first)
    home = services.workspace.identity()
    ids = [new_id((BEGINNING + place) * 1000) for place in range(first, first + number)]
    runs, metrics, params = [], [], []
    for place, run_id in enumerate(ids, first):
        started, ended = from_seconds(BEGINNING + place), from_seconds(BEGINNING + place + 7)
        status = "failed" if place % 10 == 9 else "finished"
        runs.append((run_id, f"run-{place:05d}", "loans", status, "script", started, ended, socket.gethostname(), home))
        metrics.append((run_id, "auc", draw.random(), 0, BEGINNING + place))
        metrics.append((run_id, "loss", draw.random(), 0, BEGINNING + place))
        params.append((run_id, "model", "hgb" if place % 2 else "logistic", None))
        params.append((run_id, "depth", str(place % 7), float(place % 7)))
    with services.store.write() as writing:
        connection = writing.connection
        connection.executemany(
            "INSERT INTO run (id, name, experiment, status, origin, started, ended, host, home)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            runs,
        )
        connection.executemany("INSERT INTO run_metric (run_id, key, value, step, at) VALUES (?, ?, ?, ?, ?)", metrics)
        connection.executemany("INSERT INTO run_param (run_id, key, value, number) VALUES (?, ?, ?, ?)", params)
        writing.changed("runs")
    return ids


def add_job(services: Services, title: str, state: str = "done", *, log: str = "", **columns: object) -> str:
    """A job of this process, so that it counts as alive while the test runs; returns its id."""
    job_id = new_id()
    _, started, host = this_process()
    row: dict[str, object] = {
        "id": job_id,
        "kind": "tune",
        "title": title,
        "spec": json.dumps({}),
        "state": state,
        "workers": 1,
        "host": host,
        "home": services.workspace.identity(),
        "pid": os.getpid(),
        "pid_started": started,
        "done": 0,
        "log": f"{job_id}.log",
        "created": now(),
        "started": now(),
        **columns,
    }
    services.workspace.logs.joinpath(f"{job_id}.log").write_text(log, "utf-8")
    with services.store.write() as writing:
        names = ", ".join(row)
        writing.execute(f"INSERT INTO job ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
        writing.event("queued", ("job", job_id, title))
        writing.changed("jobs")
    return job_id
