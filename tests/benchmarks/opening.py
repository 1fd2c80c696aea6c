"""How long a screen takes to open, in the program in a terminal."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.benchmarks.place import OURS, Place
from tests.benchmarks.terminal import opened

TIMES = 4


def milliseconds_to_open(place: Place, root: Path, key: str, words: str) -> float:
    """From the key that goes there for the first time to the words that the screen shows: the median of a few programs."""
    seconds = []
    for _ in range(TIMES):
        with opened([OURS, "--workspace", str(root)], place.environment) as terminal:
            terminal.wait_for("Activity")
            terminal.rest()
            seconds.append(terminal.seconds_to(key, words))
        place.reference.take()
    return statistics.median(seconds) * 1000
