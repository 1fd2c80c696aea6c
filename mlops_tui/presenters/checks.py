"""Checks, verdicts and what changed between versions, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import counted, one_line

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


def verdict_words(file: Record) -> str:
    """A file's verdict: by what is gravest."""
    if file["verdict"] == "cannot_tell":
        return "cannot tell"
    if file["verdict"] == "ok":
        return "ok"
    severities = [item["severity"] for item in file["found"]]
    stops, warnings = severities.count("stop"), severities.count("warn")
    parts = [f"{stops} stop"] if stops else []
    parts += [f"{warnings} warn"] if warnings else []
    return ", ".join(parts) or "unreadable"


def example_words(example: Record) -> str:
    """A row that breaks a check: its line and values."""
    told = [f"{printable(name)} = {_shown(value)}" for name, value in example["values"].items()]
    return f"{example['row']:,}: {one_line(', '.join(told), 160)}"


def _shown(value: str | None) -> str:
    return "missing" if value is None else printable(value) or "''"


def change_words(change: Record) -> str:
    """What came, changed and went, in a few words: a name where there is one, a number where there are more."""
    parts = [
        f"{_named(change[key])} {words}"
        for key, words in (("added", "added"), ("replaced", "replaced"), ("gone", "gone"))
        if change[key]
    ]
    renamed = [f"{printable(old)} renamed {printable(new)}" for old, new in change["renamed"]]
    parts += renamed if len(renamed) <= NAMED else [f"{counted(len(renamed), 'file')} renamed"]
    return ", ".join(parts) or "the same files"


def _named(paths: Sequence[str]) -> str:
    return ", ".join(map(printable, paths)) if len(paths) <= NAMED else counted(len(paths), "file")
