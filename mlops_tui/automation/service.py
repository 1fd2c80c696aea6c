"""Switching watching on and off, and the agent with it. Light: a front answers a key with it."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from mlops_tui.automation.lock import read_note
from mlops_tui.automation.model import AgentStatus
from mlops_tui.automation.query import WATCHING, agent_status, is_watching
from mlops_tui.core.errors import JobError
from mlops_tui.jobs.process import start_detached
from mlops_tui.store.store import Store

LOG = "agent.log"
START_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.05


class Watching:
    """The watching of one workspace's folders."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def status(self) -> AgentStatus:
        """Whether the agent runs, and whether folders are watched."""
        return agent_status(self._store.reader, self._store.workspace)

    def switch_on(self) -> AgentStatus:
        """Watches from now on, across restarts, with an agent that is started where none runs.

        Raises:
            JobError: no agent came up.
        """
        self._switch(on=True)
        return self.start_agent()

    def switch_off(self) -> AgentStatus:
        """Watches no more until asked again, and ends the agent; jobs that run go on."""
        self._switch(on=False)
        self._end_agent()
        return self.status()

    def _switch(self, *, on: bool) -> None:
        if is_watching(self._store.reader) == on:
            return
        before, after = ("off", "on") if on else ("on", "off")
        with self._store.write() as writing:
            writing.execute(
                "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (WATCHING, after),
            )
            writing.event(
                f"watching_{after}", ("setting", WATCHING, WATCHING), before={"value": before}, after={"value": after}
            )
            writing.changed("agent")

    def start_agent(self) -> AgentStatus:
        """Starts the agent where none runs, and waits until it is there. Raises JobError where none came up."""
        self._store.must_be_writable()
        workspace = self._store.workspace
        if read_note(workspace) is not None:
            return self.status()
        process = start_detached(workspace, LOG, "mlops_tui.agent", "--workspace", str(workspace.root))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if read_note(workspace) is not None:
                return self.status()
            if process.poll() not in (None, 0):
                break
            time.sleep(POLL_SECONDS)
        raise JobError("The agent did not start.", f"See why in {workspace.logs / LOG}")

    def _end_agent(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            note = read_note(self._store.workspace)
            if note is None:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(note["pid"], number)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline and read_note(self._store.workspace) is not None:
                time.sleep(POLL_SECONDS)
