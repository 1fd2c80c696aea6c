"""Workspaces in which real work was done, by the code that workers run, in the test's own process: quick to make."""

from __future__ import annotations

import importlib
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.bootstrap import Services, create_workspace
from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.model import DONE
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import end_job
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.worker.kinds import KINDS
from tests.salting import fix_salt

AT_REST = Settings(settle_seconds=0.0)


class Living:
    """A workspace and what can be done in it; each piece of work is a job with a row, as everywhere."""

    def __init__(self, root: Path) -> None:
        self.services: Services = create_workspace(root)
        self.store = self.services.store
        self.root = root

    def close(self) -> None:
        self.services.close()

    def do(self, kind: str, spec: dict[str, Any], job_id: str | None = None) -> dict[str, Any]:
        """Does a job's work here and ends it; returns its result."""
        job_id = job_id or self._job(kind, spec)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a worker's go to its log
            result = importlib.import_module(KINDS[kind]).run(JobContext(self.store, AT_REST, job_id, 1))
        with self.store.write() as writing:
            writing.execute("UPDATE job SET result = ? WHERE id = ?", (json.dumps(result), job_id))
            end_job(writing, get_job(writing.connection, job_id), DONE, None)
        self.services.overview.settle()
        return result

    def _job(self, kind: str, spec: dict[str, Any]) -> str:
        job_id = new_id()
        home = self.services.workspace.identity()
        with self.store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created, started)"
                " VALUES (?, ?, ?, ?, 'queued', 1, 'elsewhere', ?, 0, ?, ?, ?)",
                (job_id, kind, kind, json.dumps(spec), home, f"{job_id}.log", now(), now()),
            )
        return job_id

    def add(self, name: str, frame: pd.DataFrame | str, **roles: Any) -> Path:
        """Writes a file, makes it a source and takes it in; returns the file."""
        path = self.root / "data" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        if isinstance(frame, str):
            path.write_text(frame, "utf-8")
        else:
            frame.to_csv(path, index=False)
        source = self.services.sources.add(path, name=name, **roles)
        fix_salt(self.store, source.id)
        self.do("scan", {"sources": [source.id]})
        return path

    def tune(self, source: str, **options: Any) -> tuple[Study, list[Trial]]:
        """Runs a study to its end; returns it and its trials."""
        study = self.services.studies.create(source, **options)
        job_id = self._job("tune", {"study": study.id})
        with self.store.write() as writing:
            writing.execute("UPDATE study SET job_id = ? WHERE id = ?", (job_id, study.id))
        self.do("tune", {}, job_id)
        return get_study(self.store.reader, study.id), list_trials(self.store.reader, study.id)

    def register(self, trial: Trial, name: str) -> int:
        """Registers a trial's run; returns the version's number."""
        return int(self.do("register", {"run": trial.run_id, "name": name})["version"])


def houses(rows: int, seed: int = 1) -> pd.DataFrame:
    """A regression that ridge does well on with little shrinkage, and badly with much."""
    draw = np.random.default_rng(seed)
    area, age = draw.normal(100, 25, rows), draw.integers(0, 80, rows)
    kind = draw.choice(["flat", "house", "loft"], rows)
    price = 3 * area - 1.5 * age + 40 * (kind == "house") + draw.normal(0, 8, rows)
    return pd.DataFrame({"id": range(rows), "area": area, "age": age, "kind": kind, "price": price})


def customers(rows: int, seed: int = 2, shift: float = 0.0) -> pd.DataFrame:
    """A binary target that is told well from two columns; `shift` moves one of them."""
    draw = np.random.default_rng(seed)
    age, visits = draw.normal(40 + shift, 10, rows), draw.integers(0, 9, rows)
    plan = draw.choice(["basic", "gold", "trial"], rows)
    left = (visits + 3 * (plan == "gold") + draw.normal(0, 1.5, rows)) > 5
    return pd.DataFrame(
        {"id": range(rows), "age": age, "visits": visits, "plan": plan, "left": np.where(left, "yes", "no")}
    )
