"""Which sources have something to take in: told by looking at sizes and times alone, so that it may be done often."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlops_tui.core.errors import DataError
from mlops_tui.data.checkfile import changed_at
from mlops_tui.data.listing import EMPTIED_SECONDS, walk
from mlops_tui.data.model import Source
from mlops_tui.data.query import may_enter, sizes_and_times
from mlops_tui.store.store import Store

Signature = tuple[str, int, int]
"""Path, size and time of a file that the store does not have so, or that is to be judged anew; -1 and -1 where it is gone."""


@dataclass(slots=True)
class Glance:
    """One look at a source: what differs from the store, and in how many seconds the next of it settles (None: never).

    `differing` is how many files differ in all.
    """

    settled: frozenset[Signature] = frozenset()
    next_in: float | None = None
    differing: int = 0

    @property
    def is_moving(self) -> bool:
        """Whether something has not settled yet."""
        return self.next_in is not None


@dataclass(slots=True)
class Arrivals:
    """Remembers when each change was first seen as it is now; it is settled once it has rested long enough."""

    store: Store
    settle_seconds: float
    emptied_seconds: float = EMPTIED_SECONDS
    is_broken_off: bool = False
    """Whether looks see nothing any more: set in another thread."""
    _since: dict[str, dict[Signature, float]] = field(default_factory=dict)

    def look(self, source: Source, *, wall: float, monotonic: float, lead: float = 0.0) -> Glance:
        """What differs now; what will settle within `lead` seconds counts as settled.

        A folder that cannot be listed says nothing about its files.
        """
        try:
            seen = [sighting for sighting in walk(source, self.store.workspace) if not self._breaks_off()]
        except DataError:
            return Glance()
        known = sizes_and_times(self.store.reader, source.id)
        entering = may_enter(self.store.reader, source.id, changed_at(self.store.workspace, source))
        now: dict[Signature, float] = {}
        for sighting in seen:
            is_known = sighting.is_as_known(known.pop(sighting.name, None))
            if not is_known or sighting.name in entering:
                rested = min(max(wall - sighting.mtime_ns / 1e9, 0.0), self.settle_seconds)
                now[sighting.name, sighting.size, sighting.ctime_ns] = monotonic - rested
        now.update({(path, -1, -1): monotonic for path in known})
        before = self._since.get(source.id, {})
        since = {signature: min(moment, before.get(signature, moment)) for signature, moment in now.items()}
        self._since[source.id] = since
        is_emptied = bool(known) and not seen and not source.is_one_file
        return self._glance(since, monotonic, lead, self.emptied_seconds if is_emptied else self.settle_seconds)

    def _breaks_off(self) -> bool:
        if self.is_broken_off:
            raise DataError("The look was broken off.", "The agent ends.")
        return False

    def _glance(self, since: dict[Signature, float], monotonic: float, lead: float, gone_seconds: float) -> Glance:
        settled: list[Signature] = []
        left: float | None = None
        for signature, moment in since.items():
            rest = (gone_seconds if signature[1] < 0 else self.settle_seconds - lead) - (monotonic - moment)
            if rest <= 1e-6:
                settled.append(signature)
            else:
                left = rest if left is None else min(left, rest)
        return Glance(frozenset(settled), left, len(since))
