"""`python -m tests.benchmarks.tuning FOLDER`: cells of table × seed, kept in FOLDER as they are done, and the verdict.

Run again it goes on where it was; `--seconds`, `--tables` and `--seeds` say how much.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from mlops_tui.bootstrap import open_services
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from tests.benchmarks.tuning.tables import NAMES, table

ROOT = Path(__file__).parents[3]
SIDES = ("plain", "ours", "flaml")
UNREACHED = 3.0
"""A side that does not come there counts as so many times the budget."""


def main() -> None:
    """Runs the cells that are not there yet and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.tuning", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tables", default=",".join(NAMES))
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--families", default="")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    cells = [(name, int(seed)) for seed in given.seeds.split(",") for name in given.tables.split(",")]
    for name, seed in cells:
        for side in SIDES:
            path = given.folder / f"{name}-{seed}-{side}-{given.seconds:g}.json"
            if not path.exists():
                path.write_text(json.dumps(run(name, seed, side, given.seconds, given.families)))
        print(
            line(name, seed, {side: read(given.folder, name, seed, side, given.seconds) for side in SIDES}), flush=True
        )
    print(verdict(given.folder, cells, given.seconds))


def run(name: str, seed: int, side: str, seconds: float, families: str) -> dict[str, Any]:
    """One side of a cell, in a workspace of its own."""
    with tempfile.TemporaryDirectory(prefix="mlops-tui-tuning-") as folder:
        root = Path(folder).resolve()
        made = table(name, seed)
        (root / "data").mkdir()
        made.training.to_csv(root / "data" / "rows.csv", index=False)
        made.test.to_csv(root / "test.csv", index=False)
        os.utime(root / "data" / "rows.csv", (1_700_000_000, 1_700_000_000))
        migrate(create(root).store)
        services = open_services(root)
        services.sources.add(root / "data", name="s", pattern="*.csv", target="y")
        services.jobs.wait(services.jobs.start("scan", "scan", {"sources": None}))
        services.studies.create(
            "s",
            name="cell",
            seed=seed,
            trials=1_000_000,
            timeout=seconds,
            workers=2,
            families=families.split(",") if families else None,
        )
        services.close()
        command = [sys.executable, "-m", "tests.benchmarks.tuning.sides", str(root), side, str(seconds), str(seed)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def read(folder: Path, name: str, seed: int, side: str, seconds: float) -> dict[str, Any]:
    """A side that was run."""
    found: dict[str, Any] = json.loads((folder / f"{name}-{seed}-{side}-{seconds:g}.json").read_text())
    return found


def reached(plain: dict[str, Any], ours: dict[str, Any], seconds: float) -> tuple[float, float]:
    """When each side came to plain Optuna's best, less one standard error of the paired differences of the two best."""
    sign = 1.0 if plain["direction"] == "maximize" else -1.0
    differences = np.subtract(ours["folds"], plain["folds"])
    error = float(np.std(differences, ddof=1)) / math.sqrt(len(differences))
    goal = sign * plain["curve"][-1][1] - error
    times = [
        next((moment for moment, value in side["curve"] if sign * value >= goal), UNREACHED * seconds)
        for side in (plain, ours)
    ]
    return times[0], times[1]


def line(name: str, seed: int, sides: dict[str, dict[str, Any]]) -> str:
    """A cell in words."""
    plain, ours, flaml = (sides[side] for side in SIDES)
    theirs, own = reached(plain, ours, plain["curve"][-1][0])
    return (
        f"{name:<14}{seed:>2}  {plain['metric']:<9} plain {plain['curve'][-1][1]:.4f} ({plain['trials']} trials), ours"
        f" {ours['curve'][-1][1]:.4f} ({ours['trials']});  there after {theirs:5.1f} s and {own:5.1f} s;"
        f"  test {plain['test']:.4f} and {ours['test']:.4f}, FLAML {flaml['test']:.4f}"
    )


def loss(side: dict[str, Any]) -> float:
    """What the test rows say, the lower the better: of what is at most 1 how far it is from there."""
    return float(side["test"] if side["direction"] == "minimize" else 1 - side["test"])


def beyond(folder: Path, cells: list[tuple[str, int]], seconds: float, other: str) -> tuple[float, float, float]:
    """How much more our test loss is than the other's, as a share of it: the mean over tables of the mean over their seeds,
    and the ends of Student's interval of 95 %; infinite where there is one table.
    """
    shares: dict[str, list[float]] = {}
    for name, seed in cells:
        ours, theirs = (loss(read(folder, name, seed, side, seconds)) for side in ("ours", other))
        shares.setdefault(name, []).append((ours - theirs) / theirs)
    means = [statistics.mean(found) for found in shares.values()]
    middle = statistics.mean(means)
    if len(means) < 2:
        return middle, -math.inf, math.inf
    half = float(stats.t.ppf(0.975, len(means) - 1)) * statistics.stdev(means) / math.sqrt(len(means))
    return middle, middle - half, middle + half


def verdict(folder: Path, cells: list[tuple[str, int]], seconds: float) -> str:
    """The median ratio of times beside plain Optuna, and the test losses beside both."""
    ratios = []
    for name, seed in cells:
        plain, ours = (read(folder, name, seed, side, seconds) for side in ("plain", "ours"))
        theirs, own = reached(plain, ours, seconds)
        ratios.append(own / theirs)
    told = [
        f"\n{len(cells)} cells of {seconds:g} s: ours takes {statistics.median(ratios):.2f} × the time (median; ≤ 0.33)."
    ]
    for other, limit in (("plain", ""), ("flaml", " (upper end: < +1 %)")):
        middle, low, high = beyond(folder, cells, seconds, other)
        told.append(
            f"Our test loss beside that of {other}: {middle:+.2%}, 95 % between {low:+.2%} and {high:+.2%}{limit}."
        )
    return "\n".join(told)


if __name__ == "__main__":
    main()
