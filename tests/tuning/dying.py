"""`python dying.py ROOT STUDY CALL:TURN …`: workers, one after the other, each killed right after the TURN-th time that it
did CALL: `notify` is done before a transaction is committed, `committed` stands for what comes after. Ends with 0 where
every one was."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import optuna

from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.store import Store, Writing
from mlops_tui.store.workspace import Workspace
from mlops_tui.tuning.engine import claim, study
from mlops_tui.tuning.engine.trial_storage import TrialStorage

CALLS: dict[str, Any] = {
    "_claimed": claim.Claims,
    "_suggested": study,
    "_outcomes": study.Tuning,
    "tell": optuna.Study,
    "notify": Writing,
}


def die_after(call: str, turn: int) -> None:
    """Lets that call do its work, and then kills this process as the system would."""
    owner = CALLS[call]
    work, turns = getattr(owner, call), count(1)

    def last(*arguments: Any, **named: Any) -> Any:
        result = work(*arguments, **named)
        if next(turns) == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, call, last)


def die_after_commit(turn: int) -> None:
    """Kills this process once that many of the storage's transactions are committed."""
    work, turns = TrialStorage.transaction, count(1)

    @contextmanager
    def last(storage: TrialStorage) -> Iterator[Writing]:
        is_outermost = storage._writing is None
        with work(storage) as writing:
            yield writing
        if is_outermost and next(turns) == turn:
            os.kill(os.getpid(), signal.SIGKILL)

    TrialStorage.transaction = last  # type: ignore[method-assign]


def run(root: str, study_id: str, call: str, turn: str) -> None:
    """Does a worker's work until death comes."""
    store = Store(Workspace(Path(root)))
    jobs = Jobs(store)
    jobs._spawn = lambda job_id: None  # type: ignore[method-assign]  # the worker is this process
    if call == "committed":
        die_after_commit(int(turn))
    else:
        die_after(call, int(turn))
    study.run(JobContext(store, Settings(), jobs.start("tune", "tune", {"study": study_id}), 1))


if __name__ == "__main__":
    for death in sys.argv[3:]:
        child = os.fork()  # so that the engines are loaded once
        if child == 0:
            run(*sys.argv[1:3], *death.split(":"))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"{death} did not come")
