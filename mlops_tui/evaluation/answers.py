"""What a model said of rows that it had not learnt from, beside the truth: kept with a run, and asked for any metric."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mlops_tui.core.errors import UsageError
from mlops_tui.evaluation.metrics import BINARY, MULTICLASS, REGRESSION
from mlops_tui.evaluation.scoring import score

Array = np.ndarray[Any, Any]

MOST_CLASSES = 1_000
"""Of more distinct labels a truth is no truth of classes."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Of n rows.

    `truth` has shape (n,): a class's place among `classes`, or a number. `said` is the probability of the second of two classes,
    shape (n,), one of each of k classes, shape (n, k), the place of the class that was said, shape (n,), where `are_labels`, or a
    number; NaN where nothing was said. `rows` says which rows they are: two of the same `rows` are of the same ones in the same
    order. `positive` is the place of the positive class, `weights` has shape (n,). `folds` says by which fold a row was scored, shape
    (n,), where a metric is the mean over folds.
    """

    task: str
    truth: Array
    said: Array
    rows: str
    classes: tuple[str, ...] = ()
    are_labels: bool = False
    positive: int = 1
    weights: Array | None = None
    folds: Array | None = None

    @property
    def known(self) -> Array:
        """The places of the rows of which something was said."""
        return np.flatnonzero(np.isfinite(self.said.reshape(len(self.said), -1)).all(axis=1))

    def some(self, rows: Array) -> Answers:
        """Those of some rows alone."""
        weights = None if self.weights is None else self.weights[rows]
        folds = None if self.folds is None else self.folds[rows]
        return replace(self, truth=self.truth[rows], said=self.said[rows], weights=weights, folds=folds)

    def by_fold(self, least: int) -> list[Array]:
        """The places of the rows of each fold; all together where there are no folds, or fewer rows than `least` in one."""
        if self.folds is None or not len(self.folds):
            return [np.arange(len(self.truth))]
        parts = [np.flatnonzero(self.folds == fold) for fold in np.unique(self.folds)]
        return parts if min(map(len, parts)) >= least else [np.arange(len(self.truth))]

    def probabilities(self, rows: Array) -> Array:
        """Those of all classes, shape (len(rows), k), which add up to one as scorers want them; of labels certainties."""
        said = self.said[rows]
        return np.eye(len(self.classes))[said.astype(np.int64)] if self.are_labels else probabilities(said)

    def labels(self, rows: Array) -> Array:
        """The class that was said of each of these rows: the most probable one, the second of two from a half on."""
        if self.are_labels:
            return self.said[rows].astype(np.int64)
        said = self.said[rows]
        return (said >= 0.5).astype(np.int64) if said.ndim == 1 else said.argmax(axis=1)

    def value(self, metric: str, rows: Array) -> float:
        """A metric of these rows, on its own scale.

        Raises:
            ValueError: it is not defined on them.
        """
        asked = self.said[rows] if self.task == REGRESSION else self.probabilities(rows)
        weights = None if self.weights is None else self.weights[rows]
        return score(metric, self.task, self.truth[rows], asked, weights=weights, positive=self.positive)

    def to_bytes(self) -> bytes:
        """As a file that is read without running code of its own; the folds are not in it."""
        written = io.BytesIO()
        parts = {"truth": self.truth, "said": self.said, "classes": np.array(self.classes, dtype=np.str_)}
        parts["positive"] = np.array(self.positive)
        if self.weights is not None:
            parts["weights"] = self.weights
        about = np.array([self.task, self.rows, "labels" if self.are_labels else ""], dtype=np.str_)
        np.savez_compressed(written, allow_pickle=False, about=about, **parts)
        return written.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Answers:
        """What `to_bytes` wrote.

        Raises:
            ValueError: it did not write that.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as read:
                task, rows, kind = (str(text) for text in read["about"])
                classes = tuple(str(name) for name in read["classes"])
                weights, positive = read.get("weights"), int(read.get("positive", 1))
                told = (task, read["truth"], read["said"], rows, classes)
                return cls(*told, are_labels=kind == "labels", positive=positive, weights=weights)
        except (KeyError, OSError, EOFError, BadZipFile) as error:
            raise ValueError(f"these are no predictions: {error}") from error


def probabilities(said: Array) -> Array:
    """The probabilities of all classes, which add up to one as scorers want them: the digits that were dropped do not."""
    return np.column_stack([1 - said, said]) if said.ndim == 1 else said / said.sum(axis=1, keepdims=True)


def answers(
    truth: Any, said: Any, classes: Sequence[Any] | None = None, ids: Any = None, task: str | None = None
) -> Answers:
    """What was said of rows, as a person has it: arrays, lists or columns of frames.

    `said` is numbers, labels, the probability of the second of two classes, or a column of probabilities for each class, in the
    order of `classes`, by default sorted. `ids` name the rows; without them rows are the same where the truth is. The `task` is told by what
    is given where it is not named.

    Raises:
        UsageError: there are not as many of one as of the other, or they do not fit each other.
    """
    true, given = np.asarray(truth), np.asarray(said)
    if true.ndim != 1 or given.ndim not in (1, 2) or len(true) != len(given) or not len(true):
        raise UsageError(
            f"Predictions of shape {given.shape} do not fit a truth of shape {true.shape}.",
            "Give one for every row: a number, a label, or a probability of each class.",
        )
    names = None if ids is None else np.asarray(ids)
    if names is not None and names.shape != true.shape:
        raise UsageError(f"There are {len(true):,} rows and {names.shape} ids.", "Give one id for every row.")
    if names is not None:  # the same rows in another order are the same rows
        order = np.argsort(names.astype(str), kind="stable")
        true, given, names = true[order], given[order], names[order]
    if any(value is None or value != value for value in true.tolist()):
        raise UsageError("The truth of some rows is missing.", "Leave those rows out of both.")
    found = task or _task_of(true, given)
    if found not in (BINARY, MULTICLASS, REGRESSION):
        raise UsageError(f"There is no task '{found}'.", f"Name one of: {BINARY}, {MULTICLASS}, {REGRESSION}.")
    if found == REGRESSION:
        return _of_numbers(true, given, names)
    return _of_classes(true, given, names, classes)


def _task_of(truth: Array, said: Array) -> str:
    labels = set(np.unique(truth).tolist()) if truth.dtype.kind in "biufUS" else set(truth.tolist())
    if said.ndim == 2:
        return BINARY if said.shape[1] <= 2 and len(labels) <= 2 else MULTICLASS
    if truth.dtype.kind not in "biuf":
        return BINARY if len(labels) <= 2 else MULTICLASS
    are_shares = said.dtype.kind == "f" and not _beyond(said, 1.0)
    if len(labels) <= 2 and (are_shares or set(np.unique(said).tolist()) <= labels):
        return BINARY
    is_label = truth.dtype.kind in "biu" and said.dtype.kind in "biu" and len(labels) <= MOST_CLASSES
    return MULTICLASS if is_label and len(labels) < len(truth) / 2 else REGRESSION


def _of_numbers(truth: Array, said: Array, ids: Array | None) -> Answers:
    if said.ndim == 2 and said.shape[1] == 1:
        said = said[:, 0]
    try:
        true, numbers = truth.astype(np.float64), said.astype(np.float64)
    except (TypeError, ValueError):
        raise UsageError("Numbers were expected, and there are none.", "Name the task: task='multiclass'.") from None
    if numbers.ndim != 1:
        raise UsageError(
            f"Predictions of shape {said.shape} are no numbers of {len(true):,} rows.", "Give one for every row."
        )
    return Answers(REGRESSION, true, numbers, _rows(true, ids))


def _of_classes(truth: Array, said: Array, ids: Array | None, classes: Sequence[Any] | None) -> Answers:
    texts = np.array([_label(value) for value in truth.tolist()])
    is_probable = said.ndim == 2 or (said.dtype.kind == "f" and not _are_labels(said, texts))
    spoken = () if is_probable else [_label(value) for value in said.tolist()]
    names = (
        tuple(_label(one) for one in classes)
        if classes is not None
        else tuple(_label(one) for one in _sorted({*truth.tolist(), *(() if is_probable else said.tolist())}))
    )
    if len(names) == 1 and is_probable and said.ndim == 1:
        raise UsageError("The truth has one class alone.", "Name both: classes=[…], the negative one first.")
    place = {name: number for number, name in enumerate(names)}
    strange = sorted({*texts.tolist(), *spoken} - set(place))
    if strange:
        raise UsageError(f"'{strange[0]}' is none of the classes.", f"Those named are: {', '.join(names)[:200]}.")
    codes = np.array([place[text] for text in texts], dtype=np.int64)
    task = BINARY if len(names) <= 2 else MULTICLASS
    rows = _rows(texts, ids)
    if not is_probable:
        labels = np.array([place[text] for text in spoken], dtype=np.float64)
        return Answers(task, codes, labels, rows, names, are_labels=True)
    shares = said.astype(np.float64)
    width = 1 if shares.ndim == 1 else shares.shape[1]
    if width not in (1, len(names)) or (width == 1 and len(names) != 2):
        raise UsageError(
            f"{width} probabilities of a row do not fit {len(names)} classes.",
            "Give a column for each class, and name them in that order: classes=[…].",
        )
    if _beyond(shares, 1 + 1e-6):
        raise UsageError("Probabilities are from 0 to 1.", "Give what predict_proba gives, or labels.")
    if shares.ndim == 2 and width <= 2:
        shares = shares[:, -1]
    return Answers(task, codes, shares.astype(np.float32), rows, names)


def _beyond(said: Array, most: float) -> bool:
    """Whether any of it, where there is any, is below 0 or above that."""
    return bool(np.any((said < 0) | (said > most)))


def _are_labels(said: Array, truth: Array) -> bool:
    return {_label(value) for value in np.unique(said).tolist()} <= set(truth.tolist())


def _sorted(values: set[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)


def _label(value: Any) -> str:
    """How a label is written: 1, 1.0 and True of one column are not told apart from each other's."""
    if isinstance(value, bool):
        return str(int(value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _rows(truth: Array, ids: Array | None) -> str:
    told = hashlib.sha256("\n".join(map(str, truth.tolist())).encode("utf-8", "replace"))
    if ids is not None:
        told.update("\0".join(map(str, ids.tolist())).encode("utf-8", "replace"))
    return told.hexdigest()
