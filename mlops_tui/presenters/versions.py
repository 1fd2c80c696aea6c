"""Versions of a source as rows, and how two of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from mlops_tui.core.printable import printable
from mlops_tui.data.lineage import Change
from mlops_tui.data.model import SourceVersion
from mlops_tui.presenters.checks import change_words
from mlops_tui.presenters.words import Cell, age, count, one_line, size

NAMES = 60
"""Characters of new or vanished categories that are shown."""


class VersionLine(NamedTuple):
    """A version, its tags, and what made it another than the one before."""

    version: SourceVersion
    tags: tuple[str, ...]
    change: Change


def version_cells(line: VersionLine, now: float) -> tuple[Cell, ...]:
    """Number, tags, age, files, rows, size, what changed, hash."""
    version = line.version
    return (
        Cell(f"v{version.number}", "strong"),
        Cell(", ".join(map(printable, line.tags)), "accent"),
        Cell(age(version.created, now), "dim"),
        Cell(count(version.files)),
        Cell(count(version.rows)),
        Cell(size(version.bytes)),
        Cell(one_line(change_words(asdict(line.change)), 200)),
        Cell(version.hash[:12], "dim"),
    )


def version_line(line: VersionLine) -> str:
    """What made a version, in full."""
    return f"v{line.version.number}: {one_line(change_words(asdict(line.change)), 400)}"


def difference_lines(told: Mapping[str, Any]) -> list[str]:
    """What two versions hold: how much of it, and which files came and went."""
    before, after = told["before"], told["after"]
    parts = [f"{name} {count(before[name])} → {count(after[name])}" for name in ("files", "rows")]
    parts.append(f"size {size(before['bytes'])} → {size(after['bytes'])}")
    return [" · ".join(parts), one_line(change_words(told["files"]), 400)]


def difference_cells(column: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Name, kind, what moved, new categories, vanished ones."""
    return (
        Cell(printable(column["name"])),
        Cell(column["kind"], "dim"),
        Cell(one_line(column["how_much"]), "warn") if column["moved"] else Cell("as before", "dim"),
        Cell(_few(column["new"]), "accent"),
        Cell(_few(column["vanished"]), "dim"),
    )


def _few(values: Sequence[str] | None) -> str:
    return one_line(", ".join(value or "''" for value in values or ()), NAMES)
