"""What the gates will be able to tell, before a study is begun: how many rows are held out, and how often they tell a margin."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass

from mlops_tui.data.model import Source
from mlops_tui.data.query import list_versions
from mlops_tui.evaluation.power import power, rows_needed, spread_of

ALIKE = 0.1
"""Without a comparison on the source: two models that disagree on so many of the rows."""


@dataclass(frozen=True, slots=True)
class Power:
    """`rows` are held out, of which `needed` would tell `margin` in four cases of five, None where no number would; `share` is how often these do. `is_measured` says
    that the spread is that of an earlier comparison on this source.
    """

    rows: int
    margin: float
    share: float
    needed: int | None
    is_measured: bool


def power_of(connection: sqlite3.Connection, source: Source, metric: str, *, share: float, margin: float) -> Power:
    """The power of the gate that compares with the champion, by a metric, where both are as good: one-sided, at 95 %."""
    spread, measured = _spread(connection, source.id, metric, margin)
    rows = _held_out(connection, source, share)
    limit = measured or margin
    return Power(rows, limit, power(rows, limit, spread), rows_needed(spread, limit), measured is not None)


def _held_out(connection: sqlite3.Connection, source: Source, share: float) -> int:
    row = connection.execute(
        "SELECT held_out_rows FROM study WHERE source_id = ? AND held_out_rows IS NOT NULL AND version = ?"
        " ORDER BY created DESC LIMIT 1",
        (source.id, source.version),
    ).fetchone()
    if row is not None:
        return int(row[0])
    newest = list_versions(connection, source.id, limit=1)
    return round((newest[0].rows or 0) * share) if newest else 0


def _spread(connection: sqlite3.Connection, source_id: str, metric: str, margin: float) -> tuple[float, float | None]:
    """The spread, and the margin on the metric's own scale where an earlier gate measured it."""
    row = connection.execute(
        "SELECT g.n_needed, g.threshold FROM gate_result AS g JOIN model_version AS v ON v.id = g.version_id"
        " WHERE v.source_id = ? AND g.name = 'not_worse_than_champion' AND g.n_needed IS NOT NULL AND g.threshold > 0"
        " AND json_extract(g.evidence, '$.metric') = ? ORDER BY g.rowid DESC LIMIT 1",
        (source_id, metric),
    ).fetchone()
    if row is None:
        return math.sqrt(ALIKE), None
    wanted, threshold = row
    return spread_of(wanted, threshold), float(threshold)


def power_words(found: Power, metric: str) -> str:
    """It in one or two sentences."""
    rows = f"About {found.rows:,} rows are held out for the gates"
    told = f"tell a margin of {found.margin:.3g} in {found.share:.0%} of cases"
    if found.needed is not None:
        told += f"; {found.needed:,} rows tell it in four of five"
    if found.is_measured:
        return f"{rows}. By the last comparison here they {told} ({metric})."
    later = "" if metric == "accuracy" else f" How it is with {metric} is known once two versions were compared here."
    return f"{rows}. Of two models that disagree on one row in ten they {told} of accuracy.{later}"
