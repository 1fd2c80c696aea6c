"""What lies in a source's folder: only looked at, never opened, and cheap enough to be done by the agent."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mlops_tui.core.errors import DataError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.store.workspace import Workspace

UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", "~")
"""Endings of files that another program has not finished."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as it was seen: `name` is its path relative to the folder, as the store keeps it."""

    name: str
    path: Path
    size: int
    mtime_ns: int

    def is_as_kept(self, file: SourceFile) -> bool:
        """Whether size and time are those that the store has of it."""
        return (self.size, self.mtime_ns) == (file.size, file.mtime_ns)

    def seen_again(self) -> Sighting | None:
        """The file as it is now; None where it is gone."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return Sighting(self.name, self.path, found.st_size, found.st_mtime_ns)


def sightings(source: Source, workspace: Workspace) -> list[Sighting]:
    """The source's data files by name: regular ones that fit its pattern, are finished and lie inside its folder.

    Raises:
        DataError: the folder is not there or cannot be listed, which does not mean that its files are gone.
    """
    folder = source.folder(workspace)
    try:
        with os.scandir(folder):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(
            f"The folder {printable(str(folder))} of source '{source.name}' cannot be listed: {reason}.",
            "Put it back, or name its new place with: mlops-tui data move",
        ) from error
    inside = folder.resolve()
    found = (_sighting(path, folder, inside, source.is_one_file) for path in _candidates(source, folder))
    return sorted((sighting for sighting in found if sighting), key=lambda sighting: sighting.name)


def _candidates(source: Source, folder: Path) -> Iterator[Path]:
    if source.is_one_file:
        yield folder / source.pattern
    elif source.is_recursive:
        yield from (path for path in folder.glob(source.pattern) if _is_wanted(path.relative_to(folder).parts))
    else:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
        yield from (folder / name for name in names if fnmatchcase(name, source.pattern) and _is_wanted((name,)))


def _is_wanted(parts: tuple[str, ...]) -> bool:
    return not any(part.startswith(".") for part in parts) and not parts[-1].endswith(UNFINISHED)


def _sighting(path: Path, folder: Path, inside: Path, is_named: bool) -> Sighting | None:
    try:
        found = path.stat()
        # a link that a person named is meant; one that lies in a folder may lead anywhere
        if not is_named and not path.resolve().is_relative_to(inside):
            return None
    except (OSError, RuntimeError):  # gone meanwhile, a dangling link, a circle of links
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Sighting(_kept_name(path.relative_to(folder).as_posix()), path, found.st_size, found.st_mtime_ns)


def _kept_name(name: str) -> str:
    """The name as text that can be stored: bytes that are not UTF-8 are written as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
