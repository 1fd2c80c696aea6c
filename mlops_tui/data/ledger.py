"""What a scan changes in a source: pure rules from what was known, what is there, and what was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from mlops_tui.data.checks import Broken
from mlops_tui.data.listing import Sighting
from mlops_tui.data.model import NO_REJECTS, QUARANTINED, TAKEN_IN, Rejects, SourceFile, identity
from mlops_tui.data.overlaps import Overlap


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is quarantined: the sentence, the check, the line and the column where they are known."""

    reason: str
    check: str = "readable"
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that was read: its content's hash (empty where it could not be), its rows and those that could not be read, what its checks found, and why
    it is refused, if it is.
    """

    sighting: Sighting
    hash: str
    rows: int | None = None
    refusal: Refusal | None = None
    found: tuple[Broken, ...] = ()
    bad_rows: int | None = None
    seconds: float | None = None
    rejects: Rejects = NO_REJECTS
    """Of a file that is refused because of them: the others' are kept with their profile."""

    @property
    def name(self) -> str:
        """Its path relative to the source's folder."""
        return self.sighting.name


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that becomes a row; `replaces` is what lay at its path before, `copy_of` the path of another file that is
    there with the same content, `overlap` one of another content that has many of its rows.
    """

    finding: Finding
    replaces: SourceFile | None = None
    copy_of: str | None = None
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The changes of one scan.

    `touched` had only their size or time moved, or were judged anew and stay quarantined; `renamed` keep their content under another path, in place where
    `renames_in_place`, since the order of training is then as before. `members` (path, hash, rows, size) is what the
    source holds afterwards, and `makes_version` whether that differs from before.
    """

    touched: tuple[tuple[SourceFile, Finding], ...]
    taken: tuple[Entry, ...]
    refused: tuple[Entry, ...]
    renamed: tuple[tuple[SourceFile, Finding], ...]
    replaced: tuple[SourceFile, ...]
    gone: tuple[SourceFile, ...]
    members: tuple[tuple[str, str, int, int], ...]
    makes_version: bool
    renames_in_place: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.touched or self.taken or self.refused or self.renamed or self.replaced or self.gone)


def settle_accounts(
    known: Mapping[str, SourceFile], present: Set[str], findings: Iterable[Finding], *, is_last: bool = True
) -> Ledger:
    """The changes from the files that are known by path, the paths that are there, and what was found in some of them.

    A path that is there and was not read keeps what is known of it. Where these are not the last findings of a scan, no
    file is gone yet: what left one path may still be found at another.
    """
    touched: list[tuple[SourceFile, Finding]] = []
    entering: list[Entry] = []
    refused: list[Entry] = []
    leaving = {path: file for path, file in known.items() if path not in present}
    for finding in findings:
        file = known.get(finding.name)
        if file is not None and _is_same(file, finding):
            if not finding.sighting.is_as_kept(file) or file.state == QUARANTINED:
                touched.append((file, finding))
            continue
        if file is not None:
            leaving[finding.name] = file
        (refused if finding.refusal else entering).append(Entry(finding, file))
    renamed = _renames(leaving, entering)
    moved_from = {file.id for file, _ in renamed}
    moved_to = {finding.name for _, finding in renamed}
    if not is_last:
        leaving = {path: file for path, file in leaving.items() if path in present or file.id in moved_from}
    left = [file for file in leaving.values() if file.id not in moved_from]
    before = [file for file in known.values() if file.state == TAKEN_IN]
    staying = [file for file in before if file.path not in leaving]
    after = [(file.path, file.hash, file.rows or 0, file.size) for file in staying]
    after += [(e.finding.name, e.finding.hash, e.finding.rows or 0, e.finding.sighting.size) for e in entering]
    was = identity((file.path, file.hash) for file in before)
    rows_before = {file.path: file.rows or 0 for file in before}
    counts_otherwise = any(rows_before.get(path, rows) != rows for path, _, rows, _ in after)
    new_paths = {file.id: finding.name for file, finding in renamed}
    there = {file.hash: file.path for file in reversed(staying)} | {
        finding.hash: finding.name for _, finding in renamed
    }
    return Ledger(
        touched=tuple(touched),
        taken=tuple(_with_copies(there, [entry for entry in entering if entry.finding.name not in moved_to])),
        refused=tuple(refused),
        renamed=tuple(renamed),
        replaced=tuple(file for file in left if file.path in present),
        gone=tuple(file for file in left if file.path not in present),
        members=tuple(sorted(after)),
        makes_version=identity((path, content) for path, content, _, _ in after) != was or counts_otherwise,
        renames_in_place=identity((new_paths.get(file.id, file.path), file.hash) for file in before) == was,
    )


def _is_same(file: SourceFile, finding: Finding) -> bool:
    if file.hash != finding.hash:
        return False
    if finding.refusal is None:  # other rows of the same bytes: they are read otherwise now
        return file.state == TAKEN_IN and file.rows == finding.rows
    return file.state == QUARANTINED and file.reason == finding.refusal.reason


def _with_copies(there: dict[str, str], entering: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, each with the file that has its content already; `there` is the path by content."""
    for entry in entering:
        yield replace(entry, copy_of=there.get(entry.finding.hash))
        there.setdefault(entry.finding.hash, entry.finding.name)


def _renames(leaving: Mapping[str, SourceFile], entering: list[Entry]) -> list[tuple[SourceFile, Finding]]:
    """Files that left one path and came back with the same content at another."""
    waiting: dict[str, list[SourceFile]] = {}
    arriving = {(entry.finding.name, entry.finding.hash) for entry in entering}
    for file in leaving.values():
        if file.state == TAKEN_IN and (file.path, file.hash) not in arriving:
            waiting.setdefault(file.hash, []).append(file)
    return [
        (waiting[entry.finding.hash].pop(0), entry.finding) for entry in entering if waiting.get(entry.finding.hash)
    ]
