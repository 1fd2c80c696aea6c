"""Schemas, checks, kept-out files and versions as a person reads them in a terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.core.printable import printable
from mlops_tui.data.model import QUARANTINED
from mlops_tui.presenters.checks import SEEN, change_words, example_words, left_out_words, past_words, verdict_words
from mlops_tui.presenters.words import age, count, counted, one_line, size, state

Record = Mapping[str, Any]


def schema(shown: Record) -> str:
    """The columns, then the checks that hold and those that are proposed."""
    columns = [
        (c["name"], c["kind"], c["role"] or "", _may_be_missing(c), one_line(c["why"] or "", 90))
        for c in shown["columns"]
    ]
    if shown["accepted"]:
        head = f"{shown['source']}: schema accepted {age(shown['accepted'], time.time())}; checks in {shown['file']}"
    else:
        head = f"{shown['source']}: schema not accepted; do so with: mlops-tui data schema {shown['source']} --accept"
    parts = [head, table(("column", "kind", "role", "nullable", "why"), columns)]
    if shown["checks"]:
        parts.append(_checks("Each file is held against:", shown["checks"]))
    if shown["proposed"]:
        parts.append(_checks("Proposed:", shown["proposed"]))
    return "\n\n".join(parts)


def _may_be_missing(column: Record) -> str:
    if column["optional"]:
        return "yes, as a whole"
    return "yes" if column["nullable"] else "no"


def _checks(title: str, checks: Sequence[Record]) -> str:
    rows = [(c["severity"], one_line(c["sentence"], 120), past_words(c)) for c in checks]
    return f"{title}\n{table(('severity', 'what has to be', SEEN), rows)}"


def checked(shown: Record) -> str:
    """One line a file, and below each broken check with rows that break it."""
    rows = [
        (f["file"], state(f["state"]).text, verdict_words(f), one_line(_first_reason(f), 400)) for f in shown["files"]
    ]
    head = f"{shown['source']}: {counted(len(shown['files']), 'file')}, {counted(shown['checks'], 'check')}"
    parts = [head, table(("file", "state", "verdict", ""), rows, empty="No files yet.")]
    if len(shown["files"]) == 1:
        parts += _broken(shown["files"][0]) + _bad_rows(shown["files"][0])
    if shown["overdue"]:
        parts.append(shown["overdue"])
    return "\n\n".join(parts)


def _first_reason(file: Record) -> str:
    found = sorted(file["found"], key=lambda item: item["severity"] != "stop")
    return found[0]["reason"] if found else file["reason"] or left_out_words(file)


def kept_out(shown: Record) -> str:
    """One file: why it is quarantined, or that it is not; what each check found, and its rows."""
    is_out = shown["state"] == QUARANTINED
    if is_out:
        head = f"quarantined by {shown['source']}: {one_line(shown['reason'] or '', 400)}"
    elif shown["released"]:
        head = f"taken in by {shown['source']}, since it was released: {one_line(shown['released'], 400)}"
    elif shown["found"] or shown["bad_rows"]:
        head = f"taken in by {shown['source']}, not quarantined; what follows was only warned of."
    else:
        head = f"taken in by {shown['source']}, not quarantined; it breaks no check."
    parts = [f"{printable(shown['file'])}, {head}"]
    parts += _broken(shown) + _bad_rows(shown)
    if is_out and shown["rows"] is not None:
        parts.append(f"Take it in all the same with: mlops-tui data release {printable(shown['file'])} --why TEXT")
    return "\n\n".join(parts)


def _bad_rows(file: Record) -> list[str]:
    """The rows that cannot be read, as they stand in the file; nothing where there are none."""
    rows = [(count(r["line"]), r["column"] or "", one_line(r["reason"]), one_line(r["text"])) for r in file["bad_rows"]]
    told = table(("line", "column", "reason", "what stands there"), rows, right=("line",))
    return [f"Rows that cannot be read:\n{told}"] if rows else []


def _broken(file: Record) -> list[str]:
    parts = []
    for item in file["found"]:
        lines = [f"{item['severity']}: {one_line(item['reason'], 400)}"]
        lines += [f"  {example_words(example)}" for example in item["examples"]]
        parts.append("\n".join(lines))
    return parts


def quarantine(found: Sequence[Record]) -> str:
    """One line a check that a quarantined file breaks, the file's name in the first of them, and why."""
    rows = []
    for file in found:
        broken = sorted(file["found"], key=lambda one: one["severity"] != "stop")
        for place, one in enumerate(broken or [{**file, "severity": "stop", "count": None}]):
            named = ("", "") if place else (file["source"] or "", file["file"])
            where = (count(one["row"]), one["column"] or "", count(one["count"]))
            rows.append((*named, one["check"] or "", one["severity"], *where, one_line(one["reason"] or "", 400)))
    columns = ("source", "file", "check", "severity", "line", "column", "count", "reason")
    return table(columns, rows, right=("line", "count"), empty="No file is quarantined.")


def released(shown: Record) -> str:
    """Where a file that was let in is now."""
    file, source = printable(shown["file"]), shown["source"]
    if shown["state"] == "taken_in":
        return f"{file} is in version {shown['version']} of {source}."
    return f"{file} is released; it is not taken in yet. Look with: mlops-tui data show {source}"


def versions(found: Sequence[Record]) -> str:
    """One line a version, with what made it another."""
    now = time.time()
    rows = [
        (
            str(v["version"]),
            ", ".join(v["tags"]),
            age(v["created"], now),
            count(v["files"]),
            count(v["rows"]),
            size(v["bytes"]),
            v["hash"][:12],
            one_line(change_words(v), 120),
        )
        for v in found
    ]
    columns = ("version", "tags", "made", "files", "rows", "size", "hash", "what changed")
    return table(columns, rows, right=("version", "files", "rows", "size"), empty="There is no version yet.")


def diff(shown: Record) -> str:
    """Rows and files of two versions, then the columns that differ, the greatest change first."""
    before, after = shown["before"], shown["after"]
    head = f"{shown['source']}: version {before['version']} → {after['version']}"
    facts = [(name, count(before[name]), count(after[name])) for name in ("files", "rows")]
    facts.append(("size", size(before["bytes"]), size(after["bytes"])))
    parts = [
        f"{head}, {change_words(shown['files'])}",
        table(("", "before", "after"), facts, right=("before", "after")),
    ]
    moved = [
        (c["name"], c["kind"], c["how_much"], _few(c["new"]), _few(c["vanished"]))
        for c in shown["columns"]
        if c["moved"] or c["new"] or c["vanished"]
    ]
    same = len(shown["columns"]) - len(moved)
    parts.append(table(("column", "kind", "change", "new", "vanished"), moved, empty="No column moved."))
    if moved and same:
        parts.append(f"{counted(same, 'other column')} did not move beyond chance.")
    return "\n\n".join(parts)


def _few(values: Sequence[str] | None) -> str:
    return one_line(", ".join(value or "''" for value in values or ()), 60)
