"""What lies in a source's folder: only looked at, never opened, and cheap enough to be done by the agent."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from pathlib import Path

from mlops_tui.core.errors import DataError
from mlops_tui.core.printable import printable
from mlops_tui.data import checkfile
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.store.workspace import Workspace

UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", "~")
"""Endings of files that another program has not finished, in lower case."""

ENDINGS = (
    *("csv", "csv.gz", "csv.zst", "tsv", "tsv.gz", "tsv.zst", "jsonl", "jsonl.gz", "jsonl.zst"),
    *("ndjson", "ndjson.gz", "ndjson.zst", "parquet", "arrow", "feather", "xlsx"),
)
"""What names of data files end with, without the point; others are read where a pattern names them."""

DATA_FILES = "*.{" + ",".join(ENDINGS) + "}"
"""The pattern of every data file, in small letters or capitals."""

LOCK = "~$"
"""The beginning of the file that says that a workbook is open."""

DEEP = "**"

EMPTIED_SECONDS = 30.0
"""How long a folder must be without any of its files before they count as gone: it may have been unmounted."""


Known = tuple[int, int, int | None]
"""Size, time and time of the last change to anything about it (both in ns) that the store has of a file.

The third is None where the file was taken in before it was kept.
"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as it was seen: `name` is its path relative to the folder as the store keeps it, `raw` as the system does."""

    name: str
    folder: Path
    raw: str
    size: int
    mtime_ns: int
    ctime_ns: int = 0
    """When anything about it changed last, which no program can put back, other than its `mtime_ns`."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.folder / self.raw

    def is_as_kept(self, file: SourceFile) -> bool:
        """Whether size and time are those that the store has of it.

        A time that moves in steps of up to two seconds hides nothing: a file is read only after it has rested so long.
        """
        return self.is_as_known((file.size, file.mtime_ns, file.ctime_ns))

    def is_as_known(self, known: Known | None) -> bool:
        """The same of what `sizes_and_times` tells."""
        return known is not None and _is_as_known(self.size, self.mtime_ns, self.ctime_ns, known)

    def seen_again(self) -> Sighting | None:
        """The file as it is now; None where it is gone, or is no regular file any more."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return Sighting(self.name, self.folder, self.raw, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def is_as_kept(path: Path, file: SourceFile) -> bool:
    """Whether the file there has the size and times that the store has of that one."""
    try:
        found = path.stat()
    except OSError:
        return False
    known = (file.size, file.mtime_ns, file.ctime_ns)
    return _is_as_known(found.st_size, found.st_mtime_ns, found.st_ctime_ns, known)


def _is_as_known(size: int, mtime_ns: int, ctime_ns: int, known: Known) -> bool:
    """Whether nothing moved: a program that puts a file's time back after it wrote to it still moves the time of its change."""
    return (size, mtime_ns) == known[:2] and known[2] in (None, ctime_ns)


def sightings(source: Source, workspace: Workspace) -> list[Sighting]:
    """The source's data files by name; see `walk`."""
    return sorted(walk(source, workspace), key=lambda sighting: sighting.name)


def walk(source: Source, workspace: Workspace) -> Iterator[Sighting]:
    """The source's data files as they come: regular ones that fit its pattern, are finished and lie inside its folder.

    Raises:
        DataError: the folder, or one below it, cannot be listed, which does not mean that its files are gone.
    """
    folder = source.folder(workspace)
    if source.is_one_file:
        yield from _named_file(source, folder, workspace)
        return
    try:
        for name, entry in _entries(folder, source.pattern, source.exclude):
            if sighting := _sighting(entry, folder, name):
                yield sighting
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _cannot_be_listed(source, workspace.relative(Path(error.filename or folder)), reason) from error


def names_in(folder: Path, pattern: str, exclude: Sequence[str] = ()) -> Iterator[str]:
    """The paths, relative to the folder, of what fits the pattern and is finished. Raises OSError."""
    return (name for name, _ in _entries(folder, pattern, exclude))


def _entries(folder: Path, pattern: str, exclude: Sequence[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """What is no folder and fits the pattern; OSError names the folder that cannot be listed."""
    parts = pattern.split("/")
    folders = [("", folder)]
    while folders:
        prefix, place = folders.pop()
        inside: list[tuple[str, Path]] = []
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    name = prefix + entry.name
                    if entry.name.startswith(".") or is_left_out(name, exclude):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if len(parts) > 1:
                            inside.append((name + "/", place / entry.name))
                    elif _fits(name, parts):
                        yield name, entry
        except FileNotFoundError as error:
            if place == folder:
                raise OSError(error.errno, error.strerror, str(place)) from None
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(place)) from error
        folders += inside


def trouble_of(source: Source, workspace: Workspace) -> str | None:
    """The sentence about a folder that cannot be listed now, or a checks file that is broken; None where neither is."""
    folder = source.folder(workspace)
    try:
        with os.scandir(folder):
            return checkfile.trouble_of(workspace, source)
    except OSError as error:
        return _cannot_be_listed(source, workspace.relative(folder), (error.strerror or str(error)).lower()).title


def _cannot_be_listed(source: Source, place: str, reason: str) -> DataError:
    return DataError(
        f"The folder {printable(place)} of source '{source.name}' cannot be listed: {reason}.",
        "Put it back, or name its new place with: mlops-tui data move",
    )


def is_left_out(name: str, exclude: Sequence[str]) -> bool:
    """Whether a path relative to the folder fits a pattern of those that are left out.

    A pattern without a slash is meant for any file and any folder of that name, one with a slash for the whole path.
    """
    last = name.rsplit("/", 1)[-1]
    return any(_fits(name, p.split("/")) if "/" in p else fnmatchcase(last, p) for p in exclude)


def fits(name: str, pattern: str) -> bool:
    """Whether a finished file's path relative to the folder fits the pattern."""
    return _fits(name, pattern.split("/"))


def ending_of(name: str) -> str | None:
    """The ending of a data file, with its point and in small letters; None where it has another."""
    low = name.lower()
    return next((f".{ending}" for ending in ENDINGS if low.endswith(f".{ending}")), None)


def endings_of(pattern: str) -> set[str]:
    """The endings of data files that a pattern itself names."""
    last = pattern.rsplit("/", 1)[-1]
    return {ending for one in _alternatives(last) if (ending := ending_of(one)) is not None}


def _fits(name: str, pattern: Sequence[str]) -> bool:
    """Whether a finished file's path relative to the folder fits the pattern's parts."""
    if len(pattern) == 1:
        return "/" not in name and _matcher(pattern[0])(name) is not None and not is_unfinished(name)
    return _parts_fit(name.split("/"), pattern) and not is_unfinished(name)


def _parts_fit(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == DEEP:
        return _parts_fit(parts, pattern[1:]) or (bool(parts) and _parts_fit(parts[1:], pattern))
    return bool(parts) and _matcher(pattern[0])(parts[0]) is not None and _parts_fit(parts[1:], pattern[1:])


@lru_cache(256)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """What a name or a folder's name fits; of `{a,b}` either."""
    expression = "|".join(translate(one) for one in _alternatives(pattern))
    return re.compile(expression, re.IGNORECASE if pattern == DATA_FILES else 0).match


def _alternatives(pattern: str) -> list[str]:
    found = re.fullmatch(r"(.*?)\{([^{}]*,[^{}]*)\}(.*)", pattern, re.DOTALL)
    if found is None:
        return [pattern]
    before, among, after = found.groups()
    return [rest for one in among.split(",") for rest in _alternatives(before + one + after)]


def is_unfinished(name: str) -> bool:
    """Whether another program has not finished the file, as its name says."""
    return name.lower().endswith(UNFINISHED) or name.rsplit("/", 1)[-1].startswith(LOCK)


def _sighting(entry: os.DirEntry[str], folder: Path, name: str) -> Sighting | None:
    """What a folder's entry is; None for what is no regular file, and for a link that leads out of the folder."""
    try:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(folder.resolve()):
            return None
        found = entry.stat()
    except (OSError, RuntimeError):  # gone meanwhile, a dangling link, a circle of links
        return None
    return _seen(found, folder, name)


def _named_file(source: Source, folder: Path, workspace: Workspace) -> Iterator[Sighting]:
    """The one file; a link that a person named is meant, wherever it leads."""
    try:
        with os.scandir(folder):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _cannot_be_listed(source, workspace.relative(folder), reason) from error
    try:
        found = (folder / source.pattern).stat()
    except (OSError, RuntimeError):
        return
    if sighting := _seen(found, folder, source.pattern):
        yield sighting


def _seen(found: os.stat_result, folder: Path, name: str) -> Sighting | None:
    if not stat.S_ISREG(found.st_mode):
        return None
    return Sighting(_kept_name(name), folder, name, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _kept_name(name: str) -> str:
    """The name as text that can be stored: bytes that are not UTF-8 are written as escapes."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
