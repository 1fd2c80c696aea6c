"""Checks that rows suggest: relations that hold in each of them, and the shape of identifiers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from mlops_tui.core.errors import DataError
from mlops_tui.data.checks import WARN, Check, FileFigures
from mlops_tui.data.engine.breaking import broken_rows
from mlops_tui.data.engine.casting import TEXT, literal, quoted
from mlops_tui.data.engine.located import locate
from mlops_tui.data.engine.reading import OpenFile, open_file
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.model import TAKEN_IN, SourceFile
from mlops_tui.data.proposing import implied, relations
from mlops_tui.store.store import Store

ROWS_READ = 1_000_000
FILES_READ = 20
"""Of more rows or files only the newest are read."""
SHAPED = 10_000
"""So many rows tell the shape of an identifier, and at least so many are needed:"""
LEAST_SHAPED = 100
MOST_SHAPED = 5
"""Columns whose shape is looked for."""
WIDEST = 500
"""Of a source with more columns no row is read."""
NEVER_BROKEN = frozenset({"relation", "pattern", "unique"})
"""Kinds that are not proposed where a file that is in breaks them."""

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_LONGEST = 40
_CLASSES = {"0": r"\d", "A": "[A-Z]", "a": "[a-z]"}


@dataclass(frozen=True, slots=True)
class RowsTold:
    """What rows tell of checks that are to be proposed: the files that break each, and of how many that were read.

    No file that is in and was read breaks one of `suggested`; one does each of `refuted`, `broken` says of the rest.
    """

    suggested: Mapping[Check, int] = field(default_factory=dict)
    broken: Mapping[Check, int] = field(default_factory=dict)
    refuted: frozenset[Check] = frozenset()
    files: int = 0


def told_by_rows(
    store: Store,
    schema: Schema,
    files: Sequence[SourceFile],
    figures: Sequence[FileFigures],
    untold: Collection[Check] = (),
) -> RowsTold:
    """The checks that rows suggest, and what rows say of the `untold` that figures suggest. The newest files are the last."""
    read = _newest(files)
    taken = [one for one, file in zip(figures, files, strict=True) if file.state == TAKEN_IN]
    if not read or len(schema.kinds) > WIDEST:
        return RowsTold()
    paths = {file.id: locate(store, schema.source, file, schema.source.version) for file in read}
    newest = next((file for file in reversed(read) if file.state == TAKEN_IN), None)
    checks = list(relations(schema.kinds, {name: str(told["role"]) for name, told in schema.roles.items()}, taken))
    if newest is not None:
        checks += _patterns(schema, paths[newest.id])
    broken, refuted = dict.fromkeys([*checks, *untold], 0), set[Check]()
    for file in read:
        asked = [check for check in broken if check not in refuted]
        found = broken_rows(schema, paths[file.id], asked) if asked else []
        for check, item in zip(asked, found, strict=True):
            broken[check] += item is not None
            if item is not None and file.state == TAKEN_IN and check.kind in NEVER_BROKEN:
                refuted.add(check)
    left = {check: count for check, count in broken.items() if check not in refuted}
    suggested = {check: left[check] for check in checks if check in left}
    least = {check: count for check, count in suggested.items() if check not in implied(suggested)}
    rest = {check: left[check] for check in untold if check in left}
    return RowsTold(least, rest, frozenset(refuted), len(read))


def _newest(files: Sequence[SourceFile]) -> list[SourceFile]:
    found, rows = list[SourceFile](), 0
    for file in reversed(files[-FILES_READ:]):
        rows += file.rows or 0
        if found and rows > ROWS_READ:
            break
        found.insert(0, file)
    return found


def _patterns(schema: Schema, path: Path) -> Iterator[Check]:
    names = [name for name, kind in schema.kinds.items() if kind == "identifier"][:MOST_SHAPED]
    if not names:
        return
    with open_file(path, schema.options, schema.kinds, leave_out_bad_rows=True, is_known=True) as file:
        texts = {column.name for column in file.shape.columns if column.dtype == TEXT}
        for name in names:
            if name in texts and (pattern := _pattern(file, name)) is not None:
                yield Check("pattern", WARN, name, pattern=pattern)


def _pattern(file: OpenFile, name: str) -> str | None:
    """What all values are like: the same but for their digits, or their digits and letters; None where they are not."""
    column = quoted(name)
    digits = f"regexp_replace({column}, '[0-9]', '0', 'g')"
    letters = f"regexp_replace(regexp_replace({digits}, '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g')"
    runs = f"regexp_replace({column}, '[0-9]+', '0', 'g')"
    terms = [f"count(DISTINCT {shape}), any_value({shape})" for shape in (digits, letters, runs)]
    terms += [f"bool_and(regexp_full_match({column}, {literal(_UUID)}))", f"bool_or(starts_with({column}, '0'))"]
    rows = f"(SELECT {column} FROM {file.sql_of([name])} WHERE {column} IS NOT NULL LIMIT {SHAPED})"
    ((count, *found),) = file.con.execute(f"SELECT count(*), {', '.join(terms)} FROM {rows}").fetchall()
    if count < LEAST_SHAPED:
        return None
    same_digits, by_digits, same_letters, by_letters, same_runs, by_runs, are_uuids, has_zero = found
    if are_uuids:
        return _UUID
    if same_digits == 1 and len(by_digits) <= _LONGEST and (has_zero or by_digits.strip("0")):
        return _regex(by_digits, {"0": _CLASSES["0"]})
    if same_letters == 1 and len(by_letters) <= _LONGEST and by_letters.strip("0"):
        return _regex(by_letters, _CLASSES)
    if same_runs == 1 and len(by_runs) <= _LONGEST and by_runs.strip("0") and "0" in by_runs:
        return _regex(by_runs, {"0": r"\d+"}, counts=False)
    return None


def _regex(shape: str, classes: Mapping[str, str], *, counts: bool = True) -> str:
    parts = list[str]()
    for sign, run in groupby(shape):
        many = len(list(run))
        if sign not in classes:
            parts.append(re.sub(r"[.^$*+?()\[\]{}|\\]", r"\\\g<0>", sign) * many)
        else:
            parts.append(classes[sign] + (f"{{{many}}}" if counts and many > 1 else ""))
    return "".join(parts)


def or_nothing(
    store: Store,
    schema: Schema,
    files: Sequence[SourceFile],
    figures: Sequence[FileFigures],
    untold: Collection[Check] = (),
) -> RowsTold:
    """The same; nothing where a file cannot be read any more: what the profiles suggest is proposed all the same."""
    try:
        return told_by_rows(store, schema, files, figures, untold)
    except DataError:
        return RowsTold()
