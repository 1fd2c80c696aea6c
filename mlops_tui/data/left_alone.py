"""What lies in a source's folder and is never opened: pipes, devices, links out of it, and files that are not finished."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.core.printable import printable
from mlops_tui.data.listing import DATA_FILES, ending_of, fits, is_left_out, is_unfinished
from mlops_tui.data.model import Source
from mlops_tui.store.workspace import Workspace

LOOKED_AT = 5_000
"""So many entries of a folder are looked at: of more it is told what lies among the first."""
NAMED = 5

JSON = (".json", ".json.gz", ".json.zst")
"""Endings that are as often those of settings as of rows."""

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a link to a folder",
}


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """The entries by name (path relative to the source's folder) and why; `is_whole` where every entry was looked at."""

    found: tuple[tuple[str, str], ...] = ()
    is_whole: bool = True

    @property
    def words(self) -> str:
        """How many there are, and the first of them, in one line; empty where there are none."""
        if not self.found:
            return ""
        shown = [f"{printable(name)} ({why})" for name, why in self.found[:NAMED]]
        more = len(self.found) - len(shown)
        shown += [f"{more:,} more"] if more else []
        least = "" if self.is_whole else f" among the first {LOOKED_AT:,} entries"
        return f"{len(self.found):,} left alone{least}: {', '.join(shown)}"


def left_alone(source: Source, workspace: Workspace) -> LeftAlone:
    """What is left alone in the source's folder, in the order of its names; nothing where it cannot be listed."""
    if source.is_one_file:
        return LeftAlone()
    found, looked = list[tuple[str, str]](), 0
    folder = source.folder(workspace)
    try:
        for name, entry in _entries(source, folder):
            looked += 1
            if looked > LOOKED_AT:
                break
            if entry is not None and (why := _why(name, entry, source, folder)) is not None:
                found.append((name, why))
    except OSError:
        return LeftAlone()
    return LeftAlone(tuple(sorted(found)), looked <= LOOKED_AT)


def _entries(source: Source, folder: Path) -> Iterator[tuple[str, os.DirEntry[str] | None]]:
    """Each entry; None where it is a folder, or left out by a pattern."""
    folders = [("", folder)]
    while folders:
        prefix, place = folders.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                name = prefix + entry.name
                is_out = is_left_out(name, source.exclude)
                is_folder = entry.is_dir(follow_symlinks=False)
                yield name, None if is_out or is_folder else entry
                if is_folder and source.is_recursive and not is_out and not entry.name.startswith("."):
                    folders.append((name + "/", place / entry.name))


def _why(name: str, entry: os.DirEntry[str], source: Source, folder: Path) -> str | None:
    if is_unfinished(entry.name):
        return "still being written"
    if entry.name.startswith("."):
        return "hidden" if ending_of(entry.name) is not None else None
    if not fits(name, source.pattern):
        is_json = source.pattern.endswith(DATA_FILES) and entry.name.lower().endswith(JSON)
        return "read where --pattern names it" if is_json else None
    try:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(folder.resolve()):
            return "a link out of the folder"
        mode = entry.stat().st_mode
    except (OSError, RuntimeError):
        return "a link to nothing" if entry.is_symlink() else None
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no file")
