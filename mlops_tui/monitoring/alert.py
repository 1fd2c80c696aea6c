"""An alert as its readers see it, and what one is raised with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

CRITICAL, WARNING = "critical", "warning"
WORSE = "worse_than_before"
"""The kind of an alert: labels show that a champion is worse than the one before."""
BEGAN, ENDED, ACKNOWLEDGED = "alert_began", "alert_ended", "alert_acknowledged"
"""The verbs of its events, which are about what the alert is about."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about: its kind (`model`), id and name."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What an alert is raised with. `remedy` is a command. There is one open alert of a `kind` and a subject.

    With a `revision` it holds only while that is the revision of the champion's alias of its subject, a model.
    """

    kind: str
    subject: Subject
    severity: str
    sentence: str
    remedy: str
    evidence: dict[str, Any] = field(default_factory=dict)
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: open until it `ended`. `seen` is when its cause was found last, `times` how often; `acknowledged` is when a
    person said that they know of it.
    """

    id: str
    kind: str
    subject: Subject
    severity: str
    sentence: str
    remedy: str
    evidence: dict[str, Any]
    since: str
    seen: str
    times: int
    ended: str | None
    why_ended: str | None
    acknowledged: str | None
    acknowledged_by: str | None
    acknowledged_why: str | None

    @property
    def is_open(self) -> bool:
        """Whether its cause is still there."""
        return self.ended is None

    def shown(self) -> dict[str, Any]:
        """As JSON prints it."""
        return asdict(self)
