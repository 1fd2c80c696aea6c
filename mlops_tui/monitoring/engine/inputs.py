"""The rows that a version learnt from, beside those of files that it predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import MlopsError, UsageError
from mlops_tui.data.engine.frame import read_member
from mlops_tui.data.model import SourceFile
from mlops_tui.data.query import get_source, members
from mlops_tui.monitoring.engine.domain import Domain, domain
from mlops_tui.monitoring.engine.labelled import Predicted
from mlops_tui.monitoring.query import drift_of
from mlops_tui.registry.model import ModelVersion
from mlops_tui.serving.model import PredictionBatch
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import known_study

Array = np.ndarray[Any, Any]


class Inputs:
    """The rows that a version learnt from, beside those of files that it predicted."""

    def __init__(self, store: Store, version: ModelVersion) -> None:
        self._store = store
        self._version = version
        self._names = [column.name for column in version.signature.columns]
        self._frame: pd.DataFrame | None = None
        self._last: tuple[str, pd.DataFrame] | None = None
        self._files: dict[str, dict[str, SourceFile]] = {}

    def domain(self, batch: PredictionBatch) -> Domain | None:
        """How a file's rows are told from those; None where either are not there any more, or not known."""
        return self.told_apart(self.frame(batch))

    def told_apart(self, frame: pd.DataFrame | None) -> Domain | None:
        """How these rows are told from those; None where either are not there any more."""
        try:
            return None if frame is None else domain(self.learnt(), frame)
        except MlopsError:
            return None

    def frame(self, batch: PredictionBatch) -> pd.DataFrame | None:
        """A file's rows; None where it is not there any more, was changed, or is of no source. The one that was read last is kept."""
        file = self._file(batch)
        if file is None or batch.source_id is None:
            return None
        if self._last is not None and self._last[0] == batch.id:
            return self._last[1]
        source = get_source(self._store.reader, batch.source_id)
        names = [name for name in self._names if name in source.kinds]
        try:
            self._last = (batch.id, read_member(self._store, source, file, source.version, names))
        except MlopsError:
            return None
        return self._last[1]

    def rows(self, batches: Sequence[PredictionBatch], rows: Predicted) -> pd.DataFrame | None:
        """The inputs of rows that were predicted, in their order, of files that these are; None where one is not there any more."""
        parts, order = list[pd.DataFrame](), list[Array]()
        for number in np.unique(rows.files).tolist():
            there = np.flatnonzero(rows.files == number)
            frame = self.frame(batches[number])
            if frame is None or rows.places[there].max() >= len(frame):
                return None
            parts.append(frame.iloc[rows.places[there]])
            order.append(there)
        return pd.concat(parts, ignore_index=True).iloc[np.argsort(np.concatenate(order))] if parts else None

    def drift(self, batch: PredictionBatch) -> bool | None:
        """What the newest report of a file says; None where there is none."""
        file = self._file(batch)
        return (
            None
            if file is None or batch.source_id is None
            else drift_of(self._store.reader, batch.source_id, file.path)
        )

    def _file(self, batch: PredictionBatch) -> SourceFile | None:
        if batch.source_id is None:
            return None
        if batch.source_id not in self._files:  # a source is asked once, however many of its files were predicted
            source = get_source(self._store.reader, batch.source_id)
            there = members(self._store.reader, source.id, source.version)
            self._files[source.id] = {file.hash: file for file in reversed(there)}
        return self._files[batch.source_id].get(batch.file_hash)

    def learnt(self) -> pd.DataFrame:
        """The columns of the rows that the version learnt from.

        Raises:
            MlopsError: they are not there any more.
        """
        if self._frame is None:
            version = self._version
            if version.parent is None:
                self._frame = self.scored()
            else:
                number, window, rule = version.data_version, version.window, version.held_out
                prepared = prepare(self._store, self._study(), version=number, window=window, held_out=rule)
                self._frame = prepared.training[self._names]
        return self._frame

    def scored(self) -> pd.DataFrame:
        """The columns of the rows that its recipe said something of fold by fold: those that it learnt from, or its study's where nothing is
        kept of those.

        Raises:
            MlopsError: they are not there any more.
        """
        if self._version.answers is not None:
            return self.learnt()
        if self._frame is not None and self._version.parent is None:
            return self._frame
        return prepare(self._store, self._study()).training[self._names]

    def _study(self) -> Study:
        study = known_study(self._store.reader, self._version.study_id)
        if study is None:
            raise UsageError(f"The study of {self._version.label} is not there any more.", "")
        return study
