"""A list of 100,000 runs: opened, scrolled by a page, and sorted by a metric, from the key to what it brings."""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path

from mlops_tui.runs.query import page
from tests.benchmarks.measuring import Figure, milliseconds
from tests.benchmarks.place import OURS, RUNS, Place
from tests.benchmarks.terminal import Terminal, opened

LIMIT_MS = 150
TIMES = 4
PAGES = 6
KEYS_TO_THE_METRIC = 5
"""From `started` over `took`, `id`, `name` and `status` to the first metric."""
ROWS_OF_A_DATA_TABLE = 2_000
"""Fewer than ours: Textual's table measures every cell when it is added."""


def figures(place: Place) -> list[Figure]:
    """Each in milliseconds; Textual's own table beside the opening, with fewer rows."""
    root = place.many_runs()
    with place.workspace(root.name) as services:
        best = page(services.store.reader, sort="metrics.auc", limit=1)[0].name
    taken: dict[str, list[float]] = {"open": [], "page": [], "end": [], "sort": [], "data table": []}
    for _ in range(TIMES):
        with opened([OURS, "--workspace", str(root)], place.environment) as terminal:
            _use(terminal, best, taken)
        with opened(
            [sys.executable, str(Path(__file__).with_name("bare_table.py")), str(ROWS_OF_A_DATA_TABLE)],
            place.environment,
        ) as bare:
            bare.wait_for("A bare Textual table")
            bare.rest()
            taken["data table"].append(bare.seconds_to("4", f"run-{ROWS_OF_A_DATA_TABLE - 1:05d}"))
        place.reference.take()
    median = {name: statistics.median(found) for name, found in taken.items()}
    bare_words = f"; Textual's DataTable with {ROWS_OF_A_DATA_TABLE:,} rows {milliseconds(median['data table'])}"
    return [
        Figure("100,000 runs: open", median["open"] * 1000, "ms", LIMIT_MS, f"key 4, first time{bare_words}"),
        Figure("100,000 runs: scroll a page", median["page"] * 1000, "ms", LIMIT_MS, _range(taken["page"])),
        Figure("100,000 runs: to the end", median["end"] * 1000, "ms", LIMIT_MS, _range(taken["end"])),
        Figure("100,000 runs: sort by a metric", median["sort"] * 1000, "ms", LIMIT_MS, _range(taken["sort"])),
    ]


def _use(terminal: Terminal, best: str, taken: dict[str, list[float]]) -> None:
    terminal.wait_for("Activity")
    terminal.rest()
    taken["open"].append(terminal.seconds_to("4", f"run-{RUNS - 1}"))
    terminal.rest()
    for _ in range(PAGES):
        lowest = min(int(number) for number in re.findall(r"run-(\d{5})", terminal.text()))
        taken["page"].append(terminal.seconds_to("\x1b[6~", f"run-{lowest - 1:05d}"))
        terminal.rest()
    taken["end"].append(terminal.seconds_to("G", "run-00000"))
    terminal.press("g")
    for _ in range(KEYS_TO_THE_METRIC - 1):
        terminal.rest()
        terminal.press("s")
    terminal.rest()
    taken["sort"].append(terminal.seconds_to("s", best))


def _range(taken: list[float]) -> str:
    return f"{milliseconds(min(taken))} to {milliseconds(max(taken))}"
