"""A source's whole history: 500 files compared with one reference, and what a heat map of many reports is read and opened in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.monitoring.query import heat_map
from mlops_tui.store.store import Store
from tests.benchmarks.measuring import Figure, interleaved, milliseconds, seconds_of
from tests.benchmarks.opening import milliseconds_to_open
from tests.benchmarks.place import Place
from tests.living import Living

FILES, FILE_ROWS, NUMBERS, CATEGORIES = 500, 1_000, 13, 7
REPORTS, COLUMNS, SHOWN = 1_000, 50, 100
MANY_COLUMNS = 200
TIMES = 9


def figures(place: Place) -> list[Figure]:
    """The seconds that 500 files take as chunks, the milliseconds of the newest 100 of 1,000 reports of 50 columns, and those until the
    screen shows 100 files of 200 columns.
    """
    living = Living(place.folder / "histories")
    try:
        figures = [_chunks(place, living), _heat_map(place, living)]
        source = living.services.sources.add(living.root / "live", name="wide", role="live", pattern="*.none").id
        _fill(living.store, _payload(living.store), SHOWN, columns=MANY_COLUMNS, source=source)
    finally:
        living.close()
    taken = milliseconds_to_open(place, living.root, "7", "by effect")
    beside = f"{SHOWN} files of {MANY_COLUMNS} columns, until they are on the screen"
    return [*figures, Figure("heat map opens", taken, "ms", 300, beside)]


def _chunks(place: Place, living: Living) -> Figure:
    """The work of the job alone: looking up, merging, comparing and keeping 500 files of 20 columns."""
    _write(living.root / "training", 20, seed=1)
    _write(living.root / "live", FILES, seed=2)
    living.services.sources.add(living.root / "training", name="training")
    living.services.sources.add(living.root / "live", name="live", role="live")
    living.do("scan", {"sources": None})
    place.reference.take()
    rows = f"{FILES} files of {FILE_ROWS:,} rows and {NUMBERS + CATEGORIES} columns"
    spec = living.services.monitoring.plan("live", chunks="file")[1]
    asked = seconds_of(lambda: living.services.monitoring.plan("live", chunks="file"))
    taken = seconds_of(lambda: living.do("drift", spec))
    place.reference.take()
    return Figure("chunks by file", taken, "s", 60, f"{rows}; looking them up {milliseconds(asked)}")


def _write(folder: Path, files: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    folder.mkdir()
    for file in range(files):
        columns = {f"x{place}": draw.normal(size=FILE_ROWS).round(4) for place in range(NUMBERS)}
        columns |= {f"c{place}": draw.choice(list("abcdefgh"), FILE_ROWS) for place in range(CATEGORIES)}
        pd.DataFrame(columns).to_csv(folder / f"{file:04d}.csv", index=False)


def _heat_map(place: Place, living: Living) -> Figure:
    """What is shown costs the same where ten times as many reports are kept."""
    payload = _payload(living.store)
    few, many = _fill(living.store, payload, SHOWN), _fill(living.store, payload, REPORTS)
    reader = living.store.reader

    def read(source: str, **more: str) -> float:
        return seconds_of(lambda: heat_map(reader, source, "training", limit=SHOWN, **more))  # type: ignore[arg-type]

    taken = interleaved(
        {"few": lambda: read(few), "many": lambda: read(many), "psi": lambda: read(many, measure="psi")}, TIMES
    )
    place.reference.take()
    beside = (
        f"the newest {SHOWN} of {REPORTS:,} reports, {COLUMNS} columns; of {SHOWN} reports {milliseconds(taken['few'])};"
        f" by another measure {milliseconds(taken['psi'])}"
    )
    return Figure("heat map", taken["many"] * 1000, "ms", 150, beside)


def _payload(store: Store) -> str:
    row = store.reader.execute("SELECT payload FROM drift_column WHERE kind = 'numeric' LIMIT 1").fetchone()
    return str(row[0])


def _fill(store: Store, payload: str, reports: int, *, columns: int = COLUMNS, source: str | None = None) -> str:
    """So many reports of a source, with figures and pictures as real ones have them; returns the source's id."""
    source = source or new_id()
    effect = json.loads(payload)["wasserstein"]["value"]
    with store.write() as writing:
        for number in range(reports):
            report = new_id()
            writing.execute(
                "INSERT INTO drift_report (id, source_id, reference, current, drift, reference_rows, current_rows, why, at,"
                " unit, place) VALUES (?, ?, 'training', ?, 0, 1000, 1000, 'none', ?, 'file', ?)",
                (report, source, f"{number:05d}.csv", now(), f"{number:012.1f}"),
            )
            writing.connection.executemany(
                "INSERT INTO drift_column (report_id, position, name, kind, drift, why, payload, verdict, measure, effect)"
                " VALUES (?, ?, ?, 'numeric', 0, 'steady', ?, 'steady', 'wasserstein', ?)",
                [(report, place, f"x{place}", payload, effect) for place in range(columns)],
            )
    return source
