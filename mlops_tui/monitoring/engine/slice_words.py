"""Drift by slice in sentences: of one slice, of all, and of what was read for it."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.engine.compare import too_few
from mlops_tui.monitoring.engine.slice_sides import Side
from mlops_tui.monitoring.model import ColumnDrift
from mlops_tui.monitoring.slices import Asked, SliceDrift, how_to_declare

NAMED = 3
"""So many slices are named in a sentence."""


def sentence(
    sizes: tuple[int, int], shares: tuple[float, float], columns: Sequence[ColumnDrift], alone: Sequence[str]
) -> str:
    """Why a slice of so many reference and current rows is told as it is."""
    if not sizes[0]:
        return f"new: {shares[1]:.1%} of the current rows, none of the reference"
    if not sizes[1]:
        return f"gone: {shares[0]:.1%} of the reference rows, none of the current ones"
    if few := too_few(*sizes, "rows"):
        return few
    judged = [column for column in columns if column.drift is not None]
    moved = [column for column in judged if column.drift]
    if not judged:
        return "cannot tell: none of its columns could be compared"
    if not moved:
        return f"none of {len(judged)} columns drifts"
    said = f"{len(moved)} of {len(judged)} columns {'drifts' if len(moved) == 1 else 'drift'}"
    return said + (f", and in the whole {'does' if len(alone) == 1 else 'do'} not: {_listed(alone)}" if alone else "")


def why(asked: Asked, found: Sequence[SliceDrift]) -> str:
    """What came of all slices."""
    told, by = [one for one in found if one.drift is not None], printable(asked.text)
    moved, alone = [one for one in told if one.drift], [one for one in told if one.alone]
    if not told:
        said = f"no slice by {by} could be compared"
    elif not moved:
        said = f"no column drifts in {f'any of {len(told)} slices' if len(told) > 1 else 'the slice'} by {by}"
    else:
        said = f"{len(moved)} of {len(told)} slices by {by} {'has' if len(moved) == 1 else 'have'} columns that drift"
    if alone:
        said += f"; in a slice alone: {_listed([f'{one.name.label} ({_listed(one.alone)})' for one in alone])}"
    for word, side in (("new", 0), ("gone", 1)):
        there = [one for one in found if not (one.reference_rows, one.current_rows)[side]]
        if there:
            said += f"; {word}: {_listed([f'{one.name.label} ({one.shares[1 - side]:.1%})' for one in there])}"
    return said


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(printable(name) for name in names[:NAMED]) + more


def notes(asked: Asked, sides: Sequence[Side]) -> tuple[str, ...]:
    """What was read, and how it need not be; which files lack the column."""
    found, by = list[str](), printable(asked.by)
    for side in sides:
        files, name = _counted(side.files_read, "file"), side.rows.source.name
        verb = "was" if side.files_read == 1 else "were"
        if side.files_read and side.is_kept:
            found.append(f"{files} of {name} {verb} read once more, and {verb} not kept by {by} before")
        elif side.files_read and asked.by in side.rows.source.slices:
            found.append(f"{files} of {name} {verb} read: rows of a rare value are kept together with those of others")
    if apart := [side for side in sides if side.files_read and asked.by not in side.rows.source.slices]:
        found.append(_undeclared(asked.by, apart))
    for side in sides:
        if lacking := side.slices.without_column():
            files, verb = _counted(len(side.rows.files), "file"), "has" if lacking == 1 else "have"
            found.append(
                f"{lacking:,} of {files} of {side.rows.source.name} {verb} no column {by}, so their rows have no value"
            )
    return tuple(found)


def _undeclared(by: str, sides: Sequence[Side]) -> str:
    """That files were read since nobody declared the column, and how that is done."""
    sources = {side.rows.source.id: side.rows.source for side in sides}
    files, names = sum(side.files_read for side in sides), " and ".join(one.name for one in sources.values())
    commands = [command for one in sources.values() if (command := how_to_declare(one, by)) is not None]
    declare = " and ".join(commands)
    how = f"to have it kept by slice: {declare}" if commands else "as many columns as can be are declared already"
    was = "was" if files == 1 else "were"
    return f"{_counted(files, 'file')} of {names} {was} read, since {printable(by)} is not declared there; {how}"


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"
