"""Sources, their columns and their files as rows and words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import is_about_checks
from mlops_tui.data.checkwords import noun_of
from mlops_tui.data.listing import DATA_FILES, DEEP, ending_of
from mlops_tui.data.model import GONE, QUARANTINED, TAKEN_IN, Source, SourceFile, SourceVersion
from mlops_tui.presenters.words import MISSING, Cell, Sign, age, count, counted, one_line, size, state

SOURCE_TITLES = ("source", "role", "files", "rows", "version", "arrived", "state", "target", "place", "id")
FILE_TITLES = ("file", "state", "rows", "size", "came", "reason")


SCANNING, WARNED, TAKEN, WAITING = (
    Sign("▶", ">", "accent"),
    Sign("▲", "!", "warn"),
    Sign("✓", "+", "good"),
    Sign("○", "o", "dim"),
)
DONE_WORDS = {
    "taken": "taken in",
    "gone": "gone",
    "left_out": "left out by the pattern",
    "renamed": "renamed",
    "left": "left for the next scan",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A source and how it stands: its files by state, its newest version, the last arrival, whether it is scanned, and the
    sentences about a file that should have come and about a folder that cannot be listed."""

    source: Source
    files: Mapping[str, int]
    version: SourceVersion | None
    arrived: str | None
    is_scanned: bool
    overdue: str | None = None
    trouble: str | None = None


def standing_cell(standing: Standing, *, plain: bool = False) -> Cell:
    """How a source is, by what matters most: being scanned, its folder away, files quarantined, one overdue, all in, nothing yet."""
    kept_out = standing.files.get(QUARANTINED, 0)
    if standing.is_scanned:
        return _signed(SCANNING, "scanning", plain)
    if standing.trouble:
        return _signed(WARNED, "checks broken" if is_about_checks(standing.trouble) else "unreachable", plain)
    if kept_out:
        return _signed(WARNED, f"{count(kept_out)} quarantined", plain)
    if standing.overdue:
        return _signed(WARNED, "file overdue", plain)
    if standing.files.get(TAKEN_IN):
        return _signed(TAKEN, "all taken in", plain)
    return _signed(WAITING, "no files yet", plain)


def standing_words(standing: Standing, aside: Sequence[str]) -> Cell:
    """What a person has to know of a source and may do about it: its folder cannot be listed, a file is overdue, or files
    are left aside, of which the endings are `aside`; empty where all is well."""
    if standing.trouble:
        return Cell(trouble_words(standing.source.name, standing.trouble), "warn")
    if standing.overdue:
        return Cell(one_line(standing.overdue, 400), "warn")
    return Cell(unread_words(standing.source.name, aside), "dim")


def _signed(sign: Sign, words: str, plain: bool) -> Cell:
    return Cell(f"{sign.plain if plain else sign.glyph} {words}", sign.tone)


def source_cells(standing: Standing, short_id: str, now: float, *, plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `SOURCE_TITLES` names, in that order."""
    source, version = standing.source, standing.version
    return (
        Cell(printable(source.name)),
        Cell(source.role, "dim"),
        Cell(count(standing.files.get(TAKEN_IN, 0))),
        Cell(count(version.rows) if version else MISSING),
        Cell(f"v{version.number}" if version else MISSING),
        Cell(age(standing.arrived, now), "dim"),
        standing_cell(standing, plain=plain),
        Cell(one_line(source.target or MISSING), "dim"),
        Cell(place(source), "dim"),
        Cell(short_id, "dim"),
    )


def place(source: Source) -> str:
    """Where the files are: a file, or the pattern and its folder."""
    return place_words(source.path, source.pattern)


def place_words(path: str, pattern: str) -> str:
    """A path with its pattern; the pattern of every data file is said in words."""
    folders, _, last = pattern.rpartition("/")
    if PurePath(path).name == pattern:
        return one_line(path)
    if last != DATA_FILES:
        return one_line(f"{pattern} in {path}")
    below = " and below" if folders == DEEP else f" in {folders}" if folders else ""
    return one_line(f"data files in {path}{below}")


def unread_words(name: str, endings: Sequence[str]) -> str:
    """Which files lie in a source's folder that its pattern leaves out, and how to take them in; empty where none do."""
    if not endings:
        return ""
    shown = ", ".join(map(one_line, endings))
    command = f"mlops-tui data options {printable(name)} --pattern"
    if all(ending_of(ending) for ending in endings):
        return f"Data files lie there that its pattern leaves out ({shown}). Take them in with: {command} any"
    pattern = shlex.quote(f"*{printable(endings[0])}")
    return (
        f"No data file lies there, but others do ({shown}). If they hold data, take them in with: {command} {pattern}"
    )


def trouble_words(name: str, trouble: str) -> str:
    """That a source's folder cannot be listed or its checks file is broken, and what to do."""
    if is_about_checks(trouble):
        return f"{one_line(trouble, 400)} Until then no file of {printable(name)} is taken in."
    return f"{one_line(trouble, 400)} Mend that, or name its new place with: mlops-tui data move {printable(name)} PATH"


def source_line(source: Source, version: SourceVersion | None) -> str:
    """A source in one line: what it is for, and how much there is of it."""
    parts = [printable(source.name), source.role]
    parts += [f"target {printable(source.target)}"] if source.target else []
    parts += [f"v{version.number}, {counted(version.rows, 'row')}"] if version else []
    return " · ".join(parts)


def scan_line(told: Mapping[str, Any]) -> str:
    """What a scan did in a source, by what it returned, and what is quarantined after it."""
    if told["trouble"]:
        return f"{printable(told['source'])}: {one_line(told['trouble'], 400)}"
    counts = {**told, "gone": told["gone"] - told.get("left_out", 0)}
    done = [f"{counts[key]} {words}" for key, words in DONE_WORDS.items() if counts.get(key)]
    if not done and not told["quarantined"]:
        done = ["nothing new"]
    done += [f"{told['warned']} warned of"] if told.get("warned") else []  # an older result has none
    done += [f"{told['duplicates']} with the content of others"] if told.get("duplicates") else []
    done += [f"{told['overlaps']} with rows of others"] if told.get("overlaps") else []
    done += [f"{told['kept_out']} quarantined"] if told["kept_out"] else []
    version = f"version {told['version']}" if told["version"] else "no version yet"
    return f"{printable(told['source'])}: {', '.join(done)}; {version}"


def scans_line(told: Sequence[Mapping[str, Any]]) -> str:
    """What a scan did in one sentence: of one source as `scan_line` says it, of more the sums."""
    if len(told) < 2:
        return scan_line(told[0]) if told else "Nothing was scanned."
    sums = {key: sum(one.get(key) or 0 for one in told) for key in (*DONE_WORDS, "warned", "kept_out")}
    sums["gone"] -= sums["left_out"]
    done = [f"{count(sums[key])} {words}" for key, words in DONE_WORDS.items() if sums[key]]
    parts = [", ".join(done) or "no file is new, changed or gone"]
    parts += [f"{count(sums['warned'])} warned of"] if sums["warned"] else []
    parts += [f"{count(sums['kept_out'])} quarantined"] if sums["kept_out"] else []
    troubled = sum(bool(one["trouble"]) for one in told)
    parts += [f"{counted(troubled, 'source')} in trouble"] if troubled else []
    return (
        f"{counted(len(told), 'source')} scanned: {'; '.join(parts)}. The log of the job says it source by source: 8."
    )


def file_cells(file: SourceFile, came: str, now: float, *, twice: str = "", plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `FILE_TITLES` names, in that order; `came` is when its content came, `twice` says what it has in common with another file."""
    return (
        Cell(one_line(file.path)),
        state(file.state, plain=plain),
        Cell(count(file.rows)),
        Cell(size(file.size)),
        Cell(age(came, now), "dim"),
        Cell(
            one_line("; ".join(part for part in (_about(file), twice) if part)),
            "warn" if file.reason or twice else "dim",
        ),
    )


def _about(file: SourceFile) -> str:
    """Why a file is quarantined or was released, or which versions one that is gone is in."""
    if file.state == GONE and file.since_version is not None and file.until_version is not None:
        return f"in {versions_words(file.since_version, file.until_version - 1)}"
    return file.reason or (f"released: {file.released}" if file.released else "")


def versions_words(first: int, last: int) -> str:
    """A stretch of versions, both ends included."""
    return f"v{first}" if first == last else f"v{first} to v{last}"


def why_quarantined(file: SourceFile) -> str:
    """Why a file is not used, with the line and the column where they are known; empty where it is used."""
    if file.state != QUARANTINED:
        return ""
    reason = one_line(file.reason or "It was quarantined.", 400)
    where = [f"{noun_of(file.path)} {count(file.row_number)}"] if file.row_number is not None else []
    where += [f"column {printable(file.column_name)}"] if file.column_name is not None else []
    told = [part for part in where if part.split()[-1] not in reason]
    return f"{reason} ({', '.join(told)})" if told else reason
