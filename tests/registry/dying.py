"""`python dying.py ROOT KIND SPEC CALL …`: workers, one after the other, each killed as the system would right after it did
CALL while it registers a model. Ends with 0 where every one was.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.engine import file, keep, register, register_file
from mlops_tui.store import artifact
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace
from mlops_tui.worker.kinds import KINDS

CALLS: dict[str, list[Any]] = {
    "copyfileobj": [shutil],
    "open_foreign": [register_file],
    "fit": [register],
    "sha256": [artifact],
    "replace": [artifact],
    "put": [register_file, file],
    "_model_of": [keep],
    "add_version": [register, register_file],
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(call: str) -> None:
    """Lets that call do its work, and then kills this process; `committed` is the transaction with the version."""
    if call == "committed":
        for owner in (register, register_file):
            owner.write_session = _dying_session(owner.write_session)  # type: ignore[attr-defined]
        return
    for owner in CALLS[call]:
        setattr(owner, call, _dying(getattr(owner, call)))


def _dying(work: Any) -> Any:
    def last(*arguments: Any, **named: Any) -> Any:
        result = work(*arguments, **named)
        die()
        return result

    return last


def _dying_session(work: Any) -> Any:
    @contextmanager
    def last(store: Store) -> Iterator[Any]:
        with work(store) as writing:
            yield writing
        die()

    return last


def run(root: str, kind: str, spec: dict[str, Any], call: str) -> None:
    """Does a worker's work until death comes."""
    store = Store(Workspace(Path(root)))
    jobs = Jobs(store)
    jobs._spawn = lambda job_id: None  # type: ignore[method-assign]  # the worker is this process
    job_id = jobs.start(kind, kind, spec)
    if call != "nothing":
        die_after(call)
    warnings.simplefilter("ignore")
    import_module(KINDS[kind]).run(JobContext(store, Settings(), job_id, 1))


if __name__ == "__main__":
    for death in sys.argv[4:]:
        child = os.fork()  # so that the engines are loaded once
        if child == 0:
            run(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), death)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if (status != 0) if death == "nothing" else not os.WIFSIGNALED(status):
            sys.exit(f"{death} did not come")
