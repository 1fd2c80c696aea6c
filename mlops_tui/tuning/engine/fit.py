"""The rows of a study, and the pipeline of a trial."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlops_tui.core.errors import BadTarget, DataError
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.learning import ALL, parse
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.held_out import is_held_out, make_rule, newest_block
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.features.engine import places_of_categories, preprocessor, without_infinite
from mlops_tui.features.model import FeatureColumn
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.families.family import Problem, takes_weights
from mlops_tui.tuning.engine.families.own import load_own
from mlops_tui.tuning.labels import same_label
from mlops_tui.tuning.model import Study


@dataclass(frozen=True, slots=True)
class Prepared:
    """A study's labelled rows, split by the rule of its source. `y` holds labels for a class, numbers for a regression;
    `classes` are the sorted labels, none for a regression; `weights` and `held_out_weights` say what each row weighs,
    None where each weighs the same."""

    training: pd.DataFrame
    held_out: pd.DataFrame
    features: tuple[FeatureColumn, ...]
    y_training: np.ndarray
    y_held_out: np.ndarray
    classes: tuple[Any, ...]
    weights: np.ndarray | None = None
    held_out_weights: np.ndarray | None = None
    rule: dict[str, Any] = field(default_factory=dict)
    """By which rows are held out."""


def prepare(
    store: Store,
    study: Study,
    *,
    version: int | None = None,
    window: str | None = None,
    held_out: dict[str, Any] | None = None,
) -> Prepared:
    """Reads the version and the window that the study was made of and sets the held-out rows aside; another version, window
    or rule where one is given.

    Raises:
        BadTarget: the target is all missing or has one class.
        DataError: a row has no weight.
        UsageError: a family of the user's own cannot be loaded.
    """
    load_own(store.workspace, study.families, study.task)
    source = get_source(store.reader, study.source_id)
    features = tuple(FeatureColumn(item["name"], item["kind"]) for item in study.features)
    frame = read_version(store, source, version or study.version, window=parse(window or study.window or ALL))
    frame = without_infinite(frame, [feature.name for feature in features])
    labelled = frame[frame[study.target].notna()].reset_index(drop=True)
    if labelled.empty:
        raise BadTarget(f"Every value of the target '{study.target}' is missing.", "Choose another target.")
    if study.task == REGRESSION and (infinite := int(np.isinf(labelled[study.target].to_numpy(dtype=float)).sum())):
        raise BadTarget(
            f"The target '{study.target}' is infinite in {infinite:,} rows.", "Mend them, or leave those rows out."
        )
    if study.task != REGRESSION and labelled[study.target].nunique() < 2:
        raise BadTarget(f"The target '{study.target}' has one class.", "Add rows of another class.")
    if source.time_column is not None:
        labelled = labelled.sort_values(source.time_column, kind="stable", na_position="first").reset_index(drop=True)
    known = held_out or (study.held_out if version is None and window is None else None)
    rule = known or rule_of(store, source, labelled)
    aside = is_held_out(labelled, rule)
    y, classes = _learnt(labelled[study.target], study.task)
    weights = None if study.weight is None else _weights(labelled[study.weight], study.weight)
    return Prepared(
        labelled[~aside].reset_index(drop=True),
        labelled[aside].reset_index(drop=True),
        features,
        y[~aside],
        y[aside],
        classes,
        None if weights is None else weights[~aside],
        None if weights is None else weights[aside],
        rule,
    )


def _weights(column: pd.Series, name: str) -> np.ndarray:
    weights = column.to_numpy(dtype=float)
    wrong = int((~(np.isfinite(weights) & (weights >= 0))).sum())
    if wrong or not weights.any():
        what = f"is missing, negative or infinite in {wrong:,} of {len(weights):,}" if wrong else "is zero in all"
        raise DataError(
            f"The weight '{name}' {what} labelled rows.",
            "Mend them, or give the column another role: data schema N --role",
        )
    return weights


def rule_of(store: Store, source: Source, labelled: pd.DataFrame) -> dict[str, Any]:
    """The source's rule for held-out rows; made from its first labelled rows, and kept for ever, but for the moment from which on the
    newest ones are held out: that moves with the rows.
    """
    if source.held_out is not None:
        return _moved(source.held_out, labelled)
    rule = make_rule(
        labelled,
        time=source.time_column,
        id_column=source.id_column,
        group=source.group_column,
        salt=source.salt,
        share=Settings.load(store.workspace.config).held_out_share,
    )
    with store.write() as writing:
        made = writing.execute(
            "UPDATE source SET held_out = ? WHERE id = ? AND held_out IS NULL", (json.dumps(rule), source.id)
        )
        if made.rowcount:
            writing.event("held_out_rule", ("source", source.id, source.name), after=rule)
            writing.changed("sources")
    kept = get_source(store.writer, source.id).held_out  # another worker may have been first
    return _moved(kept or rule, labelled)


def _moved(rule: dict[str, Any], labelled: pd.DataFrame) -> dict[str, Any]:
    return newest_block(labelled, rule["column"], rule["share"]) if rule["by"] == "time" else rule


def place_of_positive(study: Study, classes: Sequence[Any]) -> int:
    """Where the positive class stands among the sorted labels: the one that was asked for, else the second.

    Raises:
        BadTarget: none of them is it.
    """
    if study.positive is None:
        return 1
    for place, label in enumerate(classes):
        if same_label(str(label), study.positive):
            return place
    raise BadTarget(
        f"No row to learn from has the positive class '{study.positive}' of the target '{study.target}'.",
        "Add rows of it, or begin a study with another --positive.",
    )


def _learnt(target: pd.Series, task: str) -> tuple[np.ndarray, tuple[Any, ...]]:
    if task == REGRESSION:
        return target.to_numpy(dtype=float), ()
    labels = target.infer_objects().to_numpy()  # booleans in a column of objects are no labels to scikit-learn
    return labels, tuple(np.unique(labels).tolist())


def fit_weighted(pipeline: Pipeline, rows: pd.DataFrame, y: np.ndarray, weights: np.ndarray | None) -> Pipeline:
    """The pipeline, fitted; rows weigh what they have to where its estimator can take it."""
    if weights is None or not takes_weights(pipeline["model"]):
        return pipeline.fit(rows, y)
    return pipeline.fit(rows, y, model__sample_weight=weights)


def build(study: Study, family: str, params: dict[str, Any], features: Sequence[FeatureColumn], rows: int) -> Pipeline:
    """The unfitted pipeline of a trial, to learn from so many rows; its randomness comes from the study's seed."""
    kind = BY_NAME[family]
    wants = kind.wants
    before = preprocessor(features, scale=wants.scale, encode=wants.encode, impute=wants.impute)
    categorical = places_of_categories(features) if wants.encode == "ordinal" else ()
    problem = Problem(study.task, study.seed, rows, categorical, threads=-1)
    return Pipeline([("features", before), ("model", kind.make(params, problem))])
