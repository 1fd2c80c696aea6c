"""How well champions do: what their predictions hang on, file by file beside training, and beside the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from mlops_tui.monitoring.model import ColumnDrift

MOST_LABELLED = 0.9
"""Where fewer of a file's rows have a label, what they come to is shown, and nothing is concluded."""
WORSE = "worse"
"""The verdict on a file of which a version's metric is surely below what it was in training; else it is `steady`, or cannot be told."""


def deciding(chunks: Sequence[QualityChunk]) -> QualityChunk | None:
    """Of files or periods, the oldest first, the one that says how a version does now: the newest of those that labels tell where it is
    worse, for what is expected without labels knows nothing of the odds; else the newest. None where there is none.
    """
    told = next((chunk for chunk in reversed(chunks) if chunk.labels_tell), None)
    return told if told is not None and told.verdict == WORSE else next(reversed(chunks), None)


@dataclass(frozen=True, slots=True)
class Importances:
    """What the predictions of a version hang on: each column's share of how far they move when a column is shuffled."""

    version: str
    columns: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and numbers."""
        return {"version": self.version, "columns": dict(self.columns)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a champion did on labelled rows beside the version before it, which ran in its shadow on so many `files`.

    Of the `rows` of these files `labelled` have a label that the model knows, `compared` of which are judged by (the figures are
    as `evaluation.paired.Comparison` has them); for `conflicting` there are different labels, `strange` have one that the model
    does not know, and `unknown` labels are of no row. `labels` is {source: version}; `seen` is what was there to be compared.
    """

    version_id: str
    before_id: str
    files: int
    rows: int
    labelled: int
    compared: int
    conflicting: int
    strange: int
    unknown: int
    metric: str
    difference: float | None
    low: float | None
    high: float | None
    margin: float
    verdict: str
    why: str
    labels: dict[str, int]
    seen: str
    at: str

    @property
    def share(self) -> float:
        """The share of the rows that have a label."""
        return self.labelled / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value with its band, what chance makes of so many rows; None where that is not known."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class QualityChunk:
    """How well a version does on one file that it predicted, or in one period (`unit` says which, `file` is what it is called);
    `place` counts them from the oldest on. While it is `young`, labels of
    its rows are still to come, until it `matures` (None: they come at once).

    `metric` is `reference` on what its recipe said of training rows that it had not learnt from, `estimated` from the probabilities
    alone, and `realised` on the `labelled` of its `rows`; each is None where it cannot be told. `verdict` is worse, steady or
    cannot_tell, `why` a sentence. `answer` is what kind of change it is, one of `monitoring.answer.ANSWERS`, None where nothing can be
    said; `area` is that of the classifier which tells its rows from those that were learnt from, None where they were not compared. `predictions` are what was said beside
    what its recipe said of training rows: its scores, and the classes that it called. With the same `mark` it would be told the same.
    """

    version_id: str
    file: str
    file_hash: str
    place: int
    rows: int
    labelled: int
    first: str | None
    last: str | None
    metric: str
    reference: float | None
    estimated: Figure | None
    realised: Figure | None
    verdict: str
    why: str
    at: str
    answer: str | None = None
    answer_why: str = ""
    area: float | None = None
    mark: str = ""
    matures: str | None = None
    young: bool = False
    predictions: tuple[ColumnDrift, ...] = ()
    unit: str = "file"

    @property
    def name(self) -> str:
        """The file's name, without the folders before it."""
        return PurePath(self.file).name

    @property
    def share(self) -> float:
        """The share of its rows that have a label."""
        return self.labelled / self.rows if self.rows else 0.0

    def is_due(self, moment: str) -> bool:
        """Whether labels were still to come when it was told, and are all there at that moment."""
        return self.young and self.matures is not None and self.matures <= moment

    @property
    def labels_tell(self) -> bool:
        """Whether something is concluded of what labels come to: so many of its rows have one, and no more are to come."""
        return self.realised is not None and self.share >= MOST_LABELLED and not self.young
