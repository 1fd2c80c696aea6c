"""The job `diff`: how two versions of a source differ, told from their stored profiles; no file is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from math import isfinite, sqrt
from typing import Any

from mlops_tui.data.engine.moments import deviation_of
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.lineage import change, reading_words
from mlops_tui.data.model import Source, SourceFile, SourceVersion, key_of
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.data.profile_query import column_kinds
from mlops_tui.data.query import find_version, get_source, kept_out_by, members
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.store import Store

MEAN_FLOOR = 0.1
"""Standard deviations that a mean has to move by to be said to have moved."""
SHARE_FLOOR = 0.02
"""Share of the rows that has to be elsewhere."""
CHANCE = 3.0
"""And so many standard errors."""
LISTED = 20


def run(context: JobContext) -> dict[str, Any]:
    """Compares the versions `before` and `after` (numbers) of the source of the spec's id."""
    spec = context.spec
    return differences(context.store, get_source(context.store.reader, spec["source"]), spec["before"], spec["after"])


def differences(store: Store, source: Source, before: int, after: int) -> dict[str, Any]:
    """{"source", "before", "after", "files", "columns"}: what came and went, and each column's change, the greatest first.

    A column is {name, kind, change, moved, how_much, missing, mean, std, new, vanished}: `change` is added, gone or None;
    `moved` whether its distribution is another beyond chance; `how_much` in words; `missing`, `mean` and `std` are pairs;
    `new` and `vanished` the categories that one of the versions alone has, None where the tail was not counted.
    """
    sides = [_side(store, source, number) for number in (before, after)]
    (version_a, files_a, profile_a, columns_a), (version_b, files_b, profile_b, columns_b) = sides
    kinds = version_a.kinds | version_b.kinds
    columns = [
        _column(name, kind, profile_a.column(name), profile_b.column(name), columns_a, columns_b)
        for name, kind in kinds.items()
        if name in columns_a or name in columns_b
    ]
    columns += [
        _unused(name, columns_a.get(name) or columns_b[name], name in columns_b)
        for name in {**columns_a, **columns_b}
        if name not in kinds and (name in columns_a) != (name in columns_b)
    ]
    columns.sort(key=lambda column: -column.pop("amount"))
    files = change(files_a, files_b, kept_out_by(store.reader, source.id, after))
    return {
        "source": source.name,
        "before": _told(version_a),
        "after": _told(version_b),
        "files": asdict(replace(files, reading=reading_words(version_a, version_b))),
        "columns": columns,
    }


def _told(version: SourceVersion) -> dict[str, int]:
    return {"version": version.number, "files": version.files, "rows": version.rows, "bytes": version.bytes}


def _side(store: Store, source: Source, number: int) -> tuple[SourceVersion, list[SourceFile], Profile, dict[str, str]]:
    version = find_version(store.reader, source, number)
    files = members(store.reader, source.id, number)
    keys = [key_of(version.of(source), file) for file in files]
    there = {name: kind for key in keys for name, kind in column_kinds(store.reader, key).items()}
    return version, files, merged(store.reader, keys, list(version.kinds)), there


def _column(
    name: str,
    kind: str,
    before: ColumnProfile | None,
    after: ColumnProfile | None,
    columns_a: Collection[str],
    columns_b: Collection[str],
) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "kind": kind, "change": None, "moved": False, "how_much": "", "amount": 0.0}
    told |= {"missing": None, "mean": None, "std": None, "new": None, "vanished": None}
    if before is None or after is None or name not in columns_a or name not in columns_b:
        change_word = "added" if name in columns_b else "gone"
        return told | {"change": change_word, "moved": True, "how_much": f"{change_word}", "amount": float("inf")}
    if before.kind != after.kind:
        told |= {"moved": True, "how_much": f"read as {after.kind} (was {before.kind})"}
        return told | {"amount": float("inf"), "missing": [_missing(before), _missing(after)]}
    said = [_of_missing(before, after), _of_means(before, after), _of_shares(before, after)]
    moves = sorted((item for item in said if item), reverse=True)
    if moves:
        told |= {"moved": True, "how_much": "; ".join(words for _, words in moves), "amount": moves[0][0]}
    told["missing"] = [_missing(before), _missing(after)]
    if before.moments and after.moments:
        told["mean"] = [_finite(before.moments.mean), _finite(after.moments.mean)]
        told["std"] = [deviation_of(before.moments), deviation_of(after.moments)]
    if before.counts is not None and after.counts is not None:
        told["new"] = _only(after.counts, before)
        told["vanished"] = _only(before.counts, after)
    return told


def _unused(name: str, kind: str, is_new: bool) -> dict[str, Any]:
    """A column that is none of the source's, and that one of the versions alone has."""
    told: dict[str, Any] = dict.fromkeys(("missing", "mean", "std", "new", "vanished"))
    change_word = "added" if is_new else "gone"
    words = f"{change_word}, and none of the source's columns: nothing is learnt from it"
    return {"name": name, "kind": kind, "change": change_word, "moved": True, "how_much": words, "amount": 0.0, **told}


def _only(counts: Mapping[str, int], other: ColumnProfile) -> list[str] | None:
    """Values that the other side has not, the most frequent first; None where its tail was not counted."""
    if other.other or other.counts is None:
        return None
    found = sorted((value for value in counts if value not in other.counts), key=lambda value: (-counts[value], value))
    return found[:LISTED]


def _missing(column: ColumnProfile) -> float:
    return column.missing / column.rows if column.rows else 0.0


def _of_missing(before: ColumnProfile, after: ColumnProfile) -> tuple[float, str] | None:
    a, b = _missing(before), _missing(after)
    if not _is_moved(a, b, before.rows, after.rows):
        return None
    return abs(a - b), f"missing {a:.1%} → {b:.1%}"


def _is_moved(a: float, b: float, n: int, m: int) -> bool:
    """Whether two shares of n and m rows differ by more than the floor, and than chance does."""
    whole = (a * n + b * m) / max(n + m, 1)
    error = sqrt(max(whole * (1 - whole), 0) * (1 / max(n, 1) + 1 / max(m, 1)))
    return abs(a - b) >= SHARE_FLOOR and abs(a - b) > CHANCE * error


def _of_means(before: ColumnProfile, after: ColumnProfile) -> tuple[float, str] | None:
    """The mean's move in standard deviations of the first version, and the spread's ratio."""
    a, b = before.moments, after.moments
    if a is None or b is None or not a.count or not b.count:
        return None
    spread, other = deviation_of(a), deviation_of(b)
    if spread is None or other is None:
        return None
    if spread == 0:
        return None if a.mean == b.mean else (1.0, "no longer the one value that it was")
    if not isfinite(b.mean - a.mean):
        return None
    moved = (b.mean - a.mean) / spread
    chance = CHANCE * sqrt(1 / a.count + (other / spread) ** 2 / b.count)
    words, amount = [], 0.0
    if abs(moved) >= MEAN_FLOOR and abs(moved) > chance:
        words, amount = [f"mean {moved:+.2f} sd"], abs(moved)
    ratio = other / spread
    if abs(ratio - 1) >= MEAN_FLOOR and abs(ratio - 1) > CHANCE * sqrt(0.5 / a.count + 0.5 / b.count) * 2:
        words, amount = [*words, f"spread × {ratio:.2f}"], max(amount, abs(ratio - 1))
    return (amount, ", ".join(words)) if words else None


def _of_shares(before: ColumnProfile, after: ColumnProfile) -> tuple[float, str] | None:
    """The category whose share moved most, of all rows that have a value."""
    n, m = before.rows - before.missing, after.rows - after.missing
    if before.counts is None or after.counts is None or not n or not m:
        return None
    shares = {v: (before.counts.get(v, 0) / n, after.counts.get(v, 0) / m) for v in {*before.counts, *after.counts}}
    moved = [(abs(a - b), v, a, b) for v, (a, b) in shares.items() if _is_moved(a, b, n, m)]
    if not moved:
        return None
    amount, value, a, b = max(moved)
    elsewhere = sum(abs(a - b) for a, b in shares.values()) / 2
    return amount, f"{value or chr(39) * 2} {a:.1%} → {b:.1%}, {elsewhere:.1%} of the rows elsewhere"


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
