"""How often a source is looked into: the longer a look takes, the less often."""

from __future__ import annotations

from dataclasses import dataclass

POLL_SECONDS = 2.0
"""How often a folder is looked into that the system does not report on."""
RESCAN_SECONDS = 60.0
"""How often every folder is looked into whatever was reported: reports get lost."""
SHARE = 0.05
"""What looking by the clock may take of a core."""
STIRRED_SHARE = 0.25
"""What looking may take of a core in a folder where something happens all the time."""


@dataclass(slots=True)
class Pace:
    """When a source was looked into last, on the agent's clock, and how many seconds that took."""

    ended: float = float("-inf")
    cost: float = 0.0

    def is_due(self, moment: float, *, has_stirred: bool, is_polled: bool) -> bool:
        """Whether it is time for the next look."""
        if is_polled:
            rest = max(POLL_SECONDS, self.cost / SHARE)
        elif has_stirred:
            rest = self.cost / STIRRED_SHARE
        else:
            rest = max(RESCAN_SECONDS, self.cost / SHARE)
        return moment - self.ended >= rest
