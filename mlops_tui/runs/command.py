"""The job `command`: any command as a run, whose output is the job's log."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import JobError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.context import JobContext
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.captured import Captured, captured_of, environment
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.model import CANCELLED, FAILED, FINISHED
from mlops_tui.runs.naming import NAMED_VARIABLE, RUN_VARIABLE
from mlops_tui.runs.query import get_run
from mlops_tui.runs.usage import UsageLog
from mlops_tui.store.store import Store

POLL_SECONDS = 0.2
GRACE_SECONDS = 10.0
"""How long a command that is asked to stop may take before it is killed."""


def run(context: JobContext) -> dict[str, Any]:
    """Runs `spec["command"]` in the folder `spec["folder"]` to its end, as a run of that name and experiment.

    Returns {"run", "exit_code"}.

    Raises:
        JobError: it could not be started, or ended with another code than 0.
    """
    command, folder = context.spec["command"], Path(context.spec["folder"])
    store = context.store
    begun = start_run(
        store,
        name=context.spec.get("name"),
        experiment=context.spec.get("experiment") or "default",
        origin="command",
        job_id=context.job_id,
    )
    log = RunLog(Store(store.workspace, actor=store.actor), *begun)
    context.so_far({"run": log.id})
    log.keep_origin(_origin(command, folder))
    try:
        process = _started(command, folder, log, store, is_named=context.spec.get("name") is not None)
    except OSError as error:
        log.end(FAILED, f"It could not be started: {error.strerror}.")
        raise JobError(
            f"{printable(command[0])} could not be started: {error.strerror}.", "Look at the command, and the folder."
        ) from None
    usage = UsageLog(log.log_usage, process.pid)
    was_stopped = _wait(process, context)
    usage.stop()
    code = process.returncode
    result = {"run": log.id, "exit_code": code}
    if was_stopped:
        log.end(CANCELLED, "A person stopped it.")
        return result
    words = f"It was ended by {signal.Signals(-code).name}." if code < 0 else f"It ended with exit code {code}."
    log.end(FINISHED if code == 0 else FAILED, None if code == 0 else words)
    if code:
        context.so_far(result)
        name = printable(get_run(store.reader, log.id).name)  # its script may have given it another
        raise JobError(f"{name}: {words}", f"See: mlops-tui runs log {name}")
    return result


def _started(command: list[str], folder: Path, log: RunLog, store: Store, *, is_named: bool) -> subprocess.Popen[bytes]:
    given = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",  # its output is seen as it comes
        "MLOPS_WORKSPACE": str(store.workspace.root),
        RUN_VARIABLE: log.id,
        NAMED_VARIABLE: "1" if is_named else "",
    }
    return subprocess.Popen(command, cwd=folder, env=given, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def _wait(process: subprocess.Popen[bytes], context: JobContext) -> bool:
    """Waits for its end; says whether a person has asked for that."""
    while True:
        try:
            process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        else:
            return False
        if context.wanted() != "stop":
            continue
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return True


def _origin(command: list[str], folder: Path) -> Captured:
    """Where its code is from, as far as that is seen from outside; a script that logs to the run itself knows better."""
    script = next((folder / word for word in command if (folder / word).suffix and (folder / word).is_file()), None)
    seen = {**environment(), "packages": {}}  # its Python may be another
    return captured_of(shlex.join(command), script, folder, seen)
