"""Model files in and out: what the forms ask, what cannot stay so, the commands that do the same, and how it ended."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import MlopsError, ModelFileError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.presenters.fields import path_of
from mlops_tui.presenters.words import counted
from mlops_tui.registry.filing import ForeignFile, require_free_folder
from mlops_tui.registry.formats import JOBLIB, ONNX, format_of, is_file, refuse_pickle, require_file
from mlops_tui.registry.model import ModelVersion, valid_name
from mlops_tui.registry.query import find_version

UNTRUSTED, TRUSTED = "no: no code in it is run", "yes: I know who made it; code in it may run"
TOLD = "as the file tells"


def given_file(values: Mapping[str, str]) -> ForeignFile:
    """The file that a form names, with what it says of it."""
    sample = values["sample"]
    return ForeignFile(
        path_of(values["file"]),
        values["like"] or None,
        path_of(sample) if sample else None,
        values["target"] or None,
        None if values["task"] == TOLD else values["task"],
        trust=values["trust"] == TRUSTED,
    )


def wrong_file(connection: sqlite3.Connection, values: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each field that cannot stay so; nothing of the file but its first bytes is looked at."""
    given, wrong = given_file(values), {}
    try:
        valid_name(values["name"])
    except UsageError as error:
        wrong["name"] = str(error)
    if values["file"]:
        wrong |= _wrong_format(given)
    if (given.like is None) == (given.sample is None):
        wrong["sample"] = "Name either rows that it reads, or a version that reads the same columns."
    elif given.sample is not None:
        if not is_file(given.sample):
            wrong["sample"] = "There is no such file. Name a CSV, Parquet or JSON lines file."
        if given.target is None:
            wrong["target"] = "Name the column of the sample rows that the model says."
    else:
        if given.target is not None:
            wrong["target"] = "It is the one of the version that reads the same: leave it empty."
        try:
            find_version(connection, given.like or "")
        except MlopsError as error:
            wrong["like"] = str(error)
    return wrong


def _wrong_format(given: ForeignFile) -> dict[str, str]:
    try:
        require_file(given.path)
        format_ = format_of(given.path)
    except (UsageError, ModelFileError) as error:
        return {"file": str(error)}
    try:
        refuse_pickle(given.path, format_, trust=True)
    except ModelFileError as error:
        return {"file": str(error)}
    if format_ == JOBLIB and not given.trust:
        name = printable(given.path.name)
        return {"trust": f"{name} is a pickle, which runs the code in it. Say yes where you know who made it."}
    return {}


def register_command(values: Mapping[str, str]) -> str:
    """The command that registers the same file."""
    given = given_file(values)
    told = [f"--{name} {shlex.quote(values[name])}" for name in ("like", "sample", "target") if values[name]]
    told += [f"--task {given.task}"] if given.task is not None else []
    told += ["--trust"] if given.trust else []
    named = f"--file {shlex.quote(values['file'] or 'FILE')} --name {shlex.quote(values['name'] or 'M')}"
    return " ".join([f"mlops-tui models register {named}", *told])


def registered_lines(result: Mapping[str, Any]) -> list[str]:
    """What was registered, a line each: the version, the types that were vouched for, and columns that it does not read."""
    kept = f" and kept as {result['format']}" if "format" in result else ""
    lines = [f"{printable(result['model'])} version {result['version']} registered{kept}."]
    if types := result.get("types"):
        lines.append(
            f"It may hold {counted(len(types), 'type')} that you vouched for: {', '.join(map(printable, types))}."
        )
    if aside := result.get("left_out"):
        lines.append(f"It does not read: {', '.join(map(printable, aside))}.")
    return lines


def folder_of(values: Mapping[str, str]) -> Path:
    """The folder that a form names."""
    return path_of(values["folder"])


def wrong_folder(values: Mapping[str, str], version: ModelVersion) -> dict[str, str]:
    """A sentence for each field that cannot stay so."""
    wrong = {}
    if values["folder"]:
        try:
            require_free_folder(folder_of(values))
        except UsageError as error:
            wrong["folder"] = str(error)
    if values["onnx"] == "yes" and version.format == ONNX:
        wrong["onnx"] = "It is a file of ONNX already."
    return wrong


def export_command(version: ModelVersion, values: Mapping[str, str]) -> str:
    """The command that writes the same folder."""
    named = f"{shlex.quote(version.model)} {version.number} {shlex.quote(values['folder'] or 'DIR')}"
    return f"mlops-tui models export {named}{' --onnx' if values['onnx'] == 'yes' else ''}"


def exported_lines(result: Mapping[str, Any]) -> list[str]:
    """What was written where, and how far an ONNX file is from the original."""
    out = printable(result["out"])
    lines = [f"{printable(result['model'])} version {result['version']} is in {out}: {', '.join(result['files'])}."]
    if onnx := result["onnx"]:
        far = f"; {counted(onnx['far'], 'row')} further off than a thousandth" if onnx["far"] else ""
        lines.append(f"ONNX differs by at most {onnx['difference']:.2g} on {counted(onnx['rows'], 'row')}{far}.")
    return lines
