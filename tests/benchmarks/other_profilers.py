"""What taking a file in costs beside profilers that others use, each in an environment of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.benchmarks.environment import installed
from tests.benchmarks.measuring import Figure, NotCompared
from tests.benchmarks.mixed_table import write
from tests.benchmarks.place import Place
from tests.benchmarks.taking_in import in_process

TIMES_FASTER = 10.0

_TIMED = """
import sys, time
import pandas
{imports}
begun = time.perf_counter()
frame = pandas.read_csv(sys.argv[1])
{work}
print(time.perf_counter() - begun)
"""
PROFILERS = {
    "ydata-profiling, minimal": (
        ["ydata-profiling", "setuptools<81"],
        _TIMED.format(
            imports="from ydata_profiling import ProfileReport",
            work="ProfileReport(frame, minimal=True, progress_bar=False).get_description()",
        ),
    ),
    "whylogs": (["whylogs"], _TIMED.format(imports="import whylogs", work="whylogs.log(frame).view()")),
}
QUIET = {"YDATA_PROFILING_NO_ANALYTICS": "True", "WHYLOGS_NO_ANALYTICS": "True"}


def figures(place: Place) -> list[Figure | NotCompared]:
    """How many times faster 1,000,000 rows of 20 columns of CSV are taken in; each side once, since others take minutes."""
    path, _ = write(place.folder)
    in_process(place, "take in", path, [])
    found: list[Figure | NotCompared] = []
    for name, (packages, script) in PROFILERS.items():
        what = f"faster than {name}"
        python = installed(packages)
        if python is None:
            found.append(NotCompared(what, f"{packages[0]} does not install here"))
            continue
        ours = in_process(place, "take in", path, [])
        theirs = _seconds(place, python, script, path)
        if theirs is None:
            found.append(NotCompared(what, f"{packages[0]} does not run here"))
        else:
            beside = f"{theirs:.1f} s; taken in in {ours:.2f} s"
            found.append(Figure(what, theirs / ours, "×", TIMES_FASTER, beside, at_least=True))
    return found


def _seconds(place: Place, python: Path, script: str, path: Path) -> float | None:
    command = [str(python), "-W", "ignore", "-c", script, str(path)]
    try:
        done = subprocess.run(
            command, env=place.environment | QUIET, check=True, capture_output=True, text=True, timeout=900
        )
    except subprocess.SubprocessError:
        return None
    return float(done.stdout.split()[-1])
