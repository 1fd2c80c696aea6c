"""What a form says about a file that is to be predicted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from mlops_tui.core.errors import UsageError
from mlops_tui.serving.model import out_format


def paths(values: Mapping[str, str]) -> tuple[Path, Path]:
    """The file to read and the one to write; `~` is the person's own folder.

    Where none is named to write, it is named after the first and lies in the folder that one is in: the first may lie
    where files are taken in from.
    """
    given = Path(values["in"]).expanduser()
    return given, Path(values["out"] or f"{given.stem}-predictions.csv").expanduser()


def wrong_paths(values: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each field that cannot stay so."""
    given, out = paths(values)
    wrong = {} if given.is_file() else {"in": "There is no such file. Name a CSV or a Parquet file."}
    try:
        out_format(given, out)
    except UsageError as error:
        wrong["out"] = str(error)
    return wrong


def predict_command(selector: str, values: Mapping[str, str]) -> str:
    """The command that predicts the same file."""
    out = str(paths(values)[1]) if values["in"] or values["out"] else "FILE"
    given = values["in"] or "FILE"
    return f"mlops-tui predict {shlex.quote(selector)} --in {shlex.quote(given)} --out {shlex.quote(out)}"
