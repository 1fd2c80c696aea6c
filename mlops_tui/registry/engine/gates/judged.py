"""The rows that a version is judged on: the newest labelled ones that neither it nor the champion learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.frame import read_members
from mlops_tui.data.learning import ALL
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.held_out import content_hashes, is_held_out, row_set_hash
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.features.engine import without_infinite
from mlops_tui.registry.engine.labels import are_known
from mlops_tui.registry.model import ModelVersion
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared, prepare
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import known_study

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
    study = known_study(store.reader, version.study_id)
    if study is None:
        raise DataError(
            f"It is not known which rows {version.label} learnt from, so none can be held against it.",
            "Register the model from a run of a study.",
        )
    return study


class Learnt:
    """What versions learnt from; what two of them share is read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._read: dict[tuple[Any, ...], Prepared] = {}

    def by(self, version: ModelVersion) -> Prepared:
        """The rows that a version learnt from, and those that were held out then. Raises DataError where nobody knows."""
        study = study_of(self.store, version)
        key = (study.id, version.data_version, version.window, str(version.held_out))
        if key not in self._read:
            self._read[key] = learnt_by(self.store, version)
        return self._read[key]


def judged_rows(learnt: Learnt, version: ModelVersion, champion: ModelVersion | None, least: int) -> JudgedRows:
    """With a time column the rows that are newer than all that either learnt from; else whole files from the newest on, until there
    are at least so many rows.

    Raises:
        DataError: no row is left, or it is not known what one of the two learnt from.
    """
    store = learnt.store
    study = study_of(store, version)
    source = get_source(store.reader, study.source_id)
    frame, files, of_file = read_members(store, source, None)
    frame = without_infinite(frame, [item["name"] for item in study.features if item["name"] in frame.columns])
    there = frame[study.target].notna().to_numpy()
    if study.task == REGRESSION:
        there = there & np.isfinite(frame[study.target].to_numpy(dtype=float))
    labelled, of_file = frame[there].reset_index(drop=True), of_file[there]
    free, models = np.ones(len(labelled), dtype=bool), [version] if champion is None else [version, champion]
    for trained in models:
        free &= _not_learnt(learnt, source, trained, labelled)
    if source.time_column in labelled.columns:
        later = free & _newer(labelled[source.time_column], [_rule_of(store, trained) for trained in models])
        free, least = (later if later.any() else free), len(labelled)
    if study.weight is not None:
        free &= labelled[study.weight].to_numpy(dtype=float) > 0
    strange = ~are_known(labelled[study.target].tolist(), version.signature.classes)
    chosen = _newest(of_file, files, free & ~strange, least)
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


def old_split(learnt: Learnt, version: ModelVersion, champion: ModelVersion) -> JudgedRows | None:
    """The rows that were held out when the champion learnt, as far as the version did not learn from them either; None where there are
    none.
    """
    store, prepared = learnt.store, learnt.by(champion)
    study = study_of(store, version)
    frame, source = prepared.held_out, get_source(store.reader, study.source_id)
    if champion.source_id != version.source_id or study.target not in frame.columns:
        return None
    known = are_known(frame[study.target].tolist(), version.signature.classes)
    fits = known & _not_learnt(learnt, source, version, frame)
    if not fits.any():
        return None
    rows = frame[fits].reset_index(drop=True)
    weights = None if prepared.held_out_weights is None else prepared.held_out_weights[fits]
    return JudgedRows(
        rows, prepared.y_held_out[fits], weights, champion.data_version or 0, 0, row_set_hash(rows), int((~known).sum())
    )


def learnt_by(store: Store, version: ModelVersion) -> Prepared:
    """The rows that a version learnt from, and those that were held out then. Raises DataError where nobody knows."""
    study = study_of(store, version)
    if version.held_out is None:
        return prepare(store, study)
    return prepare(store, study, version=version.data_version, window=version.window or ALL, held_out=version.held_out)


def _not_learnt(learnt: Learnt, source: Source, trained: ModelVersion, labelled: pd.DataFrame) -> Array:
    """The rows that a version did not learn from. What its rule held out it never did; what came later or is outside of its window
    it did not either, unless it is there twice.
    """
    store = learnt.store
    rule, window = _rule_of(store, trained), trained.window or study_of(store, trained).window
    is_of_source = trained.source_id == source.id and rule is not None
    aside = is_held_out(labelled, rule) if is_of_source and rule is not None else np.zeros(len(labelled), dtype=bool)
    if is_of_source and trained.data_version == source.version and window in (None, ALL):
        return aside
    rows = learnt.by(trained).training
    common = [name for name in labelled.columns if name in rows.columns]
    return aside | ~np.isin(content_hashes(labelled[common]), content_hashes(rows[common]))


def _rule_of(store: Store, trained: ModelVersion) -> dict[str, Any] | None:
    return trained.held_out or study_of(store, trained).held_out


def _newer(moments: pd.Series, rules: Sequence[dict[str, Any] | None]) -> Array:
    """The rows from the moment on from which all of the models had theirs held out."""
    cuts = [pd.Timestamp(rule["cut"]) for rule in rules if rule is not None and rule["by"] == "time"]
    return (moments >= max(cuts)).to_numpy() if cuts else np.ones(len(moments), dtype=bool)


def _newest(of_file: Array, files: Sequence[SourceFile], free: Array, least: int) -> Array:
    """The places of those that are judged, in the order of training: of the newest files, until there are so many."""
    counts = np.bincount(of_file[free], minlength=len(files))
    newest = sorted(range(len(files)), key=lambda at: (files[at].since_version or 0, files[at].path), reverse=True)
    enough = int(np.searchsorted(np.cumsum(counts[newest]), least)) + 1
    found = np.flatnonzero(free & np.isin(of_file, newest[:enough]))
    if len(found) > MOST_ROWS:
        found = np.random.default_rng(0).choice(found, MOST_ROWS, replace=False)
    return np.sort(found)
