"""A champion beside the one before it, as a section of the version and as a record."""

from __future__ import annotations

from typing import Any

from mlops_tui.monitoring.outcomes import Standing
from mlops_tui.presenters.gates import signed
from mlops_tui.presenters.words import Cell, count, counted, one_line, state, value

TITLE = "In the shadow"
WHY = 400


def shadow_lines(standing: Standing, *, plain: bool = False) -> list[tuple[str, Cell]]:
    """How many files so far of how many, labelled rows, the difference with its interval, and the verdict in words."""
    before, outcome = f"v{standing.before.number}, the champion before", standing.outcome
    of = "" if standing.wanted is None else f" of {standing.wanted}"
    lines = [("beside", Cell(f"{before}, ran on {counted(standing.files, 'file')}{of}"))]
    if outcome is None:
        waits = "not compared yet: labels of these rows are joined by their ids when they come"
        return [
            *lines,
            ("verdict", Cell(waits if standing.files else "no file was predicted since the promotion", "dim")),
        ]
    lines.append(
        ("rows", Cell(f"{count(outcome.labelled)} of {count(outcome.rows)} have a label ({outcome.share:.0%})"))
    )
    if (left_out := _left_out(standing)) is not None:
        lines.append(("left out", Cell(left_out, "warn")))
    if outcome.difference is not None:
        figures = f"{signed(outcome.difference)}  {signed(outcome.low)} to {signed(outcome.high)}"
        lines.append(("difference", Cell(f"{figures}  {one_line(outcome.metric)}, margin {value(outcome.margin)}")))
    return [*lines, ("verdict", state(outcome.verdict, plain=plain)), ("", Cell(one_line(outcome.why, WHY), "dim"))]


def _left_out(standing: Standing) -> str | None:
    """Rows whose labels are of no use, if there are any."""
    outcome = standing.outcome
    if outcome is None or not (outcome.conflicting or outcome.strange):
        return None
    told = [f"{counted(outcome.conflicting, 'row')} with different labels"] if outcome.conflicting else []
    told += [f"{counted(outcome.strange, 'row')} with a label that it does not know"] if outcome.strange else []
    return ", ".join(told)


def shadow_record(standing: Standing) -> dict[str, Any]:
    """As JSON prints it; what is only known once it was compared is None before."""
    outcome = standing.outcome
    counts = ("rows", "labelled", "share", "compared", "conflicting", "strange", "unknown")
    figures = ("metric", "difference", "margin", "verdict", "why", "labels", "at")
    bounds = None if outcome is None or outcome.low is None else [outcome.low, outcome.high]
    return {
        "model": standing.version.model,
        "version": standing.version.number,
        "before": standing.before.number,
        "files": standing.files,
        "of": standing.wanted,
        **{name: None if outcome is None else getattr(outcome, name) for name in (*counts, *figures)},
        "interval": bounds,
    }
