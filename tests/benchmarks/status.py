"""What the command line costs before it says anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from tests.benchmarks.measuring import Figure, interleaved, milliseconds, seconds_of
from tests.benchmarks.place import OURS, Place

TIMES = 11
RUNS = 1_000


def figures(place: Place) -> list[Figure]:
    """`status --json` of a workspace with a thousand runs, as a multiple of importing Typer."""
    with place.workspace("some-runs", runs=RUNS) as services:
        root = str(services.workspace.root)
    sides = {
        "typer": lambda: _run(place, [sys.executable, "-c", "import typer"]),
        "status": lambda: _run(place, [OURS, "--workspace", root, "status", "--json"]),
    }
    taken = interleaved(sides, TIMES)
    place.reference.take()
    beside = f"{milliseconds(taken['status'])}; python -c 'import typer' {milliseconds(taken['typer'])}"
    return [Figure("status --json", taken["status"] / taken["typer"], "×", 3, beside)]


def _run(place: Place, arguments: Sequence[str]) -> float:
    return seconds_of(
        lambda: subprocess.run(arguments, env=place.environment, check=True, capture_output=True, timeout=60)
    )
