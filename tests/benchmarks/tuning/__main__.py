"""`python -m tests.benchmarks.tuning`: cells of table × seed, kept in a file as they are done, and the verdict.

Run again it goes on where it was; `--seconds`, `--tables` and `--seeds` say how much, `--file` where else they are kept.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mlops_tui.bootstrap import open_services
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from tests.benchmarks.tuning.tables import NAMES, table
from tests.benchmarks.tuning.telling import SIDES, Cell, keep, kept, line, markdown

ROOT = Path(__file__).parents[3]
CELLS = Path(__file__).with_name("cells.jsonl")
"""Those whose table is in docs/benchmarks.md."""


def main() -> None:
    """Runs the cells that are not there yet and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.tuning", description=__doc__)
    parser.add_argument("--file", type=Path, default=CELLS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tables", default=",".join(NAMES))
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--families", default="")
    given = parser.parse_args()
    there = {(cell.name, cell.seed, cell.seconds): cell for cell in kept(given.file)}
    cells = []
    for seed in map(int, given.seeds.split(",")):
        for name in given.tables.split(","):
            cell = there.get((name, seed, given.seconds))
            if cell is None:
                sides = {side: run(name, seed, side, given.seconds, given.families) for side in SIDES}
                today = datetime.datetime.now(datetime.UTC).date().isoformat()
                cell = Cell(name, seed, given.seconds, today, **sides)
                keep(given.file, cell)
            cells.append(cell)
            print(line(cell), flush=True)
    print(f"\n{markdown(cells)}")


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
        with services.store.write() as writing:  # so that each side of a cell holds out the same rows
            writing.execute("UPDATE source SET salt = ?", (f"{name}-{seed}",))
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


if __name__ == "__main__":
    main()
