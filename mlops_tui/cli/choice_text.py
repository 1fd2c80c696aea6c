"""What a study's kept predictions tell, as a person reads it in a terminal and as a script does."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from shlex import quote
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.presenters.analysis import (
    calibration_rows,
    calibration_words,
    ensemble_words,
    members_words,
    threshold_words,
    worst_first,
)
from mlops_tui.presenters.words import count, value
from mlops_tui.runs.query import get_run
from mlops_tui.tuning.analysis import analysis_of, ensemble_of
from mlops_tui.tuning.model import Study


def record(reader: sqlite3.Connection, study: Study) -> dict[str, Any]:
    """The keys of a study's JSON that are about it."""
    ensemble, found = ensemble_of(reader, study.id), analysis_of(reader, study.id)
    return {
        "ensemble": ensemble and asdict(ensemble),
        "analysis": found and asdict(found),
    }


def lines(reader: sqlite3.Connection, study: Study, source: str, *, slices: bool) -> list[str]:
    """An ensemble, thresholds and calibration in sentences; with `slices` also the bins and the slices as tables."""
    ensemble, found = ensemble_of(reader, study.id), analysis_of(reader, study.id)
    told = ensemble_words(ensemble, study.metric)
    if ensemble is not None and ensemble.run_id is not None:
        run = quote(get_run(reader, ensemble.run_id).name)
        told.append(f"Its members: {members_words(ensemble)}.")
        told.append(f"Register it with: mlops-tui models register {run} --name {quote(source)}")
    if found is None:
        return told
    told += [threshold_words(one) for one in found.thresholds]
    if found.calibration is not None:
        told.append(calibration_words(found.calibration))
    if not slices:
        return told
    if found.calibration is not None:
        told.append(table(("probability", "rows"), calibration_rows(found.calibration, plain=True)))
    rows = [
        (one.column, one.value, count(one.rows), value(one.metric))
        for one in worst_first(found.slices, study.direction)
    ]
    told.append(table(("column", "value", "rows", study.metric), rows, right=("rows", study.metric), empty=NO_SLICES))
    return told


NO_SLICES = "No column of categories has a value with 50 rows or more."
