"""Correlations as a heat map: a matrix of numbers with a shade for how strong each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.presenters.grid import NUMBER_KINDS
from mlops_tui.presenters.monitor import Matrix
from mlops_tui.presenters.words import MISSING, Cell, count, counted, in_middle, one_line

SHADES = ((0.7, "██"), (0.5, "▓▓"), (0.3, "▒▒"), (0.1, "░░"))
"""From which size on a correlation is shaded how."""
WEAK, STRONG = 0.1, 0.5
STRONGEST = 3
NAME = 16
"""Characters of a name where pairs are told one after the other."""

Told = Mapping[str, Any]


def heat_cell(number: float | None, *, is_self: bool = False, plain: bool = False) -> Cell:
    """A correlation shaded by its size, with its sign; dim where it is next to nothing."""
    if number is None:
        return Cell(MISSING, "dim")
    figure = f"{number:+.2f}".replace("0.", ".", 1).replace("1.00", "1.0")  # four cells, whatever the size
    if is_self or abs(number) < WEAK:
        return Cell("1" if is_self else figure, "dim")
    shade = next(blocks for least, blocks in SHADES if abs(number) >= least)
    return Cell(figure if plain else f"{shade} {figure}", "accent" if number > 0 else "warn")


def heat_matrix(told: Told, *, plain: bool = False) -> Matrix:
    """The columns by name downwards and by number across."""
    digits = len(str(len(told["columns"])))
    names = [f"{place:>{digits}} {name}" for place, name in enumerate(told["columns"], start=1)]
    cells = tuple(
        tuple(heat_cell(number, is_self=row == column, plain=plain) for column, number in enumerate(numbers))
        for row, numbers in enumerate(told["values"])
    )
    return Matrix(tuple(str(place) for place in range(1, len(names) + 1)), tuple(names), cells)


def pair_words(told: Told, row: int, column: int) -> str:
    """What the cell under the cursor says, and of whom."""
    one, other = (printable(told["columns"][place]) for place in (row, column))
    number = told["values"][row][column]
    if row == column:
        return one
    if number is None:
        return f"{one} and {other}: no correlation, since one of them does not vary where both have a value."
    size = "no" if abs(number) < WEAK else "a strong" if abs(number) >= STRONG else "a"
    more = "" if size == "no" else ": they rise together" if number > 0 else ": one falls as the other rises"
    return f"{one} and {other}: {number:+.3f}, {size} linear relation{more}."


def strongest_words(told: Told) -> str:
    """The pairs that vary together most, and on a line of its own what is left out, and why."""
    values: Sequence[Sequence[float | None]] = told["values"]
    pairs = [
        (abs(number), row, column)
        for row, numbers in enumerate(values)
        for column, number in enumerate(numbers[:row])
        if number is not None
    ]
    named = [
        f"{_name(told, column)} · {_name(told, row)} {values[row][column]:+.2f}"
        for _, row, column in sorted(pairs, reverse=True)[:STRONGEST]
    ]
    lines = [f"strongest: {', '.join(named)}"] if named else []
    return "\n".join([*lines, *_left_out(told.get("left_out") or ())])


def _name(told: Told, place: int) -> str:
    return in_middle(printable(told["columns"][place]), NAME)


def _left_out(columns: Sequence[Mapping[str, str]]) -> list[str]:
    """Who is left out, by the reason that several share."""
    by_why: dict[str, list[str]] = {}
    for item in columns:
        by_why.setdefault(one_line(item["why"]), []).append(in_middle(printable(item["column"]), NAME))
    said = [f"{_some(names)} ({why})" for why, names in by_why.items()]
    return [f"left out: {', '.join(said)}"] if said else []


def _some(names: Sequence[str]) -> str:
    more = f" and {counted(len(names) - STRONGEST, 'other')}" if len(names) > STRONGEST else ""
    return f"{', '.join(names[:STRONGEST])}{more}"


def told_of(told: Mapping[str, Any], kinds: Mapping[str, str]) -> str:
    """Which version it is, how many rows, and of very many columns how many are told in pairs."""
    columns, numbers = len(told["columns"]), sum(kind in NUMBER_KINDS for kind in kinds.values())
    part = f" · {count(columns)} of {counted(numbers, 'numeric column')}" if columns < numbers else ""
    return f"v{told['version']} · {counted(told['rows'], 'row')}{part}"
