"""Groups of runs as rows: what they have in common, how many they are, and the mean of each metric with its spread."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from mlops_tui.presenters.words import MISSING, Cell, count, one_line, value
from mlops_tui.runs.expression import Name
from mlops_tui.runs.grouping import CONFIG, Group, Spread

LONG = 8
"""A number of more digits is rounded where there are several in a cell."""


def title_of(name: Name | str) -> str:
    """What stands above what is grouped by."""
    return name if isinstance(name, str) else one_line(name.key, 30)


def group_cell(name: Name | str, found: str | None, telling: Sequence[str] = ()) -> Cell:
    """What the runs of a group have in common; of a configuration the parameters that are `telling`, else all."""
    if found is None:
        return Cell(MISSING, "dim")
    if name != CONFIG:
        return Cell(one_line(str(found)))
    given = json.loads(found)
    keys = [key for key in telling if key in given] if telling else sorted(given)
    words = " ".join(f"{key}={_short(given[key])}" for key in keys)
    return Cell(one_line(words) or "no parameters", "" if words else "dim")


def _short(text: str) -> str:
    try:
        return f"{float(text):.4g}" if len(text) > LONG else text
    except ValueError:
        return text


def spread_cell(found: Spread | None) -> Cell:
    """A mean and its standard deviation, with as many decimals as that tells apart; of one run there is none."""
    if found is None:
        return Cell(MISSING, "dim")
    if found.deviation is None or not math.isfinite(found.deviation):
        return Cell(value(found.mean))
    if not found.deviation:
        return Cell(f"{value(found.mean)} ± 0")
    decimals = min(8, max(0, 1 - math.floor(math.log10(found.deviation))))
    if abs(found.mean) >= 1e7 or found.deviation < 1e-7:
        return Cell(f"{value(found.mean)} ± {value(found.deviation)}")
    return Cell(f"{found.mean:.{decimals}f} ± {found.deviation:.{decimals}f}")


def group_cells(
    by: Sequence[Name | str], group: Group, metrics: Sequence[str], telling: Sequence[str] = ()
) -> list[Cell]:
    """A group as a row: what it has in common, its size, its metrics; of one that not all of its runs have, of how many."""
    common = [group_cell(name, found, telling) for name, found in zip(by, group.values, strict=True)]
    return [*common, Cell(count(group.runs)), *(_of_group(group, key) for key in metrics)]


def _of_group(group: Group, key: str) -> Cell:
    found = group.metrics.get(key)
    shown = spread_cell(found)
    return shown if found is None or found.n == group.runs else Cell(f"{shown.text} of {found.n:,}", shown.tone)


def group_record(by: Sequence[Name | str], group: Group, fields: Sequence[str]) -> dict[str, object]:
    """A group for programs."""
    metrics: Mapping[str, Spread] = group.metrics
    common = {
        field: json.loads(found) if name == CONFIG and found is not None else found
        for name, field, found in zip(by, fields, group.values, strict=True)
    }
    return {
        "group": common,
        "runs": group.runs,
        "metrics": {
            key: {
                "n": one.n,
                "mean": one.mean,
                "deviation": one.deviation,
                "least": one.least,
                "greatest": one.greatest,
            }
            for key, one in sorted(metrics.items())
        },
    }
