"""The whole life cycle on the sample data, by one command."""

from __future__ import annotations

import json
import subprocess

from tests.benchmarks.measuring import Figure, seconds_of
from tests.benchmarks.place import OURS, Place
from tests.processes import processes_of

LIMIT_SECONDS = 90


def figures(place: Place) -> list[Figure]:
    """Seconds of `demo --headless --json` in a folder of its own, once; no process may be left behind."""
    root = place.folder / "demo"
    printed: list[str] = []
    taken = seconds_of(lambda: printed.append(_run(place, str(root))))
    place.reference.take()
    assert not processes_of(root), "the demo left a process behind"
    made = json.loads(printed[0])
    beside = f"{made['study']['trials']} trials, champion: {'yes' if made['promotion']['promoted'] else 'no'}, {len(made['drift'])} months checked for drift"
    return [Figure("demo --headless", taken, "s", LIMIT_SECONDS, beside)]


def _run(place: Place, root: str) -> str:
    command = [OURS, "demo", root, "--headless", "--json"]
    done = subprocess.run(command, env=place.environment, check=True, capture_output=True, text=True, timeout=600)
    return done.stdout
