"""Sources with files, profiles and drift reports, made by the code that workers run."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from mlops_tui.bootstrap import Services
from mlops_tui.core.ids import new_id
from mlops_tui.store.store import Store
from tests.living import Living

HEADER = ("loan", "age", "income", "channel", "defaulted")


def write_rows(path: Path, rows: int, *, seed: int, older: int = 0, header: tuple[str, ...] = HEADER) -> None:
    """A file of loans; `older` adds that many years to every age."""
    draw = random.Random(seed)
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in range(rows):
            age = draw.randint(20, 60)
            income = "" if draw.random() < 0.1 else round(draw.lognormvariate(10, 0.4), 2)
            channel = draw.choice(["online", "online", "branch", "broker"])
            loan = f"L{seed:02d}{row:05d}"
            writer.writerow((loan, age + older, income, channel, int(draw.random() < 0.3))[: len(header)])


def make_loans(root: Path) -> Living:
    """A training source, a live one with three months of which the second drifts, a file that is quarantined, an empty
    source of labels; the first three months are compared with training.
    """
    root.mkdir()
    living = Living(root)
    write_rows(root / "loans.csv", 400, seed=1)
    for month, older in ((1, 0), (2, 25), (3, 0)):
        write_rows(root / "months" / f"2026-{month:02d}.csv", 300, seed=10 + month, older=older)
    (root / "outcomes").mkdir()
    sources = living.services.sources
    sources.add(root / "loans.csv", name="loans", target="defaulted", id_column="loan")
    sources.add(root / "months", name="months", role="live", pattern="2026-*.csv", id_column="loan")
    sources.add(root / "outcomes", name="outcomes", role="labels")
    living.do("scan", {"sources": None})
    write_rows(root / "months" / "2026-04.csv", 300, seed=14, header=HEADER[:3])
    living.do("scan", {"sources": None})
    windows = [f"2026-{month:02d}.csv" for month in (1, 2, 3)]
    living.do("drift", living.services.monitoring.plan("months", current=windows)[1])
    with living.store.write() as writing:  # as recent in a kept screen as when it was made, and as known in a copy
        writing.execute("UPDATE source_file SET seen_at = '2100-01-01T00:00:00.000000Z', ctime_ns = NULL")
    return living


def compare_together(root: Path, window: str) -> None:
    """Compares a window of that workspace's live source with training."""
    living = Living(root)
    living.do("drift", living.services.monitoring.plan("months", current=[window])[1])
    living.close()


def as_if_just_come(services: Services) -> None:
    """When a file came is told by its id: it is as recent in a kept screen as when that was made."""
    later = new_id(4_102_444_800_000)[:10]  # the year 2100
    with services.store.write() as writing:
        writing.execute("PRAGMA defer_foreign_keys = ON")
        writing.execute("UPDATE source_file SET id = ? || substr(id, 11)", (later,))
        writing.execute("UPDATE file_finding SET file_id = ? || substr(file_id, 11)", (later,))


def only_looked_at(services: Services) -> Services:
    """The same workspace as it opens from a medium that cannot be written."""
    store = Store(services.workspace, read_only=True, why_read_only="its folder cannot be written")
    return Services(services.workspace, services.settings, store)
