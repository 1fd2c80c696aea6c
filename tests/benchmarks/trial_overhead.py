"""What a trial costs beside its objective: a study of ours, Optuna's own in memory, and Optuna's own in a SQLite file.

The objective does nothing. Ours is the worker's whole loop, with a trial's state, parameters, folds, cost and run written
for the screens; the other two are Optuna's loop and nothing else. All three draw by the same sampler with the same seeds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from io import StringIO
from typing import Any

import numpy as np
import optuna

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.data.engine.scan import run as scan
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import this_process
from mlops_tui.tuning.engine.evaluating import Outcome
from mlops_tui.tuning.engine.families import BY_NAME, first_configurations, portfolio_of, space_of
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.engine.study import Tuning, _suggested
from mlops_tui.tuning.model import Study
from tests.benchmarks.measuring import Figure
from tests.benchmarks.place import Place

FAMILY, PARAMETERS = "hgb", 5
BLOCK, BLOCKS, WARM = 10, 30, 5


def figures(place: Place) -> list[Figure]:
    """Milliseconds of a trial beyond those of Optuna's in-memory storage; blocks of trials take turns."""
    with place.workspace("overhead") as services, _study(services) as study:
        ours, memory, file = (
            _ours(services, study),
            _plain(study, optuna.storages.InMemoryStorage()),
            _plain(study, optuna.storages.RDBStorage(f"sqlite:///{place.folder / 'plain.db'}")),
        )
        taken = []
        for _ in range(WARM + BLOCKS):
            taken.append([next(side) for side in (ours, memory, file)])
            place.reference.take()
        ours.close()
    each, busy = (np.median([[side[clock] for side in block] for block in taken[WARM:]], axis=0) for clock in (0, 1))
    more, more_busy, more_in_file = (
        float(np.median([block[side][clock] - block[1][clock] for block in taken[WARM:]]))
        for side, clock in ((0, 0), (0, 1), (2, 0))
    )
    beside = (
        f"a trial {each[0]:.1f} ms; Optuna in memory {each[1]:.1f} ms, in SQLite {each[2]:.1f} ms ({more_in_file:.1f} ms"
        f" more); of processor time {busy[0]:.1f} and {busy[1]:.1f} ms ({more_busy:.1f} ms more);"
        f" {BLOCK * (WARM + BLOCKS)} trials"
    )
    return [Figure("a trial over Optuna in memory", more, "ms", 4, beside)]


@contextmanager
def _study(services: Services) -> Iterator[Study]:
    """A study of one family whose parameters are as many as the figure is promised for."""
    folder = services.workspace.root / "in"
    folder.mkdir()
    draw = np.random.default_rng(0)
    rows = "".join(f"{x:.4f},{y:.4f},{x + y:.4f}\n" for x, y in draw.normal(size=(200, 2)))
    (folder / "a.csv").write_text(f"x,y,t\n{rows}")
    services.sources.add(folder, name="s", pattern="*.csv", target="t")
    with redirect_stdout(StringIO()):
        time.sleep(services.settings.settle_seconds)
        scan(JobContext(services.store, services.settings, _job(services, "scan", sources=None), 1))
    study = services.studies.create("s", families=[FAMILY], trials=BLOCK * (WARM + BLOCKS))
    assert len(space_of(FAMILY)) == PARAMETERS, f"{FAMILY} has {len(space_of(FAMILY))} parameters"
    yield study


def _job(services: Services, kind: str, **spec: object) -> str:
    """A job whose work this process does itself."""
    job_id = new_id()
    pid, started, host = this_process()
    with services.store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, pid, pid_started, done, log, created)"
            " VALUES (?, ?, ?, ?, 'running', 1, ?, ?, ?, ?, 0, 'log', ?)",
            (job_id, kind, kind, json.dumps(spec), host, services.workspace.identity(), pid, started, now()),
        )
    return job_id


class _InBlocks(JobContext):
    """A job that is asked to stop after so many trials."""

    left = 0

    def wanted(self) -> str | None:
        self.left -= 1
        return super().wanted() if self.left >= 0 else "stop"

    def log(self, text: str) -> None:
        """A worker's log is a file of its own; here it is this process's output."""


Taken = tuple[float, float]
"""Milliseconds of a trial by the clock, and of the processor."""


def _taken(work: Callable[[], object]) -> Taken:
    clock, busy = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - clock) * 1000 / BLOCK, (time.process_time() - busy) * 1000 / BLOCK


def _ours(services: Services, study: Study) -> Generator[Taken]:
    """One block of trials after the other in the worker's own loop."""
    context = _InBlocks(services.store, services.settings, _job(services, "tune", study=study.id), 1)
    with closing(Tuning(context)) as tuning:
        said = [np.zeros(len(scored)) for _, scored in tuning._folds]

        def nothing(family: str, params: dict[str, Any], number: int) -> Outcome:
            return Outcome(0.0, said[number], 0.0, 0.0)

        tuning._evaluator.outcome = nothing  # type: ignore[method-assign]
        while True:
            context.left = BLOCK
            yield _taken(tuning.loop)


def _plain(study: Study, storage: optuna.storages.BaseStorage) -> Iterator[Taken]:
    """The same of Optuna's own loop, on that storage."""
    sampler = PlacedSampler(
        study.seed,
        first_configurations(study.families, study.space),
        {family: space_of(family, study.space) for family in study.families},
        {family: BY_NAME[family].cost for family in study.families},
        portfolios={family: portfolio_of(family, study.space) for family in study.families},
    )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    plain = optuna.create_study(storage=storage, sampler=sampler, direction=study.direction)

    def objective(trial: optuna.Trial) -> float:
        _suggested(trial, study)
        return 0.0

    def block() -> None:
        for _ in range(BLOCK):
            plain.optimize(objective, n_trials=1)
            sampler.place += 1

    while True:
        yield _taken(block)
