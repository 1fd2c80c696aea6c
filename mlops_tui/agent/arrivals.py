"""Which sources have something to take in: told by looking at sizes and times alone, so that it may be done often."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlops_tui.core.errors import DataError
from mlops_tui.data.listing import sightings
from mlops_tui.data.model import Source
from mlops_tui.data.query import present_files
from mlops_tui.store.store import Store

Signature = tuple[str, int, int]
"""Path, size and time of a file that the store does not have so; -1 and -1 where it is gone."""


@dataclass(slots=True)
class Glance:
    """One look at a source: what differs from the store, and whether some of it still moves."""

    settled: frozenset[Signature] = frozenset()
    moving: bool = False


@dataclass(slots=True)
class Arrivals:
    """Remembers when each change was first seen as it is now; it is settled once it has rested long enough."""

    store: Store
    settle_seconds: float
    _since: dict[str, dict[Signature, float]] = field(default_factory=dict)

    def look(self, source: Source, *, wall: float, monotonic: float) -> Glance:
        """What differs now. A folder that cannot be listed says nothing about its files."""
        try:
            seen = sightings(source, self.store.workspace)
        except DataError:
            return Glance()
        known = present_files(self.store.reader, source.id)
        old: dict[Signature, float] = {}
        for sighting in seen:
            file = known.pop(sighting.name, None)
            if file is None or not sighting.is_as_kept(file):
                signature = (sighting.name, sighting.size, sighting.mtime_ns)
                rested = min(max(wall - sighting.mtime_ns / 1e9, 0.0), self.settle_seconds)
                old[signature] = monotonic - rested
        old.update({(path, -1, -1): monotonic - self.settle_seconds for path in known})
        before = self._since.get(source.id, {})
        since = {signature: min(moment, before.get(signature, moment)) for signature, moment in old.items()}
        self._since[source.id] = since
        settled = {signature for signature, moment in since.items() if monotonic - moment >= self.settle_seconds - 1e-6}
        return Glance(frozenset(settled), moving=len(settled) < len(since))
