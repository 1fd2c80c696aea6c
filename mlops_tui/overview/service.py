"""What spans the rooms: how far the workspace is, and the ends that nobody saw. Light: every front asks it first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mlops_tui.automation.query import agent_status
from mlops_tui.data.freshness import late
from mlops_tui.data.query import list_sources
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.alert_query import count_alerts
from mlops_tui.monitoring.alerts import Alerts
from mlops_tui.overview import status
from mlops_tui.overview.status import Step
from mlops_tui.runs.service import settle as settle_runs
from mlops_tui.store.store import Store
from mlops_tui.tuning.settle import settle as settle_studies


class Overview:
    """One workspace as a whole."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def status(self) -> dict[str, Any]:
        """Returns `{workspace, sources, studies, runs, models, jobs, alerts, agent, level, next}`: counts by room, the agent,
        the level (0, 1 or 2), and the step that would raise it (`{level, words, command}`; None at the top)."""
        counts = status.count(self._store.reader)
        reader, workspace = self._store.reader, self._store.workspace
        counts["sources"]["overdue"] = sum(late(workspace, reader, one) is not None for one in list_sources(reader))
        agent = agent_status(self._store.reader, self._store.workspace)
        return {
            "workspace": str(self._store.workspace.root),
            **counts,
            "alerts": count_alerts(reader),
            "agent": asdict(agent),
            "level": status.level(counts, agent.watching),
            "next": status.shown(status.next_step(counts, agent.watching)),
        }

    def next_step(self) -> Step | None:
        """The step that would raise the level; None at the top."""
        agent = agent_status(self._store.reader, self._store.workspace)
        return status.next_step(status.count(self._store.reader), agent.watching)

    def settle(self) -> None:
        """Writes down which jobs, runs, studies and alerts ended while nobody looked."""
        Jobs(self._store).settle()
        settle_runs(self._store)
        settle_studies(self._store)
        Alerts(self._store).settle()
