"""`python -m tests.benchmarks.tuning FOLDER`: cells of table × seed, kept in FOLDER as they are done, and the verdict.

Run again it goes on where it was; `--seconds`, `--tables` and `--seeds` say how much.
"""

from __future__ import annotations

import argparse
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
from tests.benchmarks.tuning.telling import SIDES, Cell, line, markdown, place

ROOT = Path(__file__).parents[3]


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
    cells = []
    for seed in map(int, given.seeds.split(",")):
        for name in given.tables.split(","):
            for side in SIDES:
                path = place(given.folder, name, seed, side, given.seconds)
                if not path.exists():
                    path.write_text(json.dumps(run(name, seed, side, given.seconds, given.families)))
            cells.append(Cell.read(given.folder, name, seed, given.seconds))
            print(line(cells[-1]), flush=True)
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
