"""The rows that a version is judged on: the newest labelled ones that neither it nor the champion learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.frame import read_members
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.held_out import content_hashes, is_held_out, row_set_hash
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.features.engine import without_infinite
from mlops_tui.registry.model import ModelVersion
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import prepare, rule_of
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study

MOST_ROWS = 20_000
"""Of more rows so many are drawn, always the same ones: what they would tell beyond is less than any margin."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """Rows of the source's newest version. `truth` are the target's labels or numbers, shape (n,), `weights` what each weighs; `row_set`
    tells the rows whatever their order, `files` how many files they are from, `strange` how many more have a label that the version
    does not know.
    """

    frame: pd.DataFrame
    truth: Array
    weights: Array | None
    data_version: int
    files: int
    row_set: str
    strange: int


def study_of(store: Store, version: ModelVersion) -> Study:
    """The study that a version is of. Raises DataError where it is of none: then nobody knows what it learnt from."""
    if version.study_id is None:
        raise DataError(
            f"It is not known which rows {version.label} learnt from, so none can be held against it.",
            "Register the model from a run of a study.",
        )
    return get_study(store.reader, version.study_id)


def judged_rows(store: Store, version: ModelVersion, champion: ModelVersion | None, least: int) -> JudgedRows:
    """Whole files from the newest on, until there are at least so many rows; with a time column the newest rows by it.

    Raises:
        DataError: no row is left, or it is not known what one of the two learnt from.
    """
    study = study_of(store, version)
    source = get_source(store.reader, study.source_id)
    frame, files, of_file = read_members(store, source, None)
    frame = without_infinite(frame, [item["name"] for item in study.features if item["name"] in frame.columns])
    there = frame[study.target].notna().to_numpy()
    if study.task == REGRESSION:
        there = there & np.isfinite(frame[study.target].to_numpy(dtype=float))
    labelled, of_file = frame[there].reset_index(drop=True), of_file[there]
    rule = study.held_out or rule_of(store, source, labelled)
    free = np.ones(len(labelled), dtype=bool)
    for trained in [version] if champion is None else [version, champion]:
        free &= _not_learnt(store, source, trained, labelled, is_held_out(labelled, rule))
    if study.weight is not None:
        free &= labelled[study.weight].to_numpy(dtype=float) > 0
    strange = ~_known(labelled[study.target], version.signature.classes)
    chosen = _newest(labelled, of_file, files, source, free & ~strange, least)
    if not len(chosen):
        raise DataError(
            "There is no labelled row that neither learnt from.", "Add files with labels, and let them be taken in."
        )
    rows = labelled.iloc[chosen].reset_index(drop=True)
    weights = None if study.weight is None else rows[study.weight].to_numpy(dtype=float)
    return JudgedRows(
        rows,
        rows[study.target].to_numpy(dtype=float if study.task == REGRESSION else None),
        weights,
        source.version,
        len(np.unique(of_file[chosen])),
        row_set_hash(rows),
        int((free & strange).sum()),
    )


def _not_learnt(store: Store, source: Source, trained: ModelVersion, labelled: pd.DataFrame, aside: Array) -> Array:
    """The rows that a version did not learn from. What its source holds out it never did; what came later it did not either, unless
    it is there twice.
    """
    is_of_source = trained.source_id == source.id
    if is_of_source and trained.data_version == source.version:
        return aside
    learnt = prepare(store, study_of(store, trained)).training
    common = [name for name in labelled.columns if name in learnt.columns]
    new = ~np.isin(content_hashes(labelled[common]), content_hashes(learnt[common]))
    return aside | new if is_of_source else new


def _known(labels: pd.Series, classes: Sequence[Any]) -> Array:
    if not classes:
        return np.ones(len(labels), dtype=bool)
    known = {label_key(label) for label in classes}
    return np.asarray(labels.map(lambda label: label_key(label) in known), dtype=bool)


def label_key(label: Any) -> str:
    """How a label is known again: 1, 1.0 and True of columns that differ are told by their text."""
    if isinstance(label, bool | np.bool_):
        return str(bool(label))
    if isinstance(label, int | float | np.number) and float(label).is_integer():
        return str(int(label))
    return str(label)


def codes(labels: Array, classes: Sequence[Any]) -> Array:
    """Where each label stands among the classes, shape (n,); each has to be one of them."""
    place = {label_key(label): code for code, label in enumerate(classes)}
    return np.fromiter((place[label_key(label)] for label in labels.tolist()), dtype=np.int64, count=len(labels))


def _newest(
    labelled: pd.DataFrame, of_file: Array, files: Sequence[SourceFile], source: Source, free: Array, least: int
) -> Array:
    """The places of those that are judged, in the order of training."""
    if source.time_column is not None and source.time_column in labelled.columns:
        order = np.argsort(labelled[source.time_column].to_numpy(), kind="stable")
        order = order[free[order] & labelled[source.time_column].notna().to_numpy()[order]]
        found = order[-max(least, 1) :]
    else:
        counts = np.bincount(of_file[free], minlength=len(files))
        newest = sorted(range(len(files)), key=lambda at: (files[at].since_version or 0, files[at].path), reverse=True)
        enough = int(np.searchsorted(np.cumsum(counts[newest]), least)) + 1
        found = np.flatnonzero(free & np.isin(of_file, newest[:enough]))
    if len(found) > MOST_ROWS:
        found = np.random.default_rng(0).choice(found, MOST_ROWS, replace=False)
    return np.sort(found)
