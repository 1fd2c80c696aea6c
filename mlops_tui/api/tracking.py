"""Logging a run from a script of one's own: `with mlops_tui.start_run(): mlops_tui.log_metric("auc", 0.9)`."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from mlops_tui.core.errors import UsageError, WorkspaceError
from mlops_tui.jobs.liveness import is_alive, this_process
from mlops_tui.runs.begin import resume_run, text_of, write_params, write_tags
from mlops_tui.runs.begin import start_run as write_start
from mlops_tui.runs.captured import capture
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.model import CANCELLED, FAILED, FINISHED, RUNNING, Run
from mlops_tui.runs.naming import NAMED_VARIABLE, RUN_VARIABLE
from mlops_tui.runs.query import find_run
from mlops_tui.runs.usage import UsageLog
from mlops_tui.store.revision import is_current
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import find

_active: list[ActiveRun] = []
"""The runs of this process that are open, the outermost first."""


class ActiveRun(RunLog):
    """A run of this process. As a context it ends with the block: `failed` where an exception comes out of it.

    One that belongs to another living process is only written to from here: ending it leaves it running.
    """

    def __init__(self, store: Store, run_id: str, name: str, *, is_own: bool = True) -> None:
        super().__init__(store, run_id, name)
        self.is_own = is_own
        self._begun_in = os.getpid()
        self._usage: UsageLog | None = None

    def watch_usage(self) -> None:
        """Has what this process takes of the machine kept, as long as the run is open."""
        self._usage = UsageLog(self.log_usage)

    @property
    def is_of_this_process(self) -> bool:
        """Whether it was begun here, not in a process that this one was forked from."""
        return self._begun_in == os.getpid()

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self in _active:
            self.end(*_ending(error))

    def end(self, status: str = FINISHED, why: str | None = None) -> None:
        """Says how the run ended: `finished`, `failed` or `cancelled`, and ends those that were started within it."""
        while self in _active and _active[-1] is not self:
            _active[-1].end(status, why)
        if self._usage is not None:
            self._usage.stop()
        if self.is_own:
            super().end(status, why)
        else:
            self.close()
        if self in _active:
            _active.remove(self)


def _ending(error: BaseException | None) -> tuple[str, str | None]:
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return FINISHED, None
    status = CANCELLED if isinstance(error, KeyboardInterrupt) else FAILED
    return status, f"{type(error).__name__}: {error}".removesuffix(": ")


def start_run(
    name: str | None = None,
    experiment: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    *,
    nested: bool = False,
    run: str | None = None,
    seed: int | None = None,
    captured: bool = True,
) -> ActiveRun:
    """Begins a run in the workspace here or above (or `MLOPS_WORKSPACE`); it is given a name where it has none.

    Use it as a context, or call `end_run()`. A script that forgets to ends its run when it ends itself; a process that
    is killed leaves its run to be told as `lost`.

    `nested` begins it within the active run, whose experiment it takes. `run` names one that goes on, by its name or a
    part of its id: one that has ended or is lost is this process's from now on; one of another living process, a
    pool's parent say, is written to and left running. A script that `mlops-tui run` started goes on with that command's
    run, which takes the `name` unless the command was given one. `seed` is kept as a parameter. Unless `captured` is False the code, the packages and the machine are written down, and
    what the process takes of it, now and then.

    Raises:
        UsageError: another run of this process is still active, and it is not `nested`.
        UnknownName: there is no such `run`.
        NoWorkspace: there is no workspace here or above.
        WorkspaceError: the store is of another version of mlops-tui.
    """
    if _active and not nested:
        raise UsageError(
            f"The run {_active[-1].name} is still active.", "End it with mlops_tui.end_run(), or say nested=True."
        )
    given = {**(params or {}), **({} if seed is None else {"seed": seed})}
    store = open_store()
    command = os.environ.get(RUN_VARIABLE)
    if run is None and command is not None and not _active and not _was_taken_up(command):
        run = command
    if run is not None:
        found = find_run(store.reader, run)
        is_named = run == command and name is not None and not os.environ.get(NAMED_VARIABLE)
        begun = _went_on(store, found, name if is_named else None, experiment, given, tags or {})
    else:
        begun = _began(store, name, experiment, given, tags or {}, command)
    _active.append(begun)
    if captured and (run is None or run == command or found.command is None):
        begun.keep_origin(capture())  # of one that goes on what it began with says more
    if captured and begun.is_own:
        begun.watch_usage()
    return begun


_taken_up: set[str] = set()


def _was_taken_up(command: str) -> bool:
    """Whether this process has gone on with the command's run before; what it starts then is within that run."""
    if command in _taken_up:
        return True
    _taken_up.add(command)
    return False


def open_store() -> Store:
    """The store of the workspace here or above.

    Raises:
        NoWorkspace: there is none.
        WorkspaceError: it is of another version of mlops-tui.
    """
    workspace = find()
    if not is_current(workspace.store):
        raise WorkspaceError(
            f"The store of {workspace.root} has to be brought up to date.", "Open it once with: mlops-tui status"
        )
    return Store(workspace, actor="script")


def _began(
    store: Store,
    name: str | None,
    experiment: str | None,
    params: Mapping[str, Any],
    tags: Mapping[str, Any],
    command: str | None,
) -> ActiveRun:
    above = _active[-1].id if _active else command
    if experiment is None and above is not None:
        experiment = find_run(store.reader, above).experiment
    begun = write_start(
        store,
        name=name,
        experiment="default" if experiment is None else experiment,
        params=params,
        tags=tags,
        parent=above,
    )
    return ActiveRun(store, *begun)


def _went_on(
    store: Store,
    run: Run,
    name: str | None,
    experiment: str | None,
    params: Mapping[str, Any],
    tags: Mapping[str, Any],
) -> ActiveRun:
    here = store.workspace.identity()
    is_others = (
        run.status == RUNNING
        and (run.pid, run.host) != this_process()[::2]
        and is_alive(run.pid, run.pid_started, run.host, run.home, here)
    )
    if not is_others:
        resume_run(store, run)
    with store.write() as writing:
        write_params(writing, run.id, params)
        write_tags(writing, run.id, tags)
        if name is not None:
            writing.execute("UPDATE run SET name = ? WHERE id = ?", (text_of(name, "The name of a run"), run.id))
        if experiment is not None:
            writing.execute("UPDATE run SET experiment = ? WHERE id = ?", (experiment, run.id))
        writing.changed("runs")
    return ActiveRun(store, run.id, run.name if name is None else name, is_own=not is_others)


def active_run() -> ActiveRun:
    """The run that the functions of this package write to: the one that was started last and has not ended.

    Raises:
        UsageError: none is active.
    """
    if not _active:
        raise UsageError("No run is active.", "Start one with mlops_tui.start_run().")
    return _active[-1]


def end_run(status: str = FINISHED) -> None:
    """Ends the active run as `finished`, `failed` or `cancelled`."""
    active_run().end(status)


def log_metric(key: str, value: Any, step: int | None = None, at: float | None = None) -> None:
    """Keeps one number of the active run; see `ActiveRun.log_metric`."""
    active_run().log_metric(key, value, step, at)


def log_metrics(metrics: Mapping[str, Any], step: int | None = None, at: float | None = None) -> None:
    """Keeps several numbers of the active run, all or none."""
    active_run().log_metrics(metrics, step, at)


def log_points(
    key: str, values: Iterable[Any], steps: Iterable[Any] | None = None, at: Iterable[float] | None = None
) -> None:
    """Keeps a whole curve of the active run at once; see `ActiveRun.log_points`."""
    active_run().log_points(key, values, steps, at)


def log_param(key: str, value: Any) -> None:
    """Keeps one parameter of the active run."""
    active_run().log_param(key, value)


def log_params(params: Mapping[str, Any]) -> None:
    """Keeps several parameters of the active run."""
    active_run().log_params(params)


def set_tag(key: str, value: Any) -> None:
    """Marks the active run."""
    active_run().set_tag(key, value)


def set_tags(tags: Mapping[str, Any]) -> None:
    """Marks the active run with several tags."""
    active_run().set_tags(tags)


def log_artifact(path: str | os.PathLike[str], name: str | None = None) -> None:
    """Keeps a copy of a file with the active run; see `ActiveRun.log_artifact`."""
    active_run().log_artifact(path, name)


def log_artifacts(folder: str | os.PathLike[str], prefix: str = "") -> None:
    """Keeps copies of all files below a folder with the active run; see `ActiveRun.log_artifacts`."""
    active_run().log_artifacts(folder, prefix)


def log_text(text: str, name: str) -> None:
    """Keeps a text as a file of the active run."""
    active_run().log_text(text, name)


def log_dict(value: Any, name: str) -> None:
    """Keeps a dictionary or a list as a JSON file of the active run."""
    active_run().log_dict(value, name)


@atexit.register
def _end_with_the_script() -> None:
    """Ends the runs that the script left open; how the script ended is only known where an exception was printed."""
    while _active and _active[-1].is_of_this_process:
        _active[-1].end(*_ending(getattr(sys, "last_value", None)))
