"""A store in a folder of its own, and a fitted pipeline like those that studies build."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_tui.registry.engine.frame import columns_of, typed
from mlops_tui.registry.engine.keep import Origin, add_version, keep
from mlops_tui.registry.model import Model, ModelVersion, Signature
from mlops_tui.registry.query import find_model, version_of
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store

KINDS = {"age": "numeric", "visits": "integer", "member": "boolean", "plan": "category", "joined": "date-time"}


def training_frame(rows: int = 200) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    age = generator.normal(40, 10, rows)
    age[::17] = np.nan
    member = pd.Series(generator.random(rows) < 0.5, dtype=object)
    member[3] = None
    days = pd.to_timedelta(generator.integers(0, 900, rows), unit="D")
    return pd.DataFrame(
        {
            "age": age,
            "visits": generator.integers(0, 9, rows),
            "member": member,
            "plan": pd.Series(generator.choice(["basic", "gold", "trial"], rows), dtype=object),
            "joined": (pd.Timestamp("2024-01-01") + days).astype("datetime64[us]"),
        }
    )


def fitted(frame: pd.DataFrame) -> tuple[Pipeline, Signature]:
    columns = columns_of(frame, KINDS)
    encode = ColumnTransformer(
        [
            ("numbers", SimpleImputer(), ["age", "visits"]),
            (
                "words",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent", missing_values=None),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                ["plan"],
            ),
        ]
    )
    pipeline = make_pipeline(encode, RandomForestClassifier(20, random_state=1))
    label = np.where((frame["visits"] > 4) ^ (frame["plan"] == "gold"), "yes", "no")
    pipeline.fit(typed(frame, columns), label)
    return pipeline, Signature(columns, "left", "classification", ("no", "yes"), "yes")


@pytest.fixture
def registered(store: Store) -> Any:
    """Registers a fitted pipeline as the next version of a model; called as registered(name)."""
    frame = training_frame()
    pipeline, signature = fitted(frame)

    def _register(name: str = "churn", run: str = "R1") -> ModelVersion:
        kept = keep(store, pipeline, signature, frame)
        with write_session(store) as writing:
            add_version(writing, name, kept, Origin(run, None, "S", 1, "forest", {}, {"roc_auc": 0.9}))
        model: Model = find_model(store.reader, name)
        return version_of(store.reader, model, model.newest or 0)

    _register.frame, _register.pipeline, _register.signature = frame, pipeline, signature  # type: ignore[attr-defined]
    return _register
