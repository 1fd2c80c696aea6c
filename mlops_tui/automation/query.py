"""What is read of watching and of the agent."""

from __future__ import annotations

import sqlite3

from mlops_tui.automation.lock import read_note
from mlops_tui.automation.model import AgentStatus, Polled
from mlops_tui.store.workspace import Workspace

WATCHING = "watching"
"""The setting that says whether folders are watched: `on` or `off`."""


def is_watching(connection: sqlite3.Connection) -> bool:
    """Whether watching is switched on."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (WATCHING,)).fetchone()
    return row is not None and row[0] == "on"


def agent_status(connection: sqlite3.Connection, workspace: Workspace) -> AgentStatus:
    """Whether the agent runs, and whether folders are watched."""
    watching, note = is_watching(connection), read_note(workspace)
    if note is None:
        return AgentStatus(watching, running=False)
    polled = tuple(Polled(**found) for found in note.get("polled", ()))
    return AgentStatus(watching, True, note["pid"], note["started"], len(polled), polled, note.get("waiting", 0))
