"""Everything about one run, by section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mlops_tui.presenters.run_columns import key_cell, took
from mlops_tui.presenters.words import Cell, age, duration, one_line, state
from mlops_tui.runs.expression import Name
from mlops_tui.runs.model import Run

Section = tuple[str, list[tuple[str, Cell]]]


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
        ("took", Cell(duration(took(run, now)))),
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
        sections.append(
            ("Metrics", [(one_line(key), key_cell(run, Name("metrics", key))) for key in sorted(run.metrics)])
        )
    if run.params:
        sections.append(
            ("Parameters", [(one_line(key), key_cell(run, Name("params", key))) for key in sorted(run.params)])
        )
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
