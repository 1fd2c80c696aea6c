"""The files of studies: what is kept of one, and what killed workers and removed studies have left behind."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace
from mlops_tui.tuning.model import OPEN
from mlops_tui.tuning.query import states_of_studies

PREDICTIONS, FOLDS = "predictions", "folds"
ANEW = "-anew"
"""At the end of the folder's name with folds drawn anew."""
AT_REST = 60.0
"""Seconds since a folder has changed, after which no worker is just making it."""


def folders_of(workspace: Workspace, study_id: str) -> list[Path]:
    """Where the study's files lie, as far as there are any."""
    home = workspace.home
    known = (home / PREDICTIONS / study_id, home / FOLDS / study_id, home / FOLDS / f"{study_id}{ANEW}")
    return [folder for folder in known if folder.is_dir()]


def bytes_of(folders: list[Path]) -> int:
    """What they hold."""
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())


def sweep(store: Store, *, at_rest: float = AT_REST) -> list[Path]:
    """Removes what no study at work uses: matrices that killed workers left, files that they had not finished, and what is of
    no study. Returns what went.
    """
    states = states_of_studies(store.reader)
    at_work = {study_id for study_id, state in states.items() if state in OPEN}
    gone = []
    for folder in _folders(store.workspace, FOLDS):
        study_id = folder.name.removesuffix(ANEW)
        if study_id not in at_work and time.time() - folder.stat().st_mtime > at_rest and _is_nobodys(folder):
            gone.append(folder)
    gone += [folder for folder in _folders(store.workspace, PREDICTIONS) if folder.name not in states]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    unfinished = [file for folder in _folders(store.workspace, PREDICTIONS) for file in _unfinished(folder)]
    for file in unfinished:
        file.unlink(missing_ok=True)
    return [*gone, *unfinished]


def _folders(workspace: Workspace, kind: str) -> list[Path]:
    place = workspace.home / kind
    return sorted(one for one in place.iterdir() if one.is_dir()) if place.is_dir() else []


def _unfinished(folder: Path) -> Iterator[Path]:
    """Files under the name that they have until they are whole, `NUMBER.PID`, of processes that are no more."""
    for file in folder.iterdir():
        pid = file.suffix.removeprefix(".")
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            yield file


def _is_nobodys(folder: Path) -> bool:
    """Whether no process holds the folder's matrices."""
    try:
        with (folder / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # it is going just now
        return False
    return True
