"""Checks, verdicts and what changed between versions, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.data.checkwords import noun_of
from mlops_tui.presenters.words import MISSING, Cell, counted, initial, one_line

SEEN = "past files"
"""The title over `past_words`."""
NAMED = 3

Record = Mapping[str, Any]


def past_words(check: Record) -> str:
    """How many files the check would have stopped or warned of, and how many it is to be expected of."""
    if check["past"] is None:
        return "their rows can tell: mlops-tui data check"
    verb = "stopped" if check["severity"] == "stop" else "warned of"
    words = f"{verb} {check['past']} of {check['files']}"
    if check.get("foreseen_of"):
        words += f" (made from those before each: {check['foreseen']} of {check['foreseen_of']})"
    return words


def check_cells(check: Record, *, plain: bool = False) -> tuple[Cell, ...]:
    """Severity, whether files are held against it, the sentence, the past files that broke it, and how many are to be expected to."""
    stops = check["severity"] == "stop"
    sign = ("x" if plain else "✗") if stops else ("!" if plain else "▲")
    past, of = check["past"], check["files"]
    foreseen, foreseen_of = check.get("foreseen"), check.get("foreseen_of")
    return (
        Cell(f"{sign} {check['severity']}", "bad" if stops else "warn"),
        Cell("in force", "good") if check["holds"] else Cell("proposed", "dim"),
        Cell(one_line(check["sentence"])),
        Cell(MISSING if past is None else f"{past:,} of {of:,}", "warn" if past else "dim"),
        Cell(f"{foreseen:,} of {foreseen_of:,}" if foreseen_of else MISSING, "warn" if foreseen else "dim"),
    )


def check_line(check: Record) -> str:
    """A check in full: what has to be, and what it would have done."""
    return (
        f"{initial(check['sentence'])}. It would have {past_words(check)}."
        if check["past"] is not None
        else (f"{initial(check['sentence'])}. Only rows can tell how many past files break it.")
    )


def accepting_words(name: str, checks: Sequence[Record], columns: int) -> str:
    """What accepting a schema changes."""
    stops = sum(check["severity"] == "stop" for check in checks)
    held = counted(len(checks), "check")
    return (
        f"The {counted(columns, 'column')} of {printable(name)} are what its files have to have. Every file that comes is"
        f" held against {held}: {stops:,} quarantine a file, {len(checks) - stops:,} warn. They are kept in"
        f" .mlops/checks/{printable(name)}.toml, where they can be edited."
    )


def checked_words(result: Record) -> str:
    """What came of holding files against the checks."""
    files = counted(len(result["files"]), "file")
    broken = [file["file"] for file in result["files"] if file["verdict"] == "broken"]
    told = f"{_named(broken)} broke a check" if broken else "none broke a check"
    return f"{printable(result['source'])}: {files} held against {counted(result['checks'], 'check')}; {told}." + (
        f" {result['overdue']}" if result["overdue"] else ""
    )


def verdict_words(file: Record) -> str:
    """A file's verdict: by what is gravest."""
    if file["verdict"] == "cannot_tell":
        return "cannot tell"
    left_out = _left_out(file)
    bad_rows = [f"{counted(left_out, 'bad row')} left out"] if left_out else []
    if file["verdict"] == "ok":
        return ", ".join(["ok", *bad_rows])
    severities = [item["severity"] for item in file["found"]]
    stops, warnings = severities.count("stop"), severities.count("warn")
    parts = [f"{stops} stop"] if stops else []
    parts += [f"{warnings} warn"] if warnings else []
    return ", ".join(parts + (bad_rows if not stops else [])) if parts else "unreadable"


def left_out_words(file: Record) -> str:
    """Of a file that breaks no check: the first of its rows that cannot be read; empty where all of them can."""
    if not file.get("bad_rows"):
        return ""
    first, many = file["bad_rows"][0], _left_out(file)
    place = f"{noun_of(file['file'])} {first['line']:,}" if first["line"] else "one of them"
    return (
        f"{counted(many, 'row')} cannot be read and {'is' if many == 1 else 'are'} left out: {place} {first['reason']}"
    )


def _left_out(file: Record) -> int:
    """How many of its rows cannot be read; an older verdict has but the first of them."""
    return int(file.get("left_out", len(file.get("bad_rows", ()))))


def example_words(example: Record) -> str:
    """A row that breaks a check: its line and values."""
    told = [f"{printable(name)} = {_shown(value)}" for name, value in example["values"].items()]
    return f"{example['row']:,}: {one_line(', '.join(told), 160)}"


def _shown(value: str | None) -> str:
    return "missing" if value is None else printable(value) or "''"


def change_words(change: Record) -> str:
    """What came, changed and went, in a few words: a name where there is one, a number where there are more."""
    over = {new for _, new in change["renamed"]} & set(change.get("replaced") or ())
    left_out = change.get("left_out") or ()
    gone = [path for path in change["gone"] if path not in left_out]
    kept = {**change, "gone": gone, "replaced": [path for path in change.get("replaced") or () if path not in over]}
    parts = [
        f"{_named(kept[key])} {words}"
        for key, words in (
            ("added", "added"),
            ("replaced", "replaced"),
            ("kept_out", "changed and quarantined"),
            ("gone", "gone"),
            ("left_out", "left out by the pattern"),
        )
        if kept.get(key)  # an older result has not all of them
    ]
    renamed = [
        f"{printable(old)} renamed {printable(new)}" + (", whose former content is gone" if new in over else "")
        for old, new in change["renamed"]
    ]
    parts += renamed if len(renamed) <= NAMED else [f"{counted(len(renamed), 'file')} renamed"]
    if change["reading"]:
        parts.append(f"read otherwise: {', '.join(map(printable, change['reading']))}")
    return ", ".join(parts) or "the same files"


def _named(paths: Sequence[str]) -> str:
    return ", ".join(map(printable, paths)) if len(paths) <= NAMED else counted(len(paths), "file")
