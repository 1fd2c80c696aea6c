"""The agent as its readers see it, and the rule by which it lives."""

from __future__ import annotations

from dataclasses import dataclass

GRACE_SECONDS = 10.0
"""How long an agent with nothing to do stays, so that it need not be started anew for each short job."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A folder that is looked at by the clock, and why."""

    folder: str
    why: str


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """Whether the workspace's agent runs and whether folders are watched.

    `pid` and `started` (seconds since 1970) are None where it does not run; `polling` says how many folders have to be
    looked at again and again because the system does not report on them, `polled` which; `waiting` how many changes of files it saw that were not
    taken in yet.
    """

    watching: bool
    running: bool
    pid: int | None = None
    started: float | None = None
    polling: int = 0
    polled: tuple[Polled, ...] = ()
    waiting: int = 0


def should_live(*, watching: bool, open_jobs: int, policies: int, idle_seconds: float) -> bool:
    """Whether the agent goes on: it has something to do, or had until a moment ago."""
    return watching or open_jobs > 0 or policies > 0 or idle_seconds < GRACE_SECONDS
