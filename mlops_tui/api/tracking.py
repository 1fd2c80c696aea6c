"""Logging a run from a script of one's own: `with mlops_tui.start_run(): mlops_tui.log_metric("auc", 0.9)`."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from mlops_tui.core.errors import UsageError, WorkspaceError
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.log import start_run as write_start
from mlops_tui.runs.model import CANCELLED, FAILED, FINISHED
from mlops_tui.store.revision import is_current
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import find

_active: ActiveRun | None = None


class ActiveRun(RunLog):
    """A run of this process. As a context it ends with the block: `failed` where an exception comes out of it."""

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if _active is self:
            self.end(*_ending(error))

    def end(self, status: str = FINISHED, why: str | None = None) -> None:
        """Says how the run ended: `finished`, `failed` or `cancelled`; another may then be started."""
        super().end(status, why)
        _activate(None)


def _activate(run: ActiveRun | None) -> None:
    global _active
    _active = run


def _ending(error: BaseException | None) -> tuple[str, str | None]:
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return FINISHED, None
    status = CANCELLED if isinstance(error, KeyboardInterrupt) else FAILED
    return status, f"{type(error).__name__}: {error}".removesuffix(": ")


def start_run(
    name: str | None = None,
    experiment: str = "default",
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> ActiveRun:
    """Begins a run in the workspace here or above (or `MLOPS_WORKSPACE`); it is given a name where it has none.

    Use it as a context, or call `end_run()`. A script that forgets to ends its run when it ends itself; a process that
    is killed leaves its run to be told as `lost`.

    Raises:
        UsageError: another run of this process is still active.
        NoWorkspace: there is no workspace here or above.
        WorkspaceError: the store is of another version of mlops-tui.
    """
    if _active is not None:
        raise UsageError(f"The run {_active.name} is still active.", "End it first with mlops_tui.end_run().")
    workspace = find()
    if not is_current(workspace.store):
        raise WorkspaceError(
            f"The store of {workspace.root} has to be brought up to date.", "Open it once with: mlops-tui status"
        )
    store = Store(workspace, actor="script")
    run = ActiveRun(store, *write_start(store, name=name, experiment=experiment, params=params, tags=tags))
    _activate(run)
    return run


def end_run(status: str = FINISHED) -> None:
    """Ends the active run as `finished`, `failed` or `cancelled`."""
    _run().end(status)


def log_metric(key: str, value: Any, step: int | None = None) -> None:
    """Keeps one number of the active run; see `ActiveRun.log_metric`."""
    _run().log_metric(key, value, step)


def log_metrics(metrics: Mapping[str, Any], step: int | None = None) -> None:
    """Keeps several numbers of the active run, all or none."""
    _run().log_metrics(metrics, step)


def log_param(key: str, value: Any) -> None:
    """Keeps one parameter of the active run."""
    _run().log_param(key, value)


def log_params(params: Mapping[str, Any]) -> None:
    """Keeps several parameters of the active run."""
    _run().log_params(params)


def set_tag(key: str, value: Any) -> None:
    """Marks the active run."""
    _run().set_tag(key, value)


def _run() -> ActiveRun:
    if _active is None:
        raise UsageError("No run is active.", "Start one with mlops_tui.start_run().")
    return _active


@atexit.register
def _end_with_the_script() -> None:
    """Ends a run that the script left open; how the script ended is only known where an exception was printed."""
    if _active is not None and _active.process == os.getpid():
        _active.end(*_ending(getattr(sys, "last_value", None)))
