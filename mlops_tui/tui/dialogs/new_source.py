"""Naming a folder or a file as a source: what is asked, and what cannot stay so."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.data.header import check_columns_lie_there
from mlops_tui.data.model import ROLES, check_columns_differ, check_name
from mlops_tui.data.place import exclude_of, pattern_of, place_of
from mlops_tui.presenters.fields import path_of
from mlops_tui.tui.dialogs.form import Field, Form, Values

FIELDS = (
    Field("path", "Path", placeholder="incoming/", help="A folder that files arrive in, or one file.", required=True),
    Field("name", "Name", placeholder="as the folder or the file", help=""),
    Field("role", "Role", choices=ROLES, help="To learn from, to predict, or later outcomes."),
    Field("pattern", "Pattern", placeholder="every data file", help="Which files of the folder: 2026-*.csv"),
    Field("target", "Target column", placeholder="none", help="What is to be predicted."),
    Field("time", "Time column", placeholder="none", help=""),
    Field("id", "Id column", placeholder="none", help=""),
    Field("recursive", "Folders below", choices=("no", "yes"), help="Whether their files count too."),
    Field("exclude", "Leave out", placeholder="nothing", help="Files and folders, such as: old, test-*.csv"),
    Field("snapshot", "Copy files in", choices=("no", "yes"), help="So that each version can be read back."),
)
COLUMNS = ("target", "time", "id")


def new_source_form(connection: sqlite3.Connection, home: Path) -> Form:
    """The form; its answer is made into arguments by `arguments`. `home` is the workspace's own folder."""
    return Form("New source", FIELDS, "Add and scan", check=lambda values: complaints(connection, home, values))


def complaints(connection: sqlite3.Connection, home: Path, values: Values) -> dict[str, str]:
    """A sentence for each field that cannot stay so."""
    wrong: dict[str, str] = {}
    given = arguments(values)
    try:
        place = place_of(given["path"], home)
    except UsageError as error:
        return {"path": error.title}
    try:
        pattern = pattern_of(place, given["pattern"], recursive=given["recursive"])
    except UsageError as error:
        wrong["pattern"] = error.title
    else:
        wrong |= _lacking(place, pattern, values, given["exclude"])
    try:
        exclude_of(place, given["exclude"])
    except UsageError as error:
        wrong["exclude"] = error.title
    try:
        check_name(given["name"])
    except UsageError as error:
        wrong["name"] = f"{error.title} {error.remedy}"
    if connection.execute("SELECT 1 FROM source WHERE name = ? AND archived IS NULL", (given["name"],)).fetchone():
        wrong["name"] = f"There is a source named '{given['name']}' already."
    try:
        check_columns_differ({name: values[name] or None for name in COLUMNS})
    except UsageError as error:
        wrong[_second(values)] = error.title
    return wrong


def _lacking(place: Path, pattern: str, values: Values, exclude: Sequence[str]) -> dict[str, str]:
    """A sentence for each field with a column that the file that lies there has not."""
    wrong = {}
    for name in COLUMNS:
        try:
            check_columns_lie_there(place, pattern, values["role"], {name: values[name] or None}, exclude)
        except UsageError as error:
            wrong[name] = str(error)
    return wrong


def _second(values: Values) -> str:
    """The later of the two fields that name one column."""
    named = [values[name] for name in COLUMNS]
    return next(name for place, name in enumerate(COLUMNS) if values[name] and values[name] in named[:place])


def arguments(values: Values) -> dict[str, Any]:
    """What `Sources.add` takes, from the texts of the form."""
    path = path_of(values["path"])
    return {
        "path": path,
        "name": values["name"] or named_after(path),
        "role": values["role"],
        "pattern": values["pattern"] or None,
        "recursive": values["recursive"] == "yes",
        "snapshot": values["snapshot"] == "yes",
        "exclude": tuple(part.strip() for part in values["exclude"].split(",") if part.strip()),
        "target": values["target"] or None,
        "time_column": values["time"] or None,
        "id_column": values["id"] or None,
    }


def named_after(path: Path) -> str:
    """A name that a source may have, from its path."""
    stem = path.resolve().name.split(".")[0]
    return re.sub(r"[^\w-]+", "_", stem).strip("_-") or "source"
