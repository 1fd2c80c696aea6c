"""How far a scan is: files and bytes, told while a long file is being read too."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from mlops_tui.core.printable import printable
from mlops_tui.data.listing import Sighting
from mlops_tui.jobs.context import JobContext

WAIT_SECONDS = 0.2
TELL_SECONDS = 0.5
COUNTS = Path("/proc/self/io")
"""Where Linux says how many bytes this process has read."""
READINGS = 2
"""How often a file is read from its beginning to its end: for its hash, and for its profile."""
MOST = 0.95
"""What is told of a file at most before it is done."""


class Progress:
    """Counts files and bytes over all sources, and holds while the job is paused. A thread tells how far a file is."""

    def __init__(self, context: JobContext, sightings: int, size: int) -> None:
        self.files = 0
        self.bytes = 0
        self._context = context
        self._sightings = sightings
        self._size = size
        self._begun = time.monotonic()
        self._current: Sighting | None = None
        self._label = ""
        self._read_before: int | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell_on, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return time.monotonic() - self._begun

    def goes_on(self, source: str, sighting: Sighting) -> bool:
        """Whether the next file is to be looked into; waits while the job is paused."""
        self._label = f"file {self.files + 1} of {self._sightings}: {source}: {printable(sighting.name)}"
        self._read_before = bytes_read()
        self._current = sighting
        self._tell()
        while (wanted := self._context.wanted()) == "pause":
            time.sleep(WAIT_SECONDS)
        return wanted != "stop"

    def step(self, sighting: Sighting) -> None:
        """One more file is done."""
        self._current = None
        self.files += 1
        self.bytes += sighting.size
        self._tell()

    def says(self, words: str) -> None:
        """What is done instead of reading files."""
        self._label = words
        self._tell()

    def log(self, text: str) -> None:
        """A line in the job's log."""
        self._context.log(text)

    def _tell_on(self) -> None:
        while not self._ended.wait(TELL_SECONDS):
            if self._current is not None:
                self._tell()

    def _tell(self) -> None:
        self._context.progress(self.bytes + self._within(), self._size, note=self._label)

    def _within(self) -> int:
        """About how many bytes of the current file are done, by what this process has read since it began."""
        sighting, before, now = self._current, self._read_before, bytes_read()
        if sighting is None or before is None or now is None:
            return 0
        return int(min((now - before) / READINGS, sighting.size * MOST))


def bytes_read() -> int | None:
    """How many bytes this process has read so far; None where the system does not say."""
    try:
        return int(COUNTS.read_text().split("\n", 1)[0].removeprefix("rchar: "))
    except (OSError, ValueError):
        return None
