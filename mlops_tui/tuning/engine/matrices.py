"""A study's rows as numbers, fold by fold: prepared once for families that want the same, and shared by the workers.

Every step of the preprocessing is fitted on the fold's training rows alone, as in the pipeline of a model.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlops_tui.evaluation.splits import Folds, rows_to_stop_by
from mlops_tui.features.engine import preprocessor
from mlops_tui.store.workspace import Workspace
from mlops_tui.tuning.engine.families.family import Part, Wants
from mlops_tui.tuning.engine.fit import Prepared
from mlops_tui.tuning.leftovers import FOLDS
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.problem import TIME


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold: the rows to learn from, which of them may be set aside to stop by (a mask), and those to be scored."""

    training: Part
    stopping: np.ndarray
    validation: Part

    def parts(self) -> tuple[Part, Part]:
        """The training rows without those to stop by, and those."""
        return _taken(self.training, ~self.stopping), _taken(self.training, self.stopping)


def _taken(part: Part, mask: np.ndarray) -> Part:
    return Part(part.x[mask], part.y[mask], None if part.weights is None else part.weights[mask])


class Matrices:
    """The matrices of one study in one folder, mapped into memory; whoever needs one first makes it.

    `folder` goes with the last worker that closes; what a killed one leaves, the study's next worker uses.
    """

    def __init__(self, folder: Path, prepared: Prepared, folds: Folds, stopping: list[np.ndarray]) -> None:
        self.folder = folder
        self._prepared = prepared
        self._folds = folds
        self._stopping = stopping
        self._known: dict[tuple[int, Wants], Fold] = {}
        self._y = codes_of(prepared)
        folder.mkdir(parents=True, exist_ok=True)
        self._users = (folder / "users").open("w")
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def close(self) -> None:
        """Frees the folder, and removes it where no other worker uses it."""
        self._known.clear()
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._users.close()

    def fold(self, number: int, wants: Wants) -> Fold:
        """That fold as the families that want this see it."""
        known = self._known.get((number, wants))
        if known is None:
            known = self._known[number, wants] = self._read(number, wants)
        return known

    def make_all(self, wants: Wants) -> None:
        """Makes what is not there yet of all folds."""
        for number in range(len(self._folds)):
            self.fold(number, wants)

    def _read(self, number: int, wants: Wants) -> Fold:
        training, validation = self._folds[number]
        paths = [self.folder / f"{_name(wants)}-{number}-{part}.npy" for part in ("training", "validation")]
        if not all(path.exists() for path in paths):
            with self._alone():
                if not all(path.exists() for path in paths):
                    self._make(number, wants, paths)
        x_training, x_validation = (np.load(path, mmap_mode="r") for path in paths)
        return Fold(
            Part(x_training, self._y[training], self._weights(training)),
            self._stopping[number],
            Part(x_validation, self._y[validation], self._weights(validation)),
        )

    def _make(self, number: int, wants: Wants, paths: list[Path]) -> None:
        features = self._prepared.features
        rows = self._prepared.training[[feature.name for feature in features]]
        training, validation = self._folds[number]
        steps = preprocessor(features, scale=wants.scale, encode=wants.encode, impute=wants.impute)
        made = steps.fit_transform(rows.iloc[training]), steps.transform(rows.iloc[validation])
        for path, matrix in zip(paths, made, strict=True):
            unfinished = path.with_suffix(f".{os.getpid()}")
            with unfinished.open("wb") as file:
                np.save(file, np.ascontiguousarray(matrix, dtype=wants.dtype))
            unfinished.replace(path)

    def _weights(self, rows: np.ndarray) -> np.ndarray | None:
        return None if self._prepared.weights is None else self._prepared.weights[rows]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def matrices_of(
    workspace: Workspace, name: str, study: Study, prepared: Prepared, groups: np.ndarray | None, folds: Folds
) -> Matrices:
    """The matrices of a study's rows in a folder of that name, rows to stop by set aside as its split wants it."""
    y, in_time_order = prepared.y_training, study.split == TIME
    stopping = [
        rows_to_stop_by(training, y, study.task, study.seed, groups=groups, in_time_order=in_time_order)
        for training, _ in folds
    ]
    return Matrices(workspace.home / FOLDS / name, prepared, folds, stopping)


def _name(wants: Wants) -> str:
    return "-".join(
        (wants.encode, "scaled" if wants.scale else "plain", "filled" if wants.impute else "gaps", wants.dtype)
    )


def codes_of(prepared: Prepared) -> np.ndarray:
    """The target of the training rows as numbers: a class's place among the sorted labels, or the number itself."""
    if not prepared.classes:
        return prepared.y_training
    place = {label: code for code, label in enumerate(prepared.classes)}
    return np.array([place[label] for label in prepared.y_training.tolist()], dtype=np.int64)
