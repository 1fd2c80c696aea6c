"""The signature of a model that was made elsewhere, from rows that it reads, or as another version has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

from mlops_tui.core.errors import ModelFileError, SchemaMismatch, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.kinds import guess_kinds
from mlops_tui.data.engine.reading import open_file, require_column
from mlops_tui.evaluation.metrics import BINARY, MULTICLASS, REGRESSION
from mlops_tui.registry.engine.frame import columns_of, from_rows, typed
from mlops_tui.registry.engine.parts import misses_by_none
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import ModelVersion, Signature, SignatureColumn
from mlops_tui.tuning.labels import same_label

SAMPLED_ROWS = 10_000
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that a model is to read: the columns that it may read, the name of its target, and the values that this has. The
    dtypes of a `sample` are ours, and not yet those that the model learnt from.
    """

    frame: pd.DataFrame
    columns: tuple[SignatureColumn, ...]
    target: str
    labels: tuple[Any, ...] = ()
    is_sample: bool = False


def rows_of_file(path: Path, target: str) -> Rows:
    """The first rows of a CSV, Parquet or JSON lines file, by the kinds that its columns look like.

    Raises:
        UnknownColumn: it has no column of the target's name.
        FileUnreadable: it cannot be read.
    """
    with open_file(path) as file:
        types = {column.name: column.dtype for column in file.shape.columns}
        require_column(types, target, path)
        kinds = {name: kind for name, (kind, _) in guess_kinds(file.con, file.sql_of, types).items()}
    frame = read_frame(path, None, kinds).head(SAMPLED_ROWS)
    told = frame[target].dropna().unique()
    labels = tuple(sorted((_plain(label) for label in told), key=lambda label: (str(type(label)), label)))
    features = {name: kind for name, kind in kinds.items() if name != target}
    return Rows(frame[list(features)], columns_of(frame, features), target, labels, is_sample=True)


def rows_of_version(version: ModelVersion) -> Rows:
    """The rows that were kept as a check of another version, by its signature."""
    signature = version.signature
    return Rows(
        from_rows(version.checks["rows"], signature), signature.columns, signature.target, tuple(signature.classes)
    )


def as_learnt(rows: Rows, model: Any) -> Rows:
    """The columns in the dtypes that the model learnt from, as far as it tells: else in those of pandas."""
    if not rows.is_sample or misses_by_none(model):
        return rows
    return replace(rows, columns=tuple(_as_pandas_reads(column, rows.frame[column.name]) for column in rows.columns))


def _as_pandas_reads(column: SignatureColumn, values: pd.Series) -> SignatureColumn:
    """The column in the dtype that a script of pandas has it in: a missing text is NaN there, a truth is no object."""
    if column.dtype != "object":
        return column
    if column.kind != "boolean":
        return replace(column, dtype="str")
    return column if values.isna().any() else replace(column, dtype="bool")


def chosen(rows: Rows, model: Any, name: str) -> tuple[Rows, list[str]]:
    """The columns that the model was fitted with, in its order, and those that it leaves aside; all where it names none.

    Raises:
        SchemaMismatch: it was fitted with others, or with more or fewer.
    """
    there = {column.name: column for column in rows.columns}
    fitted = getattr(model, "feature_names_in_", None)
    if fitted is None:
        wanted = getattr(model, "n_features_in_", len(there))
        if wanted != len(there):
            raise SchemaMismatch(
                f"{name} was fitted on {wanted} columns without names; there are {len(there)}.",
                "Give rows with these columns and the target alone, in their order.",
            )
        return rows, []
    names = [str(one) for one in fitted]
    if missing := [one for one in names if one not in there]:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        unused = [one for one in there if one not in names]
        instead = f" What it has instead: {_quoted(unused)}." if unused else ""
        raise SchemaMismatch(
            f"{name} was fitted with {_quoted(missing)}{more}, which the rows have no column of.{instead}",
            "Give rows with the columns that it was trained on, under the same names.",
        )
    aside = [one for one in there if one not in names]
    return replace(rows, frame=rows.frame[names], columns=tuple(there[one] for one in names)), aside


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{printable(one)}'" for one in names[:_SHOWN])


def signature_of(rows: Rows, classes: Sequence[Any], task: str | None, model: Any, name: str) -> Signature:
    """The signature, with the model's own classes.

    Raises:
        UsageError: the task that was told is not the model's, or has to be told.
        ModelFileError: it says labels that the rows do not have, or knows one alone.
    """
    labels = tuple(_plain(label) for label in classes)
    if len(labels) == 1:
        raise ModelFileError(f"{name} knows the class {labels[0]} alone.", "Train it on rows of every class.")
    found = BINARY if len(labels) == 2 else MULTICLASS
    if not labels:
        found = REGRESSION
        if task is None and not _says_numbers(model):
            raise UsageError(f"{name} does not tell whether it says numbers.", "Say it with: --task regression")
    if task is not None and task != found:
        raise UsageError(f"{name} is a model for {found}, not for {task}.", "Leave --task out, or say what it is.")
    strange = [label for label in rows.labels if not any(same_label(str(label), str(one)) for one in labels)]
    if labels and strange:
        raise ModelFileError(
            f"The column '{printable(rows.target)}' holds '{printable(str(strange[0]))}', a class that {name} does not know.",
            "Name the column that it was trained to say.",
        )
    return Signature(rows.columns, rows.target, found, labels)


def _says_numbers(model: Any) -> bool:
    try:
        return bool(is_regressor(model))
    except (AttributeError, TypeError):  # an estimator of no scikit-learn that is known
        return False


def require_predicting(model: Any, rows: Rows, signature: Signature, name: str) -> None:
    """Raises ModelFileError where the model does not say probabilities, or a number, of each of the rows."""
    if signature.is_classifier and not hasattr(model, "predict_proba"):
        raise ModelFileError(
            f"{name} says classes without probabilities.",
            "Wrap it in scikit-learn's CalibratedClassifierCV, and write it again.",
        )
    frame = typed(rows.frame, signature.columns)
    try:
        found = scores(model, frame, signature)
    except Exception as error:  # an estimator of somebody else may raise anything
        raise ModelFileError(
            f"{name} does not predict the rows: {type(error).__name__}: {_line(error)}.",
            "Give rows as the model was trained on.",
        ) from error
    expected = (len(frame), len(signature.classes)) if signature.is_classifier else (len(frame),)
    if found.shape != expected:
        raise ModelFileError(
            f"{name} says {found.shape} numbers of {len(frame)} rows, not {expected}.", "Give it one target."
        )
    if bad := int((~np.isfinite(found.reshape(len(frame), -1)).all(axis=1)).sum()):
        raise ModelFileError(
            f"{name} says no finite number of {bad} of {len(frame)} rows.", "Give rows that it can read."
        )


def _line(error: BaseException) -> str:
    return printable(next(iter(str(error).splitlines()), "")).rstrip(". ")


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
