"""What changed from one version of a source to another, by its files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from mlops_tui.data.model import LEFT_OUT, REPLACED, SourceFile, SourceVersion


@dataclass(frozen=True, slots=True)
class Change:
    """Paths of the files that differ; of a renamed one, both. What replaced one of `kept_out` is in no version. For
    those of `gone` that are `left_out` the source has no place any more.

    `reading` says in words what is read otherwise.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    reading: tuple[str, ...] = ()
    kept_out: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def change(before: Sequence[SourceFile], after: Sequence[SourceFile], kept_out: Collection[str] = ()) -> Change:
    """The change from one set of members to another; a file that left and is of `kept_out` is there, and not used.

    A content that left one path and came to another was renamed, also where names were swapped.
    """
    was, now = {file.path: file for file in before}, {file.path: file for file in after}
    left = [file for path, file in was.items() if path not in now or now[path].hash != file.hash]
    came = [file for path, file in now.items() if path not in was or was[path].hash != file.hash]
    waiting: dict[str, list[str]] = {}
    for file in sorted(left, key=lambda file: file.path in now):  # what is nowhere else first
        waiting.setdefault(file.hash, []).append(file.path)
    renamed = [(olds.pop(0), file.path) for file in came if (olds := waiting.get(file.hash))]
    moved_from, moved_to = {old for old, _ in renamed}, {new for _, new in renamed}
    lost = [file.path for file in left if file.path not in moved_from]
    new = [file.path for file in came if file.path not in moved_to]
    return Change(
        tuple(path for path in new if path not in lost),
        tuple(path for path in lost if path in now),
        tuple(path for path in lost if path not in now and path not in kept_out),
        tuple(renamed),
        kept_out=tuple(path for path in lost if path not in now and path in kept_out),
        left_out=tuple(
            path for path in lost if path not in now and path not in kept_out and was[path].reason == LEFT_OUT
        ),
    )


def reading_words(before: SourceVersion, after: SourceVersion) -> tuple[str, ...]:
    """What the later version reads otherwise, option by option, then kind by kind, then the columns that it reads too."""
    options = [
        f"{name.replace('_', ' ')} {_option(after.options.get(name))} (was {_option(before.options.get(name))})"
        for name in dict.fromkeys([*before.options, *after.options])
        if before.options.get(name) != after.options.get(name)
    ]
    kinds = [
        f"{name} as {kind} (was {before.kinds[name]})"
        for name, kind in after.kinds.items()
        if before.kinds.get(name, kind) != kind
    ]
    adopted = [
        f"with {name}, {kind}" for name, kind in after.kinds.items() if before.kinds and name not in before.kinds
    ]
    return (*options, *kinds, *adopted)


def _option(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(repr, value))
    return "as found" if value is None else repr(value) if isinstance(value, str) else str(value).lower()


def changes(versions: Sequence[SourceVersion], files: Iterable[SourceFile]) -> list[Change]:
    """What made each of the versions, the newest first and none between them left out, another than the one before.

    `files` holds at least those that came or left with them. Of the last one it is not told what it reads otherwise.
    """
    found = list(files)
    return [
        replace(
            change(
                [file for file in found if file.until_version == version.number],
                [file for file in found if file.since_version == version.number],
                {f.path for f in found if f.until_version == version.number and f.state == REPLACED},
            ),
            reading=reading_words(before, version) if before is not None else (),
        )
        for version, before in zip_longest(versions, versions[1:])
    ]
