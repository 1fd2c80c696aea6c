"""Everything about one run, by section."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlops_tui.evaluation.metrics import MAXIMIZE, MINIMIZE, direction_by_name
from mlops_tui.overview.lineage import UNKNOWN, Lineage, MadeOf
from mlops_tui.plot.spark import sparkline
from mlops_tui.presenters.beside import by_weight
from mlops_tui.presenters.run_columns import key_cell, took
from mlops_tui.presenters.words import Cell, age, counted, duration, one_line, size, state, value
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.curves import Course
from mlops_tui.runs.expression import Name
from mlops_tui.runs.input import Input
from mlops_tui.runs.model import Run

COURSE = 24
"""Cells of a sparkline."""
Section = tuple[str, list[tuple[str, Cell]]]


def code_words(run: Run) -> str | None:
    """The commit that a run's code was at, and whether it was as it was committed; None where it is not known."""
    if run.commit_hash is None:
        return None
    branch = f" on {one_line(run.branch)}" if run.branch else ""
    changed = ", with changes that were not committed" if run.is_dirty else ""
    return f"commit {run.commit_hash[:10]}{branch}{changed}"


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to a run beside what every list reads: its metrics' courses and its usage's, its data with the sources that
    know it, its files, id, name and status of the runs within it, and why it ended as it did.
    """

    courses: Mapping[str, Course] = field(default_factory=dict)
    usage: Mapping[str, Course] = field(default_factory=dict)
    inputs: Sequence[tuple[Input, Sequence[str]]] = ()
    artifacts: Sequence[Artifact] = ()
    within: Sequence[tuple[str, str, str]] = ()
    parent: str | None = None
    why: str | None = None
    lineage: Lineage = UNKNOWN


NOTHING = Belongings()


def run_sections(
    run: Run, now: float, owned: Belongings = NOTHING, *, plain: bool = False, symbols: str = "braille"
) -> list[Section]:
    """Everything about one run, by section; the first section has no title."""
    about = [
        ("status", state(run.status, plain=plain)),
        ("experiment", Cell(one_line(run.experiment))),
        ("started", Cell(f"{run.started[:19].replace('T', ' ')} UTC  {age(run.started, now)}")),
        ("took", Cell(duration(took(run, now)))),
        ("logged by", Cell(run.origin)),
        ("id", Cell(run.id, "dim")),
    ]
    if owned.why:
        about.insert(1, ("why", Cell(one_line(owned.why, 2000))))
    if owned.parent:
        about.append(("within", Cell(one_line(owned.parent))))
    if run.command:
        about.append(("command", Cell(one_line(run.command, 500))))
    if code := code_words(run):
        about.append(("code", Cell(code)))
    if run.note:
        about.append(("note", Cell(one_line(run.note, 2000))))
    sections: list[Section] = [("", about)]
    if way := lineage_lines(owned.lineage, now):
        sections.append(("Lineage", way))
    if run.metrics:
        sections.append(("Metrics", _metrics(run, owned.courses, symbols)))
    if run.params:
        sections.append(
            ("Parameters", [(one_line(key), key_cell(run, Name("params", key))) for key in sorted(run.params)])
        )
    if run.tags:
        sections.append(("Tags", [(one_line(key), Cell(one_line(run.tags[key]))) for key in sorted(run.tags)]))
    if owned.inputs:
        sections.append(("Data", [_input(given, sources) for given, sources in owned.inputs]))
    if owned.artifacts:
        sections.append(
            (
                "Files",
                [(one_line(one.name), Cell(f"{size(one.size):>9}  {one.kind}", "dim")) for one in owned.artifacts],
            )
        )
    if owned.within:
        sections.append(
            ("Within it", [(one_line(name), state(status, plain=plain)) for _, name, status in owned.within])
        )
    if owned.usage:
        sections.append(("Machine", [_usage(key, found, symbols) for key, found in sorted(owned.usage.items())]))
    return sections


def lineage_lines(found: Lineage, now: float) -> list[tuple[str, Cell]]:
    """Where a run is from, and what became of it; nothing of one that neither is known of."""
    lines = []
    if found.source is not None:
        target = f", target {one_line(found.target)}" if found.target else ""
        lines.append(("source", Cell(f"{one_line(found.source)} version {found.version}{target}")))
    if found.study is not None:
        trial = "" if found.trial is None else f", trial {found.trial}"
        lines.append(("study", Cell(f"{one_line(found.study)}{trial}")))
    for made in found.models:
        lines.append(("model", Cell(f"{one_line(made.model)} version {made.version}{_aliases(made)}", "strong")))
        if made.files:
            rows = f"{counted(made.files, 'file')}, {made.rows:,} rows, the last {age(made.last, now)}"
            lines.append(("predicted", Cell(rows)))
    return lines


def _aliases(made: MadeOf) -> str:
    return f"  {', '.join(map(one_line, made.aliases))}" if made.aliases else ""


def _metrics(run: Run, courses: Mapping[str, Course], symbols: str) -> list[tuple[str, Cell]]:
    """The last value of each; beside one that has a course that, and the best where its name tells which way that is."""
    width = max(len(key_cell(run, Name("metrics", key)).text) for key in run.metrics)
    rows = []
    for key in sorted(run.metrics):
        shown, found = key_cell(run, Name("metrics", key)), courses.get(key)
        if found is None:
            rows.append((one_line(key), shown._replace(text=shown.text.rjust(width))))
            continue
        way = direction_by_name(key)
        best = {MAXIMIZE: found.greatest, MINIMIZE: found.least}.get(way or "")
        words = f"{shown.text:>{width}}  {sparkline(found.values, COURSE, symbols=symbols)}"
        rows.append((one_line(key), shown._replace(text=words if best is None else f"{words}  best {value(best)}")))
    return rows


def _input(given: Input, sources: Sequence[str]) -> tuple[str, Cell]:
    parts = [one_line(given.name)]
    if given.rows is not None:
        parts.append(f"{given.rows:,} rows")
    if given.columns and given.kind != "array":
        parts.append(counted(len(given.columns), "column"))
    parts.append(f"source {', '.join(map(one_line, sources))}" if sources else given.hash[:10])
    return given.role, Cell("  ".join(parts))


def _usage(key: str, found: Course, symbols: str) -> tuple[str, Cell]:
    """What it took: the course, and the most of it."""
    name = key.removeprefix("usage/").replace("_", " ")
    most = max((one for one in (*found.values, found.greatest or 0.0) if math.isfinite(one)), default=0.0)
    told = size(int(most)) if name.endswith("memory") else f"{most:.0%}" if name == "gpu" else f"{most:.1f} cores"
    return name, Cell(f"{sparkline(found.values, COURSE, symbols=symbols)}  at most {told}", "dim")


def frequent_keys(runs: Sequence[Run], limit: int) -> tuple[list[str], list[str]]:
    """The metrics and the parameters that most of the runs have, at most `limit` of each: metrics as `by_weight` has them,
    parameters in alphabetical order.
    """
    metrics = Counter(key for run in runs for key in run.metrics)
    params = Counter(key for run in runs for key in run.params)
    return sorted(_commonest(metrics, limit), key=by_weight), sorted(_commonest(params, limit))


def _commonest(counts: Counter[str], limit: int) -> list[str]:
    return sorted(counts, key=lambda key: (-counts[key], by_weight(key)))[:limit]
