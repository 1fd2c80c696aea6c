"""The main job on the sample data: sources, a study, a model, a promotion, predictions and drift, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import mlops_tui
from mlops_tui.data.query import find_source, list_files, list_sources
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.quality_query import importances_for
from mlops_tui.store.store import Store
from mlops_tui.tuning.query import get_study, trial_of_run

TRIALS = 12
STUDY, MODEL = "loans", "loans"
TRAINING, LIVE, LABELS = "loans", "loan_applications", "loan_outcomes"
SHOWN_FILES = 100


class Rooms(Protocol):
    """What the demo asks of the composition root."""

    store: Store

    @property
    def jobs(self) -> Jobs:
        """The jobs' service."""

    @property
    def sources(self) -> Any:
        """The data room's service."""

    @property
    def studies(self) -> Any:
        """The tuning room's service."""

    @property
    def models(self) -> Any:
        """The registry's service."""

    @property
    def predictions(self) -> Any:
        """The serving room's service."""

    @property
    def monitoring(self) -> Any:
        """The monitoring room's service."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its words, and what does it (given a way to follow a job)."""

    words: str
    act: Callable[[Callable[[str], Any]], None]


def sample_data() -> Path:
    """The sample data, in an installed package or in a checkout."""
    package = Path(mlops_tui.__file__).parent
    inside = package / "sample_data"
    return inside if inside.is_dir() else package.parent / "sample_data"


class Demo:
    """The steps in order; `summary` fills as they are done."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._store = rooms.store
        self.summary: dict[str, Any] = {"workspace": str(rooms.store.workspace.root)}

    def steps(self) -> Iterator[Step]:
        """Each step, to be done before the next is asked for."""
        yield Step("taking the sample files in", self._take_in)
        yield Step("tuning three model families", self._tune)
        yield Step("registering the best model", self._register)
        yield Step("passing it through the gate", self._promote)
        yield Step("predicting the monthly files", self._predict)
        yield Step("comparing each month with the training data", self._drift)

    def _take_in(self, follow: Callable[[str], Any]) -> None:
        samples, add = sample_data(), self._rooms.sources.add
        loans = samples / "loan_applications"
        add(samples / "breast_cancer", name="breast_cancer", target="malignant", id_column="id")
        add(samples / "diabetes", name="diabetes", target="progression", id_column="id")
        roles = {"target": "defaulted", "time_column": "applied_at", "id_column": "application_id"}
        add(loans / "training.csv", name=TRAINING, **roles)
        add(loans, name=LIVE, role="live", pattern="2026-*.csv", **roles)
        add(samples / "loan_outcomes", name=LABELS, role="labels", id_column="application_id")
        follow(self._rooms.jobs.start("scan", "take in the sample files", {"sources": None}))
        self.summary["sources"] = [
            {"name": source.name, "role": source.role, "version": source.version}
            for source in list_sources(self._store.reader)
        ]

    def _tune(self, follow: Callable[[str], Any]) -> None:
        study = self._rooms.studies.create(TRAINING, trials=TRIALS, seed=7, name=STUDY)
        follow(self._rooms.studies.launch(study))
        done = get_study(self._store.reader, study.id)
        best = trial_of_run(self._store.reader, done.best_run or "")
        self.summary["study"] = {"name": done.name, "state": done.state, "metric": done.metric, "trials": done.trials}
        self.summary["best"] = best and {
            "run": best.run_id,
            "value": best.value,
            "family": best.family,
            "params": best.params,
        }

    def _register(self, follow: Callable[[str], Any]) -> None:
        self.summary["model"] = follow(self._rooms.models.register(self.summary["best"]["run"], MODEL)).result

    def _promote(self, follow: Callable[[str], Any]) -> None:
        version = self.summary["model"]["version"]
        self.summary["promotion"] = follow(self._rooms.models.promote(MODEL, version)).result

    def _predict(self, follow: Callable[[str], Any]) -> None:
        source = find_source(self._store.reader, LIVE)
        folder = source.folder(self._store.workspace)
        out = self._store.workspace.root / "predictions"
        out.mkdir(exist_ok=True)
        files = {folder / name: out / name for name in self._months(source.id)}
        version = self.summary["model"]["version"]
        result = follow(self._rooms.predictions.start_all(f"{MODEL}:{version}", files, source_id=source.id)).result
        self.summary["predictions"] = result["batches"]

    def _drift(self, follow: Callable[[str], Any]) -> None:
        source = find_source(self._store.reader, LIVE)
        months = self._months(source.id)
        result = follow(self._rooms.monitoring.start(LIVE, training=TRAINING, current=months)).result
        known = importances_for(self._store.reader, source.id)
        self.summary["drift"] = [
            report | {"importance": None if known is None else known.to_json()} for report in result["reports"]
        ]

    def _months(self, source_id: str) -> list[str]:
        return sorted(file.path for file in list_files(self._store.reader, source_id, limit=SHOWN_FILES))
