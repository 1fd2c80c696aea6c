"""What changed from one version of a source to another, by its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlops_tui.data.model import SourceFile


@dataclass(frozen=True, slots=True)
class Change:
    """Paths of the files that differ; of a renamed one, both."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


def change(before: Sequence[SourceFile], after: Sequence[SourceFile]) -> Change:
    """The change from one set of members to another."""
    was, now = {file.path: file for file in before}, {file.path: file for file in after}
    left = {path: file for path, file in was.items() if path not in now}
    came = {path: file for path, file in now.items() if path not in was}
    waiting: dict[str, list[str]] = {}
    for path, file in left.items():
        waiting.setdefault(file.hash, []).append(path)
    renamed = []
    for path, file in came.items():
        if olds := waiting.get(file.hash):
            renamed.append((olds.pop(0), path))
            del left[renamed[-1][0]]
    moved_to = {new for _, new in renamed}
    return Change(
        tuple(path for path in came if path not in moved_to),
        tuple(path for path in now if path in was and was[path].hash != now[path].hash),
        tuple(left),
        tuple(renamed),
    )


def change_of(number: int, files: Iterable[SourceFile]) -> Change:
    """The change that made that version; `files` holds at least those that came or left with it."""
    found = list(files)
    left = [file for file in found if file.until_version == number]
    came = [file for file in found if file.since_version == number]
    return change(left, came)
