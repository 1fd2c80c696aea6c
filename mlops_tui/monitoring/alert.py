"""An alert as its readers see it, what one is raised with, how it is told, and what mutes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CRITICAL, WARNING = "critical", "warning"
SEVERITIES = (WARNING, CRITICAL)
"""The greater ones last."""
WORSE = "worse_than_before"
"""The kind of an alert: labels show that a champion is worse than the one before."""
DRIFTS = "drift"
"""The kind of an alert: the newest data of a source drifts from what it is compared with."""
FALLS = "worse_than_training"
"""The kind of an alert: on the newest file a champion is, or is expected to be, worse than in training."""
BEGAN, ENDED, ACKNOWLEDGED = "alert_began", "alert_ended", "alert_acknowledged"
GREW, MUTED, UNMUTED = "alert_grew", "alert_muted", "alert_unmuted"
"""The verbs of its events, which are about what the alert is about."""

DESKTOP, COMMAND, WEBHOOK, MAIL = "desktop", "command", "webhook", "mail"
CHANNELS = (DESKTOP, COMMAND, WEBHOOK, MAIL)
"""Where an alert can be told beyond the TUI."""
WAITING, SENT, FAILED = "waiting", "sent", "failed"
"""States of a telling."""
TRIES = 4
"""So often a channel is tried before it counts as failed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about: its kind (`model`, `source`), id and name."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What an alert is raised with. `remedy` is a command. There is one open alert of a `kind` and a subject.

    `evidence` may name the `columns` that it is about. With a `revision` it holds only while that is the revision of the
    champion's alias of its subject, a model.
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
    person said that they know of it, `muted` whether all that it is about is muted now.
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
    muted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether its cause is still there."""
        return self.ended is None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is about; none where it is about the whole."""
        return tuple(self.evidence.get("columns", ()))

    def shown(self) -> dict[str, Any]:
        """As JSON prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert told on one channel: that it `began`, `grew` or `ended`. `tries` is how often that was tried, `why` what the last one
    failed with, `due` when the next one is (seconds since 1970).
    """

    id: str
    alert_id: str
    moment: str
    channel: str
    state: str
    tries: int
    why: str | None
    due: float
    at: str


@dataclass(frozen=True, slots=True)
class Mute:
    """What is not to be heard of, `until` a moment or until it is lifted: a subject, or one column of it."""

    id: str
    subject: Subject
    column: str | None
    until: str | None
    why: str | None
    muted_by: str
    at: str


def to_see(counts: Mapping[str, int]) -> int:
    """How many alerts are open that nobody has acknowledged or muted, as they were counted."""
    return counts["open"] - counts["acknowledged"] - counts["muted"]
