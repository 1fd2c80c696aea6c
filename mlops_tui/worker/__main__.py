"""`python -m mlops_tui.worker ROOT JOB NUMBER`: does a job's work, and ends when its supervisor is gone.

`python -m mlops_tui.worker --answer ROOT`: answers a front's questions, and ends when the front is gone.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import JobError, MlopsError
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.query import asked_by, get_job
from mlops_tui.store.store import Store
from mlops_tui.store.translate import translation
from mlops_tui.store.workspace import Workspace
from mlops_tui.worker.answering import serve
from mlops_tui.worker.kinds import KINDS

PARENT_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Does the work; 0 when it is done, 1 when it failed and the reason is in the job's row."""
    if arguments[0] == "--answer":
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed in the front's terminal is the front's to answer
        _end_with_parent(os.getppid())
        serve(Path(arguments[1]))
    root, job_id, number = arguments
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _end_with_parent(os.getppid())
    workspace = Workspace(Path(root))
    store = Store(workspace, actor="worker")
    try:
        store.actor = asked_by(store.reader, job_id) or store.actor
        settings = Settings.load(workspace.config)
        context = JobContext(store, settings, job_id, int(number))
        engine = _loaded(KINDS[get_job(store.reader, job_id).kind])
        _keep(store, job_id, "result", engine.run(context))  # the last worker to end knows most
    except Exception as error:  # noqa: BLE001 - the last line of defence of a process: whatever it was goes into the row and the log
        if not isinstance(error, JobError) or error.__cause__ is not None:  # else its sentence says it all
            traceback.print_exc()
        known = error if isinstance(error, MlopsError) else translation(error, workspace.store)
        if get_job(store.reader, job_id).error is None:  # the first one is the cause of the others
            _keep(store, job_id, "error", _described(known or error))
        return 1
    finally:
        store.close()
    return 0


def _loaded(name: str) -> Any:
    """The engine. The collector would look through its modules again and again while they load, an eighth of that time, and
    later each time that it looks at all: they stay for good.
    """
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def _described(error: BaseException) -> dict[str, str]:
    if isinstance(error, MlopsError):
        return {"code": error.code, "title": error.title, "remedy": error.remedy}
    words = f"{type(error).__name__}: {error}"
    return {"code": "error", "title": words, "remedy": "The whole trace is in the job's log."}


def _keep(store: Store, job_id: str, column: str, value: dict[str, Any]) -> None:
    with store.write() as writing:
        writing.execute(f"UPDATE job SET {column} = ? WHERE id = ?", (json.dumps(value), job_id))
        writing.changed("jobs")


def _end_with_parent(parent: int) -> None:
    """Ends this process within a second of its supervisor's death: what it still did, nobody would see."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
