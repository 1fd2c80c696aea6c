"""What the gates look at: the version, the champion and the rows, each brought once, when the first of them asks."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import SchemaMismatch
from mlops_tui.core.settings import Settings
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.paired import Comparison, compare
from mlops_tui.registry.engine.frame import from_rows, typed
from mlops_tui.registry.engine.gates.judged import JudgedRows, Learnt, judged_rows, old_split, study_of
from mlops_tui.registry.engine.labels import codes, label_key
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import CHAMPION, ModelVersion
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared, place_of_positive
from mlops_tui.tuning.model import Study

Array = np.ndarray[Any, Any]


class Evidence:
    """About one version that is to be promoted, beside the champion of that moment; None where there is none."""

    def __init__(self, store: Store, settings: Settings, version: ModelVersion, champion: ModelVersion | None) -> None:
        self.store = store
        self.settings = settings
        self.version = version
        self.champion = champion
        self._learnt = Learnt(store)
        self._rows: dict[int, JudgedRows] = {}
        self._scores: dict[tuple[str, str], Array] = {}

    @cached_property
    def pipeline(self) -> Any:
        """The version, loaded. Raises ModelFileError where its file cannot be used."""
        return load_version(self.store, self.version)

    @cached_property
    def champion_pipeline(self) -> Any:
        """The champion, loaded. Raises ModelFileError where its file cannot be used."""
        assert self.champion is not None
        return load_version(self.store, self.champion)

    @cached_property
    def check_rows(self) -> pd.DataFrame:
        """The rows that were kept when the version was registered."""
        return from_rows(self.version.checks["rows"], self.version.signature)

    @cached_property
    def study(self) -> Study:
        """The study that the version is of. Raises DataError where it is of none."""
        return study_of(self.store, self.version)

    @cached_property
    def prepared(self) -> Prepared:
        """The rows that it learnt from, and those that were held out then."""
        return self._learnt.by(self.version)

    def rows(self, least: int) -> JudgedRows:
        """The rows that it is judged on. Raises DataError where there are none."""
        if least not in self._rows:
            self._rows[least] = judged_rows(self._learnt, self.version, self.champion, least)
        return self._rows[least]

    @cached_property
    def old_split(self) -> JudgedRows | None:
        """The rows that were held out when the champion learnt, and that the version did not learn from; None where there are none."""
        assert self.champion is not None
        return old_split(self._learnt, self.version, self.champion)

    @cached_property
    def declared_slices(self) -> tuple[str, ...]:
        """The columns by which the source's rows are to be told apart."""
        return tuple(get_source(self.store.reader, self.study.source_id).slices)

    def scores(self, rows: JudgedRows) -> Array:
        """What the version says of them, as `score.scores` has it."""
        return self._said("version", rows, self.pipeline, self.version)

    def champion_scores(self, rows: JudgedRows) -> Array:
        """What the champion says of them, a class in each of the version's columns; 0 for one that it does not know.

        Raises:
            SchemaMismatch: they lack a column that it reads.
        """
        assert self.champion is not None
        said = self._said("champion", rows, self.champion_pipeline, self.champion)
        ours, theirs = self.version.signature.classes, self.champion.signature.classes
        if ours == theirs:
            return said
        place = {label_key(label): code for code, label in enumerate(theirs)}
        known = [place.get(label_key(label)) for label in ours]
        return np.column_stack([np.zeros(len(said)) if at is None else said[:, at] for at in known])

    def _said(self, who: str, rows: JudgedRows, pipeline: Any, version: ModelVersion) -> Array:
        key = (who, rows.row_set)
        if key not in self._scores:
            missing = [name for name in version.signature.names if name not in rows.frame.columns]
            if missing:
                raise SchemaMismatch(
                    f"The newest rows lack the column '{missing[0]}', which {version.label} reads.",
                    "Have the files bring it again.",
                )
            self._scores[key] = scores(pipeline, typed(rows.frame, version.signature.columns), version.signature)
        return self._scores[key]

    def truth(self, rows: JudgedRows) -> Array:
        """Classes as their codes, numbers as they are, shape (n,)."""
        classes = self.version.signature.classes
        return codes(rows.truth, classes) if classes else rows.truth

    @property
    def margin(self) -> float:
        """The margin where a gate's table names none."""
        return self.settings.gate_margin

    def compared(
        self, rows: JudgedRows, model: Array, other: Array, margin: float, against: str, metric: str | None = None
    ) -> Comparison:
        """The version against another's answers on these rows, by the study's metric where none is named."""
        study = self.study
        return compare(
            metric or study.metric,
            self.truth(rows),
            model,
            other,
            margin=margin,
            against=against,
            seed=study.seed,
            weights=rows.weights,
            task=study.task,
            positive=place_of_positive(study, self.version.signature.classes) if self.version.signature.classes else 1,
        )

    def told(self, rows: JudgedRows) -> dict[str, Any]:
        """What is kept of the rows that were judged."""
        return {
            "study": self.study.id,
            "metric": self.study.metric,
            "source": self.study.source_id,
            "data_version": rows.data_version,
            "files": rows.files,
            "held_out_hash": rows.row_set,
            "strange_labels": rows.strange,
        }

    @property
    def no_champion(self) -> str:
        """Why there is nothing to compare with, where there is no champion beside it."""
        return "it is the champion itself" if CHAMPION in self.version.aliases else "there is no champion yet"

    @property
    def against(self) -> str:
        """How sentences name the champion."""
        return f"the champion v{self.champion.number}" if self.champion else "no champion"
