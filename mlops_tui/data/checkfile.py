"""The file of a source's checks, `.mlops/checks/NAME.toml`: read whole, and only ever added to, so that what a person
writes into it stays as it is."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from mlops_tui.core import toml
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.checkkeys import FIELDS, made
from mlops_tui.data.checks import Check
from mlops_tui.data.checkwords import sentence
from mlops_tui.data.model import Source
from mlops_tui.store.artifact import replace
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace, let_git_see

FOLDER = "checks"
_HEADER = re.compile(r"\s*\[\[\s*check\s*\]\]")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')


def place(workspace: Workspace, name: str) -> Path:
    """Where the checks of the source of that name are."""
    return workspace.home / FOLDER / f"{name}.toml"


def read(workspace: Workspace, source: Source) -> tuple[Check, ...]:
    """The checks of an accepted source, none of another.

    Raises:
        UsageError: the file is gone or broken, said with the line and the key.
    """
    if source.accepted is None:
        return ()
    path = place(workspace, source.name)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"{_said(path)} is gone, which holds the checks of source '{source.name}'.",
            f"Put it back, or write it anew with: mlops-tui data schema {source.name} --accept",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{_said(path)} cannot be read: {error}.", "Save it as UTF-8 text.") from error
    return parsed(text, _said(path), source.kinds)


def unused(workspace: Workspace, source: Source) -> str | None:
    """The sentence about a file that somebody wrote for a source which nobody accepted; None where there is none."""
    path = place(workspace, source.name)
    if source.accepted is not None or not path.exists():
        return None
    return (
        f"{_said(path)} is not used until the source is accepted, which adds what is proposed to it:"
        f" mlops-tui data schema {source.name} --accept"
    )


def mentions(workspace: Workspace, source: Source, word: str) -> bool:
    """Whether the word stands in the file outside of comments: quicker to tell than what all of it means."""
    try:
        text = place(workspace, source.name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return any(word in line and not line.lstrip().startswith("#") for line in text.split("\n"))


def parsed(text: str, where: str, kinds: Mapping[str, str]) -> tuple[Check, ...]:
    """The checks that the text holds; `where` names it in sentences, `kinds` has the columns that there are.

    Raises:
        UsageError: it is no such text.
    """
    told = toml.parsed(text, where)
    items = told.pop("check", [])
    if told or not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        key = next(iter(told), "check")
        line = next((n for n, row in enumerate(text.split("\n"), 1) if key in row), 1)
        raise UsageError(
            f"{where}, line {line}: '{printable(key)}' means nothing here.", "Checks begin with [[check]]."
        )
    return tuple(_check(item, text, number, where, kinds) for number, item in enumerate(items))


def _check(item: Mapping[str, Any], text: str, number: int, where: str, kinds: Mapping[str, str]) -> Check:
    try:
        check = made(**{"kind": None, **item})
        for key in ("column", "other"):
            if (column := getattr(check, key)) is not None and column not in kinds:
                known = ", ".join(printable(name) for name in list(kinds)[:20])
                raise UsageError(f"'{key}' is {column!r}, which the source has not", f"Its columns are: {known}.")
    except UsageError as error:
        key = error.title.split("'")[1]
        raise UsageError(f"{where}, line {line_of(text, number, key)}: {error.title}.", error.remedy) from None
    return check


def line_of(text: str, number: int, key: str) -> int:
    """The line of a key of that check (counted from 0), else the line that the check begins in."""
    lines = text.split("\n")
    begins = [place for place, line in enumerate(lines) if _HEADER.match(line)]
    if number >= len(begins):
        return 1
    end = begins[number + 1] if number + 1 < len(begins) else len(lines)
    named = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((at for at in range(begins[number], end) if named.match(lines[at])), begins[number]) + 1


def add(workspace: Workspace, source: Source, checks: Sequence[Check]) -> list[Check]:
    """Writes those checks whose name the file does not have yet at its end; returns them. Half a file is never seen."""
    path = place(workspace, source.name)
    text = path.read_text("utf-8") if path.exists() else _preamble(source)
    known = {check.name for check in parsed(text, _said(path), source.kinds)}
    new = [check for check in checks if check.name not in known]
    if new or not path.exists():
        with translated(path):
            path.parent.mkdir(exist_ok=True)
            let_git_see(workspace)
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
            temporary.write_text("\n".join([text.rstrip("\n") + "\n", *map(written, new)]), "utf-8")
            replace(temporary, path)
    return new


def _preamble(source: Source) -> str:
    kinds = "\n".join(f"#   {kind:<15}{_keys(*keys)}".rstrip() for kind, keys in FIELDS.items())
    return f"""\
# Checks of the source {source.name}. Each file is held against them when it is taken in.
#
# severity = "warn" takes the file in and says what was found; "stop" quarantines it until it is released.
# Change what you like: this file is read anew at every scan, and is only ever added to.
#
# Kinds, and the keys of each (those in brackets may be left out):
{kinds}
#
# least and most still hold. They are shares of the rows, 0 to 1, for missing, type and unreadable.
"""


def _keys(needed: Sequence[str], possible: Sequence[str]) -> str:
    return ", ".join([*needed, *(f"[{key}]" for key in possible)])


def written(check: Check) -> str:
    """The check as TOML, under the sentence that it means."""
    needed, may = FIELDS[check.kind]
    keys = [key for key in (*needed, *may) if getattr(check, key) not in (None, ())]
    lines = [f"# {' '.join(sentence(check).split())}", "[[check]]", f"kind = {_value(check.kind)}"]
    lines += [f"{key} = {_value(getattr(check, key))}" for key in keys]
    return "\n".join([*lines, f"severity = {_value(check.severity)}"]) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{_ESCAPED.sub(_escape, value)}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return repr(value)


def _escape(found: re.Match[str]) -> str:
    mark = found[0]
    return f"\\{mark}" if mark in '"\\' else f"\\u{ord(mark):04x}"


def changed_at(workspace: Workspace, source: Source) -> float:
    """When the file was changed last, in seconds since 1970; 0 where there is none."""
    try:
        return os.stat(place(workspace, source.name)).st_mtime
    except OSError:
        return 0.0


def trouble_of(workspace: Workspace, source: Source) -> str | None:
    """The sentence about a checks file that is gone or broken, with which nothing is taken in; None where there is none."""
    try:
        read(workspace, source)
    except UsageError as error:
        return str(error)
    return None


def is_about_checks(trouble: str) -> bool:
    """Whether a source's trouble is its checks file, not its folder."""
    return trouble.startswith(f"{FOLDER}/")


def _said(path: Path) -> str:
    return f"{path.parent.name}/{printable(path.name)}"
