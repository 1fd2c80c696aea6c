"""A recipe as a scikit-learn transformer, fitted inside each fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mlops_tui.features.model import MAX_CATEGORIES, FeatureColumn

MISSING = "(missing)"


def preprocessor(columns: Sequence[FeatureColumn], *, scale: bool, encode: str, impute: bool) -> ColumnTransformer:
    """Numbers imputed by the median and scaled where asked; categories and booleans one-hot or ordinal.

    A missing category or boolean is a value of its own; one that training has not seen is no error.
    """
    numeric = [column.name for column in columns if column.is_numeric]
    boolean = [column.name for column in columns if column.kind == "boolean"]
    categorical = [column.name for column in columns if column.name not in {*numeric, *boolean}]
    parts = (
        ("numeric", _numeric(scale=scale, impute=impute), numeric),
        ("categorical", make_pipeline(_filler(), _encoder(encode)), categorical),
        ("boolean", _encoder(encode), boolean),  # filled by a word, they would be of two types
    )
    return ColumnTransformer([part for part in parts if part[2]], verbose_feature_names_out=False)


def without_infinite(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The frame with infinite numbers of those columns as missing ones: no estimator can learn from them."""
    infinite = {
        name: frame[name].where(np.isfinite(frame[name]))
        for name in columns
        if frame[name].dtype.kind == "f" and np.isinf(frame[name]).any()
    }
    return frame.assign(**infinite) if infinite else frame


def places_of_categories(columns: Sequence[FeatureColumn]) -> tuple[int, ...]:
    """The columns of an ordinal matrix that hold codes of categories: `preprocessor` puts them behind the numbers."""
    numeric = sum(column.is_numeric for column in columns)
    categorical = sum(not column.is_numeric and column.kind != "boolean" for column in columns)
    return tuple(range(numeric, numeric + categorical))


def _numeric(*, scale: bool, impute: bool) -> Any:
    steps: list[Any] = []
    if impute:
        steps.append(SimpleImputer(strategy="median", keep_empty_features=True))
    if scale:
        steps.append(StandardScaler())
    return make_pipeline(*steps) if steps else "passthrough"


def _filler() -> SimpleImputer:
    return SimpleImputer(missing_values=None, strategy="constant", fill_value=MISSING, keep_empty_features=True)


def _encoder(encode: str) -> Any:
    if encode == "ordinal":
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=MAX_CATEGORIES)
    return OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False)
