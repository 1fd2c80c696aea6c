"""How soon something is on the terminal: the first frame, and the Runs screen on 100,000 runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.bare_app import TITLE
from tests.benchmarks.measuring import Figure, interleaved, milliseconds
from tests.benchmarks.place import OURS, RUNS, Place
from tests.benchmarks.terminal import opened

BARE = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
NEWEST = f"run-{RUNS - 1}"
TIMES = 9


def figures(place: Place) -> list[Figure]:
    """Both, as multiples of the bare app's first frame."""
    with place.workspace("empty") as services:
        empty = [OURS, "--workspace", str(services.workspace.root)]
    many = [OURS, "--workspace", str(place.many_runs())]
    sides = {
        "bare": lambda: _until(place, BARE, TITLE),
        "ours": lambda: _until(place, empty, "mlops-tui  "),
        "runs": lambda: _until(place, many, "mlops-tui  ", NEWEST),
    }
    taken = interleaved(sides, TIMES)
    place.reference.take()
    bare = f"a bare Textual app {milliseconds(taken['bare'])}"
    return [
        Figure("first frame", taken["ours"] / taken["bare"], "×", 1.3, f"{milliseconds(taken['ours'])}; {bare}"),
        Figure(
            "Runs filled from 100,000",
            taken["runs"] / taken["bare"],
            "×",
            1.8,
            f"{milliseconds(taken['runs'])} with its start, key 4 pressed at the first frame; {bare}",
        ),
    ]


def _until(place: Place, arguments: Sequence[str], header: str, row: str | None = None) -> float:
    """Seconds from the start to the frame with the header's words; to the row's, where one is named."""
    with opened(arguments, place.environment) as terminal:
        moment = terminal.wait_for(header)
        if row is not None:
            terminal.press("4")
            moment = terminal.wait_for(row)
        return moment - terminal.started
