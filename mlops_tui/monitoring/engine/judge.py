"""How well a version does on one file: what is expected of its metric without labels, what labels come to, and whether that is worse.

The reference is what the version's recipe said of training rows that it had not learnt from, fold by fold: its value there, how calibrated
its probabilities are, where its losses are, and by how much a metric of so many rows varies by chance. Quality is worse where it is
below the reference by more than the margin and by more than three standard errors of the difference, or as many as are as rare.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.clock import from_seconds, now, to_seconds
from mlops_tui.core.errors import MlopsError
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.data.profile import Profile
from mlops_tui.evaluation.estimating import Calibrator, calibrator, expected
from mlops_tui.evaluation.metrics import MAXIMIZE, METRICS, OF_PROBABILITIES
from mlops_tui.evaluation.scoring import score
from mlops_tui.monitoring.answer import Evidence, answer
from mlops_tui.monitoring.engine.domain import Domain, as_good_as, weights_of
from mlops_tui.monitoring.engine.inputs import Inputs
from mlops_tui.monitoring.engine.labelled import Predicted
from mlops_tui.monitoring.engine.losses import LossEstimator, learn_losses
from mlops_tui.monitoring.engine.said import moved, said_profile
from mlops_tui.monitoring.engine.scatter import LEAST_ROWS, Scattering
from mlops_tui.monitoring.model import CANNOT_TELL, STEADY, ColumnDrift
from mlops_tui.monitoring.quality_model import WORSE, Figure, QualityChunk
from mlops_tui.registry.engine.labels import called_codes
from mlops_tui.registry.engine.out_of_fold import answers_of_version
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.threshold import threshold_of
from mlops_tui.store.store import Store

GAP, ODDS_ERRORS = 0.03, 4.0
"""The odds are others where the share of a class is off by more than this, and by more than so many standard errors."""
WAY = 3
"""Counted up where files are told in another way than before, so that those that are known are told anew."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a version's recipe said of `rows` that it had not learnt from: the metric's `value`, by how much it varies by
    chance, how what it says is made chances of classes (None of a regression), and the profile of what it `said`.
    """

    value: float
    scattering: Scattering
    rows: int
    chances: Calibrator | None
    said: Profile


def reference_of(store: Store, version: ModelVersion, metric: str) -> Reference | None:
    """The reference of a version's metric; None where nothing is kept of what its recipe said, or the metric is not defined on it."""
    answers = answers_of_version(store, version)
    if answers is None or answers.are_labels or len(answers.known) < LEAST_ROWS:
        return None
    known = replace(answers.some(answers.known), folds=None)
    is_of_classes = bool(known.classes)
    said = known.probabilities(np.arange(len(known.truth))) if is_of_classes else known.said
    chances = calibrator(known.truth, said) if is_of_classes else None
    rows = np.arange(len(known.truth))
    if is_of_classes:
        called = _called(said, metric, version)
        known = replace(known, said=called[:, 1] if called.shape[1] == 2 else called)
    with suppress(ValueError):  # the metric is not defined on them
        value = known.value(metric, rows)
        if math.isfinite(value):
            return Reference(value, Scattering(known, metric), len(rows), chances, said_profile(said, version))
    return None


def losses_of(store: Store, version: ModelVersion, metric: str, inputs: Inputs) -> LossEstimator | None:
    """What expects the metric of a regression without labels; None where its rows, or what its recipe said of them, are not there."""
    answers = None if version.signature.is_classifier else answers_of_version(store, version)
    if answers is None:
        return None
    try:
        frame = inputs.scored()
    except MlopsError:
        return None
    if len(frame) != len(answers.truth):
        return None
    known = answers.some(answers.known)
    return learn_losses(metric, frame.iloc[answers.known], known.truth, known.said, known.weights)


def _called(said: Array, metric: str, version: ModelVersion) -> Array:
    """Probabilities; certainties where the metric counts what is called, and a threshold of its own decides that."""
    threshold = threshold_of(version)
    if metric in OF_PROBABILITIES or threshold is None or not threshold.is_tuned:
        return said
    return np.eye(said.shape[1])[called_codes(said, version.signature, threshold)]


@dataclass(frozen=True, slots=True)
class Part:
    """What is judged: a file, or a period by what it is called. `mark` tells it from the version's others; it was predicted `at`."""

    unit: str
    name: str
    mark: str
    at: str


Frame = Callable[[], pd.DataFrame | None]


class Judge:
    """Tells of each file of a version what its metric is expected to be, what it is, and whether that is worse than the reference."""

    def __init__(
        self,
        settings: Settings,
        version: ModelVersion,
        metric: str,
        reference: Reference | None,
        maturity: float = 0.0,
        learn: Callable[[], LossEstimator | None] = lambda: None,
    ) -> None:
        """`learn` gives what expects the metric of a regression; it is asked once a file is told."""
        self._learn = learn
        self._maturity = maturity
        self._version = version
        self._metric = metric
        self._reference = reference
        self._sign = 1.0 if METRICS[metric].direction == MAXIMIZE else -1.0
        share = abs(reference.value) if reference is not None and METRICS[metric].in_units else 1.0
        self._margin = settings.gate_margin * share

    @property
    def mark(self) -> list[Any]:
        """What a file is told with, beside its rows."""
        reference = self._reference
        return [
            WAY,
            self._metric,
            self._margin,
            self._maturity,
            None if reference is None else [reference.value, reference.scattering.whole.error],
        ]

    @cached_property
    def _losses(self) -> LossEstimator | None:
        return self._learn()

    def chunk(self, part: Part, rows: Predicted, place: int, frame: Frame = lambda: None) -> QualityChunk:
        """Of one file or period; `frame` reads its rows, in their order, and gives None where they are not there any more."""
        estimated = self._estimated(rows, frame)
        realised = self._realised(rows)
        chunk = QualityChunk(
            version_id=self._version.id,
            file=part.name,
            file_hash=part.mark,
            unit=part.unit,
            place=place,
            rows=rows.rows,
            labelled=rows.labelled,
            first=rows.first,
            last=rows.last,
            metric=self._metric,
            reference=None if self._reference is None else self._reference.value,
            estimated=estimated,
            realised=realised,
            verdict=CANNOT_TELL,
            why="",
            at=now(),
            matures=self._matures(rows.last or part.at),
            predictions=self._moved(rows),
        )
        chunk = replace(chunk, young=chunk.matures is not None and chunk.matures > chunk.at)
        verdict, why = self._verdict(chunk)
        return replace(chunk, verdict=verdict, why=why)

    def _moved(self, rows: Predicted) -> tuple[ColumnDrift, ...]:
        """What is said of the file beside what its recipe said of training rows."""
        if self._reference is None or not len(rows.said):
            return ()
        return moved(self._reference.said, said_profile(rows.said, self._version))

    def _matures(self, last: str) -> str | None:
        """When all labels are there of rows of which that is the newest one's moment; None where they come at once."""
        return from_seconds(to_seconds(last) + self._maturity) if self._maturity else None

    def answered(
        self, chunk: QualityChunk, rows: Predicted, told_apart: Domain | None, drift: bool | None
    ) -> QualityChunk:
        """The file with what kind of change it is: `drift` is what the newest report says of its columns one by one."""
        moved = drift if told_apart is None else bool(drift) or told_apart.tells
        disagrees = None
        inside = None if told_apart is None or not moved else told_apart.inside
        if self._reference is not None and chunk.labels_tell:
            weights = None if told_apart is None or not moved else weights_of(told_apart, rows.places)
            disagrees = self._disagrees(rows, weights)
        found, why = answer(Evidence(moved, inside, disagrees))
        return replace(chunk, answer=found, answer_why=why, area=None if told_apart is None else told_apart.area)

    def _disagrees(self, rows: Predicted, weights: Array | None) -> str:
        """By what labels differ from what was expected, on rows that weigh as they do seen from the reference; empty where they do not."""
        assert self._reference is not None
        there = np.isfinite(rows.truth) & (True if weights is None else np.isfinite(weights))
        weighs = np.ones(int(there.sum())) if weights is None else weights[there]
        if not weighs.sum() > 0:
            return ""
        said, truth = rows.said[there], rows.truth[there]
        return self._by_odds(said, truth, weighs) or self._by_metric(said, truth, weighs)

    def _by_odds(self, said: Array, truth: Array, weighs: Array) -> str:
        """By how many rows are of a class: calibrated chances add up to that, whatever rows there are, while the odds are the same."""
        reference, signature = self._reference, self._version.signature
        if reference is None or reference.chances is None:
            return ""
        chances = reference.chances(said)
        classes = [signature.positive_code] if len(signature.classes) == 2 else range(len(signature.classes))
        for code in classes:
            chance = chances[:, code]
            gap = float(weighs @ ((truth == code) - chance)) / float(weighs.sum())
            error = math.sqrt(float(np.square(weighs) @ (chance * (1 - chance)))) / float(weighs.sum())
            if abs(gap) > GAP and abs(gap) > ODDS_ERRORS * error:
                shares = [float(weighs @ one) / float(weighs.sum()) for one in (truth == code, chance)]
                label = printable(str(signature.classes[code]))
                return f"{shares[0]:.1%} of rows are {label} where {shares[1]:.1%} were expected"
        return ""

    def _by_metric(self, said: Array, truth: Array, weighs: Array) -> str:
        reference = self._reference
        assert reference is not None
        with suppress(ValueError):
            value = self._score(said, truth, weighs)
            difference = value - reference.value
            reach = self._reach(int(as_good_as(weighs)), downwards=difference < 0)
            if math.isfinite(value) and abs(difference) > max(self._margin, reach):
                return f"{self._metric} is {value:.4f} where {reference.value:.4f} was expected"
        return ""

    def _estimated(self, rows: Predicted, frame: Frame) -> Figure | None:
        reference, said = self._reference, rows.said
        if reference is None or len(said) < LEAST_ROWS:
            return None
        signature = self._version.signature
        if reference.chances is None:
            there = None if self._losses is None else frame()
            if self._losses is None or there is None:
                return None
            return self._figure(self._losses(there, said), rows.rows)
        with suppress(ValueError):
            value = expected(
                *(self._metric, signature.task, _called(said, self._metric, self._version), reference.chances(said)),
                positive=signature.positive_code,
            )
            return self._figure(value, rows.rows)
        return None

    def _realised(self, rows: Predicted) -> Figure | None:
        there = np.isfinite(rows.truth)
        if there.sum() < LEAST_ROWS:
            return None
        with suppress(ValueError):
            return self._figure(self._score(rows.said[there], rows.truth[there]), rows.labelled)
        return None

    def _score(self, said: Array, truth: Array, weights: Array | None = None) -> float:
        """The metric of rows whose truth is known. Raises ValueError where it is not defined on them."""
        signature, positive = self._version.signature, 1
        if signature.is_classifier:
            said, truth = _called(said, self._metric, self._version), truth.astype(np.int64)
            positive = signature.positive_code
        return score(self._metric, signature.task, truth, said, weights=weights, positive=positive)

    def _figure(self, value: float, rows: int) -> Figure | None:
        """A value with its band, of so many rows; without a band where the reference is not known."""
        if not math.isfinite(value):
            return None
        if self._reference is None:
            return Figure(value, None, None)
        scatter = self._reference.scattering.of(rows)
        return Figure(value, value - scatter.above * scatter.error, value + scatter.below * scatter.error)

    def _reach(self, rows: int, *, downwards: bool) -> float:
        """How far from the reference the metric of so many rows may be by chance, on one side."""
        assert self._reference is not None
        scattering = self._reference.scattering
        scatter = scattering.of(rows).less(scattering.whole)
        return scatter.error * (scatter.below if downwards else scatter.above)

    def _verdict(self, chunk: QualityChunk) -> tuple[str, str]:
        """Labels have the say where enough are there, else what is expected has."""
        if self._reference is None:
            return (
                CANNOT_TELL,
                "what its recipe said of training rows was not kept, so there is nothing to compare with",
            )
        if chunk.realised is not None and chunk.labels_tell:
            return self._compared(chunk.realised, chunk.labelled, "labels say")
        if chunk.estimated is not None:
            return self._compared(chunk.estimated, chunk.rows, "without labels it is expected to be")
        if chunk.young:
            until = (chunk.matures or "")[:10]
            return CANNOT_TELL, f"its labels go on coming until {until}, and it cannot be expected without them"
        if chunk.realised is not None:
            return (
                CANNOT_TELL,
                f"only {chunk.share:.0%} of its rows have a label, and it cannot be expected without them",
            )
        return CANNOT_TELL, f"it has too few rows, or {self._metric} is not defined on them"

    def _compared(self, figure: Figure, rows: int, words: str) -> tuple[str, str]:
        assert self._reference is not None
        chance = self._reach(rows, downwards=self._sign > 0)
        loss = self._sign * (self._reference.value - figure.value)
        told = f"{words} {figure.value:.4f}, in training it was {self._reference.value:.4f}"
        if loss > max(self._margin, chance):
            return (
                WORSE,
                f"{told}: worse by {loss:.4f}, more than the margin of {self._margin:.3f} and than chance makes of so many rows, {chance:.4f}",
            )
        return STEADY, told
