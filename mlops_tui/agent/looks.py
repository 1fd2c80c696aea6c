"""Looks into sources' folders, in threads of their own: one that takes long keeps the agent from nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from mlops_tui.agent.arrivals import Arrivals, Glance
from mlops_tui.data.model import Source

MOST = 4
"""So many folders are looked into at once."""
PATIENCE_SECONDS = 0.5
"""How long the agent waits for the looks that it has just begun: nearly all have ended by then."""
LEAVE_SECONDS = 1.0
"""How long an ended agent waits for them: one in a file system that does not answer never ends."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look that ended: what it saw, or why it saw nothing; when it began and ended on the agent's clock."""

    source: Source
    began: float
    ended: float
    glance: Glance | None = None
    error: Exception | None = None


class Looks:
    """Begun and fetched by the agent's own thread; `on_news` is called in another whenever one has ended."""

    def __init__(self, arrivals: Arrivals, on_news: Callable[[], None]) -> None:
        self._arrivals = arrivals
        self._on_news = on_news
        self._asked: SimpleQueue[tuple[Source, float] | None] = SimpleQueue()
        self._ended: SimpleQueue[Look] = SimpleQueue()
        self._under_way: set[str] = set()
        self._threads: list[threading.Thread] = []

    def is_under_way(self, source: Source) -> bool:
        """Whether that source is being looked into."""
        return source.id in self._under_way

    def begin(self, source: Source, lead: float) -> None:
        """Begins a look into a source that is not looked into; see `Arrivals.look` for the lead."""
        self._under_way.add(source.id)
        self._asked.put((source, lead))
        if len(self._threads) < min(MOST, len(self._under_way)):
            thread = threading.Thread(target=self._work, name=f"look-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def fetch(self, awaited: set[str]) -> list[Look]:
        """Those that have ended since, once the awaited ones have, or too much time has gone by."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        found: list[Look] = []
        while True:
            left = deadline - time.monotonic() if awaited & self._under_way else 0.0
            try:
                look = self._ended.get(timeout=left) if left > 0 else self._ended.get_nowait()
            except Empty:
                return found
            self._under_way.discard(look.source.id)
            found.append(look)

    def close(self) -> None:
        """Breaks off what is under way."""
        self._arrivals.is_broken_off = True
        for _ in self._threads:
            self._asked.put(None)
        deadline = time.monotonic() + LEAVE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            self._ended.put(self._look(*asked))
            self._on_news()

    def _look(self, source: Source, lead: float) -> Look:
        began = time.monotonic()
        try:
            glance = self._arrivals.look(source, wall=time.time(), monotonic=began, lead=lead)
        except Exception as error:  # noqa: BLE001 - it is raised where the look was asked for
            return Look(source, began, time.monotonic(), error=error)
        return Look(source, began, time.monotonic(), glance)
