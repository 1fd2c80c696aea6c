"""A recipe as a scikit-learn transformer, fitted inside each fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mlops_tui.features.model import FeatureColumn

MAX_CATEGORIES = 50
"""The commonest values get a column each; the rest share one."""
MISSING = "(missing)"


def preprocessor(columns: Sequence[FeatureColumn], *, scale: bool, encode: str, impute: bool) -> ColumnTransformer:
    """Numbers imputed by the median and scaled where asked; categories one-hot or ordinal; unknown ones are no error."""
    numeric = [column.name for column in columns if column.is_numeric]
    categorical = [column.name for column in columns if not column.is_numeric]
    parts: list[tuple[str, Any, list[str]]] = []
    if numeric:
        parts.append(("numeric", _numeric(scale=scale, impute=impute), numeric))
    if categorical:
        parts.append(("categorical", _categorical(encode), categorical))
    return ColumnTransformer(parts, verbose_feature_names_out=False)


def _numeric(*, scale: bool, impute: bool) -> Any:
    steps: list[Any] = []
    if impute:
        steps.append(SimpleImputer(strategy="median", keep_empty_features=True))
    if scale:
        steps.append(StandardScaler())
    return make_pipeline(*steps) if steps else "passthrough"


def _categorical(encode: str) -> Pipeline:
    fill = SimpleImputer(missing_values=None, strategy="constant", fill_value=MISSING, keep_empty_features=True)
    if encode == "ordinal":
        return make_pipeline(fill, _ordinal())
    return make_pipeline(
        fill, OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False)
    )


def _ordinal() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=MAX_CATEGORIES)
