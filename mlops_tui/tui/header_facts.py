"""What the status line says, read in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_tui.monitoring.alert import to_see
from mlops_tui.tui.panels.header import HeaderFacts

if TYPE_CHECKING:
    from mlops_tui.bootstrap import Services


def read_header_facts(services: Services) -> HeaderFacts:
    """Level, agent and open jobs as they are now."""
    status = services.overview.status()
    return HeaderFacts(
        workspace=str(services.workspace.root),
        level=status["level"],
        agent=agent_words(status["agent"]),
        open_jobs=status["jobs"]["open"],
        alerts=to_see(status["alerts"]),
        read_only=services.store.read_only,
    )


def agent_words(agent: dict[str, Any]) -> str:
    """The agent's state in two words."""
    if agent["watching"]:
        return "watching" if agent["running"] else "watching, agent not running"
    return "agent running" if agent["running"] else "not watching"
