"""Runs as rows and as sections of one run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from mlops_tui.core.ids import short
from mlops_tui.presenters.words import MISSING, Cell, age, between, duration, one_line, state, value
from mlops_tui.runs.model import Run

Section = tuple[str, list[tuple[str, Cell]]]


def metric_cell(run: Run, key: str) -> Cell:
    """A run's last value of a metric; what is not a number says so."""
    if key not in run.metrics:
        return Cell(MISSING, "dim")
    number = run.metrics[key]
    return Cell(value(number), "" if math.isfinite(number) else "warn")


def param_cell(run: Run, key: str) -> Cell:
    """A run's value of a parameter."""
    if key not in run.params:
        return Cell(MISSING, "dim")
    found = run.params[key]
    return Cell(value(found) if isinstance(found, float) else one_line(str(found)))


def run_cells(
    run: Run, metrics: Sequence[str], params: Sequence[str], now: float, *, plain: bool = False
) -> tuple[Cell, ...]:
    """Name, status, the metrics, the parameters, experiment, started, duration, id."""
    return (
        Cell(one_line(run.name)),
        state(run.status, plain=plain),
        *(metric_cell(run, key) for key in metrics),
        *(param_cell(run, key) for key in params),
        Cell(one_line(run.experiment), "dim"),
        Cell(age(run.started, now), "dim"),
        Cell(duration(_took(run, now)), "dim"),
        Cell(short(run.id), "dim"),
    )


def _took(run: Run, now: float) -> float | None:
    if run.ended is None and run.status != "running":
        return None  # nobody saw the end
    return between(run.started, run.ended, now)


def code_words(run: Run) -> str | None:
    """The commit that a run's code was at, and whether it was as it was committed; None where it is not known."""
    if run.commit_hash is None:
        return None
    branch = f" on {one_line(run.branch)}" if run.branch else ""
    changed = ", with changes that were not committed" if run.is_dirty else ""
    return f"commit {run.commit_hash[:10]}{branch}{changed}"


def run_sections(run: Run, now: float, *, plain: bool = False) -> list[Section]:
    """Everything about one run, by section; the first section has no title."""
    about = [
        ("status", state(run.status, plain=plain)),
        ("experiment", Cell(one_line(run.experiment))),
        ("started", Cell(f"{run.started[:19].replace('T', ' ')} UTC  {age(run.started, now)}")),
        ("took", Cell(duration(_took(run, now)))),
        ("logged by", Cell(run.origin)),
        ("id", Cell(run.id, "dim")),
    ]
    if run.command:
        about.append(("command", Cell(one_line(run.command, 500))))
    if code := code_words(run):
        about.append(("code", Cell(code)))
    if run.note:
        about.append(("note", Cell(one_line(run.note, 2000))))
    sections: list[Section] = [("", about)]
    if run.metrics:
        sections.append(("Metrics", [(one_line(key), metric_cell(run, key)) for key in sorted(run.metrics)]))
    if run.params:
        sections.append(("Parameters", [(one_line(key), param_cell(run, key)) for key in sorted(run.params)]))
    if run.tags:
        sections.append(("Tags", [(one_line(key), Cell(one_line(run.tags[key]))) for key in sorted(run.tags)]))
    return sections


def frequent_keys(runs: Sequence[Run], limit: int) -> tuple[list[str], list[str]]:
    """The metrics and the parameters that most of the runs have, at most `limit` of each, in alphabetical order."""
    metrics = Counter(key for run in runs for key in run.metrics)
    params = Counter(key for run in runs for key in run.params)
    return _commonest(metrics, limit), _commonest(params, limit)


def _commonest(counts: Counter[str], limit: int) -> list[str]:
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    return sorted(ranked[:limit])
