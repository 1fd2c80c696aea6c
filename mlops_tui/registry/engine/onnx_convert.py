"""A fitted pipeline as an ONNX model by skl2onnx, and how far what that says is from what the pipeline says."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from mlops_tui.core.errors import ModelFileError
from mlops_tui.registry.engine.onnx_model import OnnxModel, loaded, open_session
from mlops_tui.registry.engine.parts import parts_of
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import ModelVersion, Signature

NEAR = 1e-3
"""Single precision is closer, but where a row lies so near a tree's threshold that it falls to the other side."""
FAR_ROWS = 0.01
"""The share of rows that may be further off."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The greatest difference over so many rows, and how many are further off than `NEAR`: of probabilities as they are, of
    numbers as a share of the largest.
    """

    greatest: float
    rows: int
    far: int

    @property
    def words(self) -> str:
        """The difference in a sentence."""
        beyond = f"; {self.far:,} rows differ by more than {NEAR:g}" if self.far else ""
        return f"On {self.rows:,} rows the greatest difference from the original is {self.greatest:.2g}{beyond}."


def to_onnx(model: Any, version: ModelVersion, path: Path) -> None:
    """Writes the model as ONNX: one input a column, a missing text as an empty one.

    Raises:
        ModelFileError: skl2onnx is not installed, or does not convert it.
    """
    types = loaded("skl2onnx.common.data_types")
    convert = loaded("skl2onnx").to_onnx
    signature = version.signature
    texts = {column.name for column in signature.columns if column.kind not in ("numeric", "integer")}
    if any(column.kind == "date-time" for column in signature.columns):
        raise _refused(version, "it reads times, which ONNX has no type for")
    inputs = [
        (name, types.StringTensorType([None, 1]) if name in texts else types.FloatTensorType([None, 1]))
        for name in signature.names
    ]
    options = {"zipmap": False} if signature.is_classifier else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path.write_bytes(convert(_of_texts(model), initial_types=inputs, options=options).SerializeToString())
    except OSError:
        raise
    except Exception as error:  # a converter may raise anything
        raise _refused(version, f"{_estimator(model)} is not converted by skl2onnx ({type(error).__name__})") from error


def difference(model: Any, path: Path, version: ModelVersion, rows: pd.DataFrame) -> Difference:
    """How far the ONNX file is from the model on rows that were typed by the signature.

    Raises:
        ModelFileError: it cannot be run, or says something else.
    """
    signature = version.signature
    other = OnnxModel(open_session(path, "The ONNX file"), signature.names, signature.classes)
    expected = scores(model, rows, signature)
    try:
        found = scores(other, rows, signature)
    except (ValueError, ModelFileError) as error:
        raise _refused(version, f"what is converted cannot be run ({error})") from error
    if found.shape != expected.shape:
        raise _refused(version, f"what is converted says {found.shape} numbers, not {expected.shape}")
    off = np.abs(found - expected).reshape(len(rows), -1).max(axis=1) / _scale(expected, signature)
    said = Difference(float(off.max()), len(rows), int((~(off <= NEAR)).sum()))
    if not np.isfinite(off).all() or said.far > FAR_ROWS * len(rows):
        raise _refused(version, f"what is converted says something else. {said.words.rstrip('.')}")
    return said


def _scale(expected: np.ndarray[Any, Any], signature: Signature) -> float:
    return 1.0 if signature.is_classifier else float(max(np.abs(expected).max(initial=0.0), 1e-12))


def _refused(version: ModelVersion, why: str) -> ModelFileError:
    return ModelFileError(f"{version.label} cannot be written as ONNX: {why}.", "Export it without --onnx.")


def _estimator(model: Any) -> str:
    steps = getattr(model, "steps", None)
    return type(steps[-1][1] if steps else model).__name__


def _of_texts(model: Any) -> Any:
    """A copy whose categories and truths are texts, a missing one an empty text, as ONNX knows them."""
    copied = copy.deepcopy(model)
    for part in parts_of(copied):
        if isinstance(part, SimpleImputer) and np.asarray(part.statistics_).dtype.kind in "OUT":
            part.missing_values = ""
        if isinstance(part, OneHotEncoder | OrdinalEncoder):
            part.categories_ = [_texts(categories) for categories in part.categories_]
        if isinstance(part, OneHotEncoder) and part.handle_unknown != "error":
            part.handle_unknown = "ignore"  # the other words for it are not known to the converter
    return copied


def _texts(categories: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if categories.dtype.kind not in "OUT":
        return categories
    return np.array(["" if pd.isna(one) else str(one) for one in categories], dtype=object)
