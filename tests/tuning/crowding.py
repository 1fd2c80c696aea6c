"""`python crowding.py PATH written`: four processes that write trials into one file while two others read them all the time.
`python crowding.py PATH queued`: four that empty one queue. Ends with 0 where none of them failed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import optuna
from optuna.samplers import RandomSampler
from optuna.storages import RDBStorage

from mlops_tui.tuning.engine.storage import open_storage

WRITERS, TRIALS, QUEUED = 4, 25, 40
WAITED = 60.0
"""Seconds after which one that is not there any more is waited for in vain."""


def started(work: Callable[[], object]) -> int:
    """Lets a child do that; returns its pid."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:  # noqa: BLE001 - told to the parent, whatever it was
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def failed(children: list[int]) -> bool:
    """Waits for them."""
    return sum(os.waitpid(child, 0)[1] for child in children) > 0


def write(path: Path) -> None:
    """A worker of four."""

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.report(x, 0)
        trial.set_user_attr("by", os.getpid())
        return x

    study = optuna.load_study(study_name="written", storage=open_storage(path), sampler=RandomSampler())
    study.optimize(objective, n_trials=TRIALS)


def read(path: Path, *, theirs: bool) -> None:
    """What a dashboard does, on Optuna's own storage; or one more worker, on ours."""
    storage = RDBStorage(f"sqlite:///{path}", skip_table_creation=True) if theirs else open_storage(path)
    seen = 0
    while seen < WRITERS * TRIALS:
        study = optuna.load_study(study_name="written", storage=storage)
        finished = [trial for trial in study.trials if trial.state.is_finished()]
        assert len(finished) >= seen
        assert all(trial.user_attrs["by"] and trial.params["x"] == trial.value for trial in finished)
        seen = len(finished)


def take(path: Path, together: Barrier) -> None:
    """Takes what is queued until nothing is, none of them a second one before each has its first; the trial that it then has on its hands
    is its own.
    """
    study, has_one = optuna.load_study(study_name="queued", storage=open_storage(path), sampler=RandomSampler()), False
    while "fixed_params" in study._storage.get_trial_system_attrs((trial := study.ask())._trial_id):
        if not has_one:
            has_one = together.wait(WAITED) >= 0
        trial.set_user_attr("by", os.getpid())
        study.tell(trial, trial.suggest_float("x", 0, 1e6))
    study.tell(trial, state=optuna.trial.TrialState.FAIL)


def main(path: Path, name: str) -> int:
    """One of the two crowds."""
    study = optuna.create_study(study_name=name, storage=open_storage(path))
    for number in range(QUEUED if name == "queued" else 0):
        study.enqueue_trial({"x": float(number)})
    study._storage.remove_session()  # no connection is carried into a child
    if name == "queued":
        together = multiprocessing.get_context("fork").Barrier(WRITERS)
        return failed([started(lambda: take(path, together)) for _ in range(WRITERS)])
    writers = [started(lambda: write(path)) for _ in range(WRITERS)]
    readers = [started(lambda theirs=theirs: read(path, theirs=theirs)) for theirs in (True, False)]
    if failed(writers):
        for reader in readers:  # that would wait for ever
            os.kill(reader, signal.SIGKILL)
    return failed(readers)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
