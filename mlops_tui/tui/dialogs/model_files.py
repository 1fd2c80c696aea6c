"""The forms of files that go into a model and come out of it: a model file, a folder that stands alone, a file to predict."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from mlops_tui.evaluation.metrics import ANY_TASK
from mlops_tui.presenters.model_files import (
    TOLD,
    TRUSTED,
    UNTRUSTED,
    export_command,
    register_command,
    wrong_file,
    wrong_folder,
)
from mlops_tui.presenters.predict import predict_command, threshold_words, wrong_paths
from mlops_tui.presenters.words import one_line
from mlops_tui.registry.model import CHAMPION, ModelVersion
from mlops_tui.tui.dialogs.form import Field, Form
from mlops_tui.tui.dialogs.register import name_field

AS_SET = "as the settings say"


def register_file_form(connection: sqlite3.Connection, models: Sequence[str], chosen: str) -> Form:
    """Asks for a model that was made elsewhere; `models` are those that there are, `chosen` the one under the cursor."""
    fields = [
        Field("file", "Model file", placeholder="skops, ONNX or joblib", required=True),
        name_field(chosen, models),
        Field("trust", "Trust it", choices=(UNTRUSTED, TRUSTED), help="A pickle runs code as it is loaded, always."),
        Field(
            "sample",
            "Sample rows",
            placeholder="CSV, Parquet or JSON lines",
            help="Rows that it reads, and the target.",
        ),
        Field("target", "Target column", placeholder="of the sample rows", help="What the model says."),
        Field("like", "Or reads like", placeholder="churn:3", help="A version of the same columns, in place of rows."),
        Field("task", "Task", choices=(TOLD, *sorted(ANY_TASK)), help="Where the file does not tell it."),
    ]
    return Form(
        "Register a model from a file",
        fields,
        "Register",
        check=lambda values: wrong_file(connection, values),
        command=register_command,
    )


def export_form(version: ModelVersion) -> Form:
    """Asks for the folder that a version is written to."""
    fields = [
        Field(
            "folder", "Folder", f"{version.model}-{version.number}", help="A new one, or an empty one.", required=True
        ),
        Field("onnx", "ONNX besides", choices=("no", "yes"), help="Converted, and compared with the original."),
    ]
    return Form(
        f"Export {version.label}",
        fields,
        "Export",
        check=lambda values: wrong_folder(values, version),
        command=lambda values: export_command(version, values),
        words="The folder needs no mlops-tui: the model, its facts, what to install, and a script that predicts.",
    )


def predict_form(version: ModelVersion, selector: str) -> Form:
    """Asks for a file to predict, and where to."""
    fields = [
        Field("in", "Read", placeholder="a CSV, Parquet or JSON lines file", required=True),
        Field("out", "Write", placeholder="as the file, with -predictions", help="Ends in .csv, .parquet or .jsonl."),
        *_threshold_field(version),
        Field("rejects", "Set aside", placeholder="nothing", help="A file for rows that cannot be read."),
        Field(
            "shadow",
            "Beside it",
            placeholder="no version",
            help=f"challenger, or another such as {one_line(version.model, 20)}:1.",
        ),
        *(Field(name, label, placeholder=AS_SET, help=about) for name, label, about in _POLICIES),
    ]
    return Form(
        f"Predict a file with {version.label}",
        fields,
        "Predict",
        words="" if CHAMPION in version.aliases else f"{version.label} is not the champion.",
        check=lambda values: wrong_paths(values, version),
        command=lambda values: predict_command(selector, values),
    )


_POLICIES = (
    ("unknown_category", "Categories", "That training has not seen: warn or refuse, with a share: refuse:0.05."),
    ("out_of_range", "Numbers", "The same of numbers beyond the range of training."),
    ("missing_value", "Missing", "The same of values that training never lacked."),
)
"""What is asked of each policy."""


def _threshold_field(version: ModelVersion) -> list[Field]:
    """The field for a threshold, of a version that decides between two classes."""
    if len(version.signature.classes) != 2:
        return []
    return [Field("threshold", "Threshold", placeholder="a number or a metric", help=threshold_words(version))]
