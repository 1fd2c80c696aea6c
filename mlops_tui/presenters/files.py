"""One file of a source in sections: how it stands, what checks found in it, and the rows that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.data.checkwords import noun_of
from mlops_tui.data.model import QUARANTINED, BadRow, FileFinding, Rejects, SourceFile
from mlops_tui.presenters.checks import example_words
from mlops_tui.presenters.runs import Section
from mlops_tui.presenters.words import MISSING, Cell, age, count, counted, one_line, size, state

SENTENCE = 600
STOPS, WARNS = Cell("stop", "bad"), Cell("warn", "warn")


def file_sections(
    file: SourceFile,
    findings: Sequence[FileFinding],
    rejects: Rejects,
    checked: Mapping[str, Any] | None,
    came: str,
    now: float,
    *,
    read: str = "",
    twice: str = "",
    plain: bool = False,
) -> list[Section]:
    """Everything about a file; `came` is when its content came, `read` says how it is read, `twice` what it has in common with another one, `checked` is its verdict where it was held against the checks once more, with rows."""
    noun = noun_of(file.path)
    sections: list[Section] = [("", _facts(file, read, twice, came, now, plain=plain))]
    if checked is not None and checked["found"]:
        sections += [_broken(item, noun) for item in checked["found"]]
    else:
        sections += [_finding(item, noun) for item in findings]
    if checked is not None and not checked["found"] and checked["verdict"] == "ok":
        sections.append(("Held against the checks", [("now", Cell("it breaks none", "good"))]))
    if rejects.count:
        sections.append(
            (
                f"{counted(rejects.count, 'row')} cannot be read",
                [pair for row in rejects.first for pair in _bad_row(row, noun)],
            )
        )
    return sections


def _facts(file: SourceFile, read: str, twice: str, came: str, now: float, *, plain: bool) -> list[tuple[str, Cell]]:
    facts = [("state", state(file.state, plain=plain))]
    if file.state == QUARANTINED:
        facts.append(("why", Cell(one_line(file.reason or "It was quarantined.", SENTENCE), "warn")))
        if file.row_number is not None:
            facts.append((noun_of(file.path), Cell(count(file.row_number))))
        if file.column_name is not None:
            facts.append(("column", Cell(printable(file.column_name))))
    if twice:
        facts.append(("twice", Cell(one_line(f"{twice[0].upper()}{twice[1:]}.", SENTENCE), "warn")))
    if file.released is not None:
        facts.append(("released", Cell(one_line(file.released, SENTENCE))))
    if read:
        facts.append(("read", Cell(read)))
    facts += [
        ("rows", Cell(count(file.rows))),
        ("size", Cell(size(file.size))),
        ("since", Cell(f"v{file.since_version}" if file.since_version else MISSING)),
        ("came", Cell(age(came, now))),
        ("sha256", Cell(file.hash or MISSING, "dim")),
    ]
    return facts


def _finding(item: FileFinding, noun: str) -> Section:
    """What a check found when the file came."""
    where = [("column", Cell(printable(item.column_name)))] if item.column_name is not None else []
    where += [(noun, Cell(count(item.row_number)))] if item.row_number is not None else []
    where += [("count", Cell(count(item.count)))] if item.count is not None else []
    return _section(item.check_name, item.severity, item.reason, where)


def _broken(item: Mapping[str, Any], noun: str) -> Section:
    """What a check found just now, with rows that break it."""
    rows = [("", Cell(f"{noun} {example_words(example)}")) for example in item["examples"]]
    return _section(item["check"], item["severity"], item["reason"], rows)


def _section(check: str, severity: str, reason: str, more: Sequence[tuple[str, Cell]]) -> Section:
    sign = STOPS if severity == "stop" else WARNS
    return printable(check), [(sign.text, Cell(one_line(reason, SENTENCE), sign.tone)), *more]


def _bad_row(row: BadRow, noun: str) -> list[tuple[str, Cell]]:
    """Where a row is and why it cannot be read; below that what stands there."""
    is_named = row.column_name is not None and row.column_name not in row.reason
    column = f"{printable(row.column_name or '')}: " if is_named else ""
    place = f"{noun} {count(row.line)}" if row.line else f"a {noun}"
    return [(place, Cell(one_line(column + row.reason, SENTENCE))), ("", Cell(one_line(row.text, SENTENCE), "dim"))]
