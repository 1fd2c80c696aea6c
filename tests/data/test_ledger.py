"""The books of a source, kept by ledger after ledger, are what lies in its folder, whatever happened there between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mlops_tui.data.ledger import Entry, Finding, Ledger, Refusal, settle_accounts
from mlops_tui.data.listing import Sighting
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, SourceFile, identity

PATHS = st.sampled_from(["a.csv", "b.csv", "c.csv"])
PLACES = st.integers(0, 5)
"""Which of the files that are there."""
CONTENTS = st.sampled_from(["one", "two", "broken", "unreadable"])
REFUSED = {"broken": "It breaks a check.", "unreadable": "It cannot be opened."}


@dataclass(frozen=True)
class Lying:
    """A file as it lies in the folder; `content` is its hash too, but for what cannot be opened."""

    content: str
    mtime_ns: int

    def is_refused(self, is_released: bool) -> bool:
        return self.content in REFUSED and not (is_released and self.content == "broken")

    def finding(self, path: str, is_released: bool) -> Finding:
        sighting = Sighting(path, Path("/folder"), path, len(self.content), self.mtime_ns, self.mtime_ns)
        if not self.is_refused(is_released):
            return Finding(sighting, self.content, 10)
        content = "" if self.content == "unreadable" else self.content
        return Finding(sighting, content, refusal=Refusal(REFUSED[self.content]))


class Books(RuleBasedStateMachine):
    """A folder that is changed at will, and the books that scans keep of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder: dict[str, Lying] = {}
        self.known: dict[str, SourceFile] = {}
        self.members: tuple[tuple[str, str, int, int], ...] = ()
        self.ids = count()
        self.clock = count(1)
        self.is_settled = True
        self.is_released = False

    @rule(path=PATHS, content=CONTENTS)
    def write(self, path: str, content: str) -> None:
        """A file comes, comes back, or changes."""
        self.folder[path] = Lying(content, next(self.clock))
        self.is_settled = False

    def _there(self, place: int) -> str:
        return sorted(self.folder)[place % len(self.folder)]

    @precondition(lambda self: self.folder)
    @rule(place=PLACES, other=PATHS)
    def move(self, place: int, other: str) -> None:
        self.folder[other] = self.folder.pop(self._there(place))
        self.is_settled = False

    @precondition(lambda self: self.folder)
    @rule(place=PLACES, other=PLACES)
    def swap(self, place: int, other: int) -> None:
        path, second = self._there(place), self._there(other)
        self.folder[path], self.folder[second] = self.folder[second], self.folder[path]
        self.is_settled = False

    @precondition(lambda self: self.folder)
    @rule(place=PLACES, other=PATHS)
    def copy(self, place: int, other: str) -> None:
        self.folder[other] = replace(self.folder[self._there(place)], mtime_ns=next(self.clock))
        self.is_settled = False

    @precondition(lambda self: self.folder)
    @rule(place=PLACES)
    def touch(self, place: int) -> None:
        path = self._there(place)
        self.folder[path] = replace(self.folder[path], mtime_ns=next(self.clock))
        self.is_settled = False

    @precondition(lambda self: self.folder)
    @rule(place=PLACES)
    def go(self, place: int) -> None:
        del self.folder[self._there(place)]
        self.is_settled = False

    @precondition(lambda self: any(file.hash == "broken" for file in self.known.values()))
    @rule()
    def release(self) -> None:
        """What a check kept out may come in; the files that are there are read again."""
        self.is_released = True
        self.is_settled = False

    @rule()
    def scan(self) -> None:
        """All that moved is read."""
        self._settle({path for path in self.folder if self._has_moved(path)})
        self.is_settled = True
        again = settle_accounts(self.known, set(self.folder), [self._finding(path) for path in self.folder])
        assert {file.state for file, _ in again.touched} <= {QUARANTINED}  # judged anew, which is written down
        assert replace(again, touched=()).is_empty
        assert not again.makes_version

    @rule(read=st.sets(PATHS), is_last=st.booleans())
    def scan_in_part(self, read: set[str], is_last: bool) -> None:
        """Some of what moved is not at rest yet, was moved again while it was read, or is settled by the next batch."""
        self._settle({path for path in read if path in self.folder and self._has_moved(path)}, is_last)

    def _has_moved(self, path: str) -> bool:
        file = self.known.get(path)
        if file is None or not file.hash or (self.is_released and file.state == QUARANTINED):
            return True
        return not self._finding(path).sighting.is_as_kept(file)

    def _finding(self, path: str) -> Finding:
        return self.folder[path].finding(path, self.is_released)

    def _settle(self, read: set[str], is_last: bool = True) -> None:
        findings = [self._finding(path) for path in sorted(read)]
        ledger = settle_accounts(self.known, set(self.folder), findings, is_last=is_last)
        assert is_last or not ledger.gone
        self._check(ledger, findings)
        self._write(ledger)

    def _check(self, ledger: Ledger, findings: list[Finding]) -> None:
        entered = [entry.finding.name for entry in (*ledger.taken, *ledger.refused)]
        came = entered + [finding.name for _, finding in ledger.renamed]
        left = [file.id for file in (*ledger.replaced, *ledger.gone)] + [file.id for file, _ in ledger.renamed]
        assert len(set(came)) == len(came), "a file came twice"
        assert len(set(left)) == len(left), "a file left twice"
        was = {(file.path, file.hash) for file in self.known.values() if file.state == TAKEN_IN}
        assert ledger.makes_version == (identity((p, h) for p, h, *_ in ledger.members) != identity(was))
        assert all(file.hash == finding.hash and not finding.refusal for file, finding in ledger.renamed)
        self._check_renames(ledger, findings)

    def _check_renames(self, ledger: Ledger, findings: list[Finding]) -> None:
        """As many files of a content were renamed as left and came: none of them is new, none of them is gone."""
        leaving = [*ledger.gone, *ledger.replaced]
        for entry in ledger.taken:
            assert not any(file.hash == entry.finding.hash and file.state == TAKEN_IN for file in leaving)
        for file, finding in ledger.renamed:
            assert file.path != finding.name
            assert file.state == TAKEN_IN
            assert finding in findings

    def _write(self, ledger: Ledger) -> None:
        """What the store does with a ledger."""
        if ledger.renames_in_place:
            order = [file.hash for file in sorted(self._taken(), key=lambda file: (file.path, file.hash))]
            moved = {file.id: finding.name for file, finding in ledger.renamed}
            after = sorted((moved.get(file.id, file.path), file.hash) for file in self._taken())
            assert [content for _, content in after] == order, "training reads in another order"
        for file in (*ledger.replaced, *ledger.gone, *(file for file, _ in ledger.renamed)):
            del self.known[file.path]
        for file, finding in ledger.renamed:
            self._keep(finding, file.id)
        for file, finding in ledger.touched:
            self.known[file.path] = replace(file, size=finding.sighting.size, mtime_ns=finding.sighting.mtime_ns)
        for entry in (*ledger.taken, *ledger.refused):
            self._enter(entry)
        self.members = ledger.members

    def _taken(self) -> list[SourceFile]:
        return [file for file in self.known.values() if file.state == TAKEN_IN]

    def _enter(self, entry: Entry) -> None:
        self._keep(entry.finding, f"F{next(self.ids)}")

    def _keep(self, finding: Finding, identifier: str) -> None:
        assert finding.name not in self.known, "two files at one path"
        seen, refusal = finding.sighting, finding.refusal
        self.known[finding.name] = SourceFile(
            identifier,
            "S",
            finding.name,
            finding.hash,
            seen.size,
            seen.mtime_ns,
            finding.rows,
            QUARANTINED if refusal else TAKEN_IN,
            refusal.reason if refusal else None,
            None,
            None,
            None,
            None,
            None,
            "now",
        )

    @precondition(lambda self: self.is_settled)
    @invariant()
    def the_books_are_what_lies_there(self) -> None:
        told = {path: (f.hash, f.size, f.mtime_ns) for path, f in self.known.items()}
        found = {path: self._finding(path) for path in self.folder}
        assert told == {p: (f.hash, f.sighting.size, f.sighting.mtime_ns) for p, f in found.items()}
        assert {p for p, f in self.known.items() if f.state == QUARANTINED} == {
            p for p, lying in self.folder.items() if lying.is_refused(self.is_released)
        }

    @invariant()
    def the_members_are_the_files_that_are_taken_in(self) -> None:
        assert self.members == tuple(sorted((f.path, f.hash, f.rows or 0, f.size) for f in self._taken()))

    @invariant()
    def no_file_is_kept_that_is_not_there(self) -> None:
        if self.is_settled:
            assert set(self.known) == set(self.folder)


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


def test_a_renamed_file_keeps_its_row_though_another_took_its_place() -> None:
    books = Books()
    books.write("a.csv", "one")
    books.scan()
    first = books.known["a.csv"].id
    books.move(0, "b.csv")
    books.write("a.csv", "two")
    books.scan()
    assert books.known["b.csv"].id == first
    assert books.known["a.csv"].id != first


def test_a_file_that_is_found_again_in_a_later_batch_is_renamed() -> None:
    books = Books()
    books.write("a.csv", "one")
    books.scan()
    first = books.known["a.csv"].id
    books.move(0, "c.csv")
    books.write("b.csv", "two")
    books.scan_in_part({"b.csv"}, is_last=False)
    assert set(books.known) == {"a.csv", "b.csv"}
    books.scan()
    assert books.known["c.csv"].id == first
