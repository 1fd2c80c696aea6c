"""Starting processes of ours: by their module's name, and detached where they are to outlive the terminal."""

from __future__ import annotations

import subprocess
import sys

from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours.

    With -P: a file of a person's own in the folder it runs in is not to stand in for one of Python's modules.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def start_detached(workspace: Workspace, log_name: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts a module in a session of its own, in the workspace's folder; what it prints goes to its log.

    Raises:
        DiskFull, ReadOnlyStore: the log cannot be written.
    """
    with translated(workspace.logs):
        workspace.logs.mkdir(exist_ok=True)
        with (workspace.logs / log_name).open("ab") as log:
            return subprocess.Popen(
                command(module, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=workspace.root,
            )
