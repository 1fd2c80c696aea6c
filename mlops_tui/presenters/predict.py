"""What a form says about a file that is to be predicted, and what came of it in words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.presenters.fields import path_of
from mlops_tui.presenters.words import counted
from mlops_tui.registry.formats import is_file
from mlops_tui.registry.model import CHALLENGER, ModelVersion
from mlops_tui.registry.threshold import DEFAULT, threshold_of
from mlops_tui.serving.model import Ways, out_format
from mlops_tui.serving.policy import BEYOND_TRAINING, WARN, Policy, parse_policy

POLICIES = tuple(BEYOND_TRAINING)
"""The fields of the policies, by their checks."""
SHADOW_ALONE = "--shadow"


def paths(values: Mapping[str, str]) -> tuple[Path, Path]:
    """The file to read and the one to write; `~` is the person's own folder.

    Where none is named to write, it is named after the first and lies in the folder that one is in: the first may lie
    where files are taken in from.
    """
    given = path_of(values["in"])
    return given, path_of(values["out"] or f"{given.stem}-predictions.csv")


def ways(values: Mapping[str, str]) -> Ways:
    """How it is to be predicted."""
    told = {name: text for name in ("threshold", "shadow", *POLICIES) if (text := values.get(name))}
    if told.get("shadow") == CHALLENGER:
        told["shadow"] = ""
    rejects = values.get("rejects")
    return Ways(rejects=path_of(rejects) if rejects else None, **told)


def wrong_paths(values: Mapping[str, str], version: ModelVersion) -> dict[str, str]:
    """A sentence for each field that cannot stay so."""
    given, out = paths(values)
    wrong = {} if is_file(given) else {"in": "There is no such file. Name a CSV, Parquet or JSON lines file."}
    asked = ways(values)
    try:
        out_format(given, out)
    except UsageError as error:
        wrong["out"] = str(error)
    try:
        threshold_of(version, asked.threshold)
    except UsageError as error:
        wrong["threshold"] = str(error)
    for name in POLICIES:
        try:
            parse_policy(values.get(name) or WARN, Policy(WARN, 0.0))
        except UsageError as error:
            wrong[name] = str(error)
    if asked.rejects is not None:
        try:
            out_format(given, asked.rejects)
        except UsageError as error:
            wrong["rejects"] = str(error)
        if asked.rejects.resolve() == out.resolve():
            wrong["rejects"] = "The predictions are written there. Name another file."
    return wrong


def threshold_words(version: ModelVersion) -> str:
    """What is said of the threshold that is used where none is named."""
    usual = threshold_of(version)
    if usual is None:
        return "It does not decide between two classes."
    if usual.of == DEFAULT:
        return "Left empty, the more probable class is called."
    return f"Left empty, {usual.value:.4g}, tuned for {printable(usual.of)}."


def predict_command(selector: str, values: Mapping[str, str]) -> str:
    """The command that predicts the same file."""
    out = str(paths(values)[1]) if values["in"] or values["out"] else "FILE"
    given = values["in"] or "FILE"
    asked = ("threshold", "rejects", "shadow", *POLICIES)
    told = [f"--{name.replace('_', '-')} {shlex.quote(values[name])}" for name in asked if values.get(name)]
    told = [SHADOW_ALONE if option == f"{SHADOW_ALONE} {CHALLENGER}" else option for option in told]
    return " ".join(
        [f"mlops-tui predict {shlex.quote(selector)} --in {shlex.quote(given)} --out {shlex.quote(out)}", *told]
    )


def outcome_words(batch: Mapping[str, Any]) -> list[str]:
    """What came of a prediction, a line each: what was written, by which threshold, and what is odd about the rows."""
    if not batch:
        return ["Stopped before anything was written."]
    files = f" in {batch['files']:,} files" if batch["files"] > 1 else ""
    lines = [
        f"{counted(batch['rows'], 'row')}{files} predicted by {printable(batch['model'])} version {batch['version']}, in"
        f" {printable(batch['out'])}."
    ]
    if (threshold := batch["threshold"]) is not None:
        lines.append(_threshold_line(threshold))
    if batch["aside"]:
        lines.append(f"{counted(batch['aside'], 'row')} set aside in {printable(batch['rejects'])}.")
    elif batch["rejected"]:
        lines.append(f"{counted(batch['rejected'], 'row')} without a prediction: the model gave no finite number.")
    if (read_as := batch["read_as"]) is not None:
        lines.append(_read_line(read_as))
    if batch["learnt"]:
        lines.append(_learnt_line(batch))
    lines += [_check_line(check) for check in _over_files(batch)]
    if (shadow := batch["shadow"]) is not None:
        lines += _shadow_lines(shadow)
    return lines


def _threshold_line(threshold: Mapping[str, Any]) -> str:
    how = {DEFAULT: "the more probable class is called", "given": "as given"}.get(threshold["of"])
    return f"Threshold {threshold['value']:.4g}, {how or 'tuned for ' + printable(threshold['of'])}."


def _read_line(read_as: Mapping[str, Any]) -> str:
    delimiter = {"\t": "a tab"}.get(read_as["delimiter"], f"'{read_as['delimiter']}'")
    decimal = ", a decimal comma" if read_as["decimal"] == "," else ""
    return (
        f"It is written in another way than the training files, and was read so: {delimiter} between fields{decimal}."
    )


def _learnt_line(batch: Mapping[str, Any]) -> str:
    which = "this file" if batch["files"] == 1 else f"{batch['learnt']:,} of the files"
    return f"The version learnt from {which}: what it says of such rows looks better than it is."


def _over_files(batch: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a policy is about in a file, with its share of all rows where there are several files."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for check in batch["checks"]:
        if check["counts"]:
            one = found.setdefault((check["check"], check["column"]), {**check, "count": 0})
            one["count"] += check["count"]
    return [one if batch["files"] == 1 else {**one, "share": one["count"] / batch["rows"]} for one in found.values()]


def _check_line(check: Mapping[str, Any]) -> str:
    rows = f"{counted(check['count'], 'row')} ({check['share']:.2%})"
    return f"In {rows}, '{printable(check['column'])}' is {BEYOND_TRAINING[check['check']]}."


def _shadow_lines(shadow: Mapping[str, Any]) -> list[str]:
    name = f"{printable(shadow['model'])} version {shadow['version']}"
    name += ", the champion before," if shadow.get("by_itself") else ""
    lines = []
    if shadow["mean_absolute_difference"] is not None:
        apart = f"{shadow['mean_absolute_difference']:.4g} apart on average"
        label = "" if shadow["share"] is None else f"another label in {shadow['share']:.2%} of the rows, "
        itself = " by itself" if shadow.get("by_itself") else ""
        lines.append(f"{name}{itself} in the shadow: {label}{apart}.{_left(shadow)}")
    if shadow.get("why") is not None:
        lines.append(f"{name} did not run in the shadow{' of every file' if lines else ''}: {printable(shadow['why'])}")
    return lines


def _left(shadow: Mapping[str, Any]) -> str:
    """On how many files it still runs by itself."""
    if shadow.get("left") is None:
        return ""
    return f" It does so on {counted(shadow['left'], 'more file')} of {shadow['of']}."
