"""Where a source may lie, and which of the files there are its own."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

KNOWN_PATTERNS = ("*.csv", "*.parquet", "*.csv.gz", "*.csv.zst", "*.tsv", "*.tsv.gz")


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


def pattern_of(place: Path, pattern: str | None) -> str:
    """The pattern that was asked for, else the first known one that fits a file of the folder.

    Raises:
        UsageError: a pattern that leaves the folder, or one for a single file.
    """
    if place.is_file():
        if pattern is not None and pattern != place.name:
            raise UsageError("A pattern goes with a folder, and a file was named.", "Leave --pattern out.")
        return place.name
    if pattern is None:
        return next((known for known in KNOWN_PATTERNS if any(place.glob(known))), KNOWN_PATTERNS[0])
    if not pattern or PurePath(pattern).is_absolute() or ".." in PurePath(pattern).parts:
        raise UsageError(f"The pattern '{printable(pattern)}' leaves the folder.", "Use one such as '*.csv'.")
    if pattern == place.name:
        raise UsageError("The pattern is the folder's own name.", "Use one such as '*.csv'.")
    return pattern
