"""Where a source may lie, and which of the files there are its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.listing import DATA_FILES, ending_of, endings_of, fits, is_left_out, names_in
from mlops_tui.data.model import Source
from mlops_tui.store.workspace import Workspace

ANY = "any"
"""The word for the pattern that every data file fits."""

OTHERS = 5
"""So many endings that are none of data files are named."""

BELOW = "**/"
"""Before a pattern: in the folder and in all those below it."""


def place_of(path: Path, home: Path) -> Path:
    """The path made absolute, its folder's links followed but not its own; `home` is the workspace's own folder.

    Raises:
        UsageError: nothing is there, or nothing that can hold data.
    """
    absolute = Path(os.path.abspath(path))
    place = absolute.parent.resolve() / absolute.name
    shown = printable(str(path))
    if not place.exists():
        raise UsageError(f"There is no file or folder {shown}.", "Check the path; it is read from the current folder.")
    if not (place.is_file() or place.is_dir()):
        raise UsageError(f"{shown} is neither a file nor a folder.", "Name a data file, or a folder of them.")
    if place.is_relative_to(home):
        raise UsageError(f"{shown} lies in the workspace's own folder {home.name}.", "Keep data outside of it.")
    return place


def pattern_of(place: Path, pattern: str | None, *, recursive: bool = False) -> str:
    """The pattern that was asked for, else the one that every data file fits.

    With `recursive` it also fits files in the folders below.

    Raises:
        UsageError: a pattern that leaves the folder, or one for a single file.
    """
    if place.is_file():
        if (pattern is not None and pattern != place.name) or recursive:
            raise UsageError(
                "A pattern goes with a folder, and a file was named.", "Leave --pattern and --recursive out."
            )
        return place.name
    deep = BELOW if recursive else ""
    if pattern is None or pattern == ANY:
        return deep + DATA_FILES
    _check_stays_inside(pattern, "pattern")
    if pattern == place.name:
        raise UsageError("The pattern is the folder's own name.", "Use one such as '*.csv'.")
    return pattern if pattern.startswith(BELOW) else deep + pattern


def pattern_with(pattern: str, *, recursive: bool) -> str:
    """The pattern with or without the folders below. Raises UsageError where it names some of them itself."""
    plain = pattern.removeprefix(BELOW)
    if "/" in plain:
        raise UsageError(
            f"The pattern '{printable(pattern)}' names the folders below itself.", "Give another one with: --pattern"
        )
    return BELOW + plain if recursive else plain


def without_place(source: Source, names: Iterable[str]) -> list[str]:
    """Those of the names of its files that the source's pattern and what it leaves out have no place for."""
    if source.is_one_file:
        return []
    return [name for name in names if is_left_out(name, source.exclude) or not fits(name, source.pattern)]


def left_aside(source: Source, workspace: Workspace) -> list[str]:
    """The endings of data files in the source's folder that its pattern leaves out; none where it cannot be listed.

    An ending that the pattern names is none of them where files fit: the others are left out by their names. Where the source has no file at all and no data file is left out, those of the other files, the most frequent first.
    """
    if source.is_one_file:
        return []
    deep = BELOW if source.is_recursive else ""
    folder = source.folder(workspace)
    try:
        has_files = next(names_in(folder, source.pattern, source.exclude), None) is not None
        named = endings_of(source.pattern) if has_files else set()
        names = (
            ()
            if source.pattern.rsplit("/", 1)[-1] == DATA_FILES
            else names_in(folder, deep + DATA_FILES, source.exclude)
        )
        aside = {ending_of(name) for name in names if not fits(name, source.pattern)} - named
        if endings := sorted(ending for ending in aside if ending is not None):
            return endings
        if has_files:
            return []
        found = Counter(_any_ending(name) for name in names_in(folder, deep + "*", source.exclude))
    except OSError:
        return []
    return [ending for ending, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])) if ending][:OTHERS]


def _any_ending(name: str) -> str:
    """The ending of a file, with that of what is packed in it."""
    path = PurePath(name)
    return "".join(path.suffixes[-2:]) if path.suffix in (".gz", ".zst") else path.suffix


def exclude_of(place: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """The patterns of what is left out, each once. Raises UsageError as `pattern_of`."""
    if patterns and place.is_file():
        raise UsageError("What is left out goes with a folder, and a file was named.", "Leave --exclude out.")
    for pattern in patterns:
        _check_stays_inside(pattern, "pattern to leave out")
    return tuple(dict.fromkeys(pattern.rstrip("/") for pattern in patterns))


def _check_stays_inside(pattern: str, what: str) -> None:
    if not pattern.strip("/") or PurePath(pattern).is_absolute() or ".." in PurePath(pattern).parts:
        raise UsageError(f"The {what} '{printable(pattern)}' leaves the folder.", "Use one such as '*.csv'.")
