"""How far a scan is: files and bytes, told while a long file is being read too, and what is done with it in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.core.printable import printable
from mlops_tui.data.listing import Sighting
from mlops_tui.jobs.context import JobContext

WAIT_SECONDS = 0.2
TELL_SECONDS = 0.5
COUNTS = Path("/proc/self/io")
"""Where Linux says how many bytes this process has read."""
MOST = 0.95
"""What is told of a step at most before it is done."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of what is done with a file: what it is called, how often it reads the file, and how long that takes, in
    times of profiling it.
    """

    words: str
    readings: float
    takes: float


HASHING = Step("", 1.0, 0.03)
FINDING = Step("how it is read is found", 2.6, 1.1)
"""Of the first file of a source alone."""
PROFILING = Step("", 1.05, 1.0)
CHECKING = Step("its rows are held against the checks", 1.0, 0.1)
Begins = Callable[[Step], None]
"""Hears of each step of a file."""


def no_step(step: Step) -> None:
    """Tells nobody."""


ALWAYS = HASHING.takes + PROFILING.takes + CHECKING.takes


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
        self._step: Step | None = None
        self._passed = 0.0
        self._is_first = False
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

    def goes_on(self, source: str, sighting: Sighting, *, is_first: bool = False) -> bool:
        """Whether the next file is to be looked into, the `first` of its source or not; waits while the job is paused."""
        self._label = f"file {self.files + 1} of {self._sightings}: {source}: {printable(sighting.name)}"
        self._step, self._passed, self._is_first = None, 0.0, is_first
        self._read_before = bytes_read()
        self._current = sighting
        self._tell()
        while (wanted := self._context.wanted()) == "pause":
            time.sleep(WAIT_SECONDS)
        return wanted != "stop"

    @property
    def settle_seconds(self) -> float:
        """How long a file has to rest."""
        return self._context.settings.settle_seconds

    @property
    def is_ended(self) -> bool:
        """Whether the job is to end."""
        return self._context.wanted() == "stop"

    def begins(self, step: Step) -> None:
        """The next step of the current file."""
        if self._step is not None:
            self._passed += self._step.takes
        self._read_before, self._step = bytes_read(), step

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
        words = f" ({self._step.words})" if self._current and self._step and self._step.words else ""
        self._context.progress(self.bytes + self._within(), self._size, note=self._label + words)

    def _within(self) -> int:
        """About how many bytes of the current file are done, by what this process has read since its step began."""
        sighting, step, before, now = self._current, self._step, self._read_before, bytes_read()
        if sighting is None or step is None:
            return 0
        is_known = before is not None and now is not None and sighting.size > 0
        read = (now - before) / (sighting.size * step.readings) if is_known else 0.0  # type: ignore[operator]
        done = self._passed + step.takes * min(read, MOST)
        return int(sighting.size * min(done / (ALWAYS + self._is_first * FINDING.takes), 1.0))


def bytes_read() -> int | None:
    """How many bytes this process has read so far; None where the system does not say."""
    try:
        return int(COUNTS.read_text().split("\n", 1)[0].removeprefix("rchar: "))
    except (OSError, ValueError):
        return None
