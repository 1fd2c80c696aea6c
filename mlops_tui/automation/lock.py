"""The lock that makes the agent the only one of its workspace, and the note in it that says which process it is."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any

from mlops_tui.jobs.liveness import is_alive, this_process
from mlops_tui.store.workspace import Workspace


def place(workspace: Workspace) -> Path:
    """Where the lock lies."""
    return workspace.home / "agent.lock"


class AgentLock:
    """Held from its making to the process's end, however that comes: the system frees it."""

    def __init__(self, workspace: Workspace, file: IO[str]) -> None:
        self._workspace = workspace
        self._file = file

    @classmethod
    def take(cls, workspace: Workspace) -> AgentLock | None:
        """The lock; None where another agent holds it."""
        file = os.fdopen(os.open(place(workspace), os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return cls(workspace, file)

    def note(self, **more: Any) -> None:
        """Writes down which process this is, in one piece over what was written before: it is read at any moment."""
        pid, started, host = this_process()
        told = {"pid": pid, "started": started, "host": host, "home": self._workspace.identity(), **more}
        before = os.fstat(self._file.fileno()).st_size
        os.pwrite(self._file.fileno(), json.dumps(told).encode().ljust(before), 0)

    def is_in_place(self) -> bool:
        """Whether the workspace still is the one that was locked. An open file's inode is given to no other file."""
        ours = os.fstat(self._file.fileno())
        try:
            found = os.stat(place(self._workspace))
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)

    def release(self) -> None:
        """Empties the note and frees the lock."""
        self._file.truncate(0)
        self._file.close()


def read_note(workspace: Workspace) -> dict[str, Any] | None:
    """What the living agent wrote about itself; None where there is none."""
    try:
        told = json.loads(place(workspace).read_text("utf-8"))
        home = workspace.identity()
    except (OSError, ValueError):  # no agent yet, or one that is just writing
        return None
    return told if is_alive(told["pid"], told["started"], told["host"], told["home"], home) else None
