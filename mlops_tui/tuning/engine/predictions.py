"""What a study's best trials said of the rows that they had not learnt from: kept, so that no fit is needed to ask again.

Each trial has one file of float32, a row for each training row: the probability of the second of two classes, one of each of
several, or a number; NaN where no fold scores the row. The best trials and the families' defaults have one, up to a limit of
the disk; a decision function's values are not kept, since they are not comparable.
"""

from __future__ import annotations

import os
from bisect import insort
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.evaluation.splits import Folds
from mlops_tui.store.workspace import Workspace
from mlops_tui.tuning.engine.evaluating import Outcome
from mlops_tui.tuning.engine.mirror import is_default
from mlops_tui.tuning.model import Study

Array = np.ndarray[Any, Any]
MOST, LEAST = 20, 5
"""So many of the best trials have a file: the fewer, the larger the files."""
BYTES_AT_MOST = 500_000_000


class Predictions:
    """The files of one study, and which of its trials are to have one. `rows` are the training rows."""

    def __init__(self, workspace: Workspace, study: Study, folds: Folds, rows: int) -> None:
        self._folder = folder_of(workspace, study.id)
        self._study = study
        self._scored = [scored for _, scored in folds]
        self._rows = rows
        self._looked_at: set[int] = set()
        self._defaults: set[int] = set()
        self._ranked: list[tuple[float, int]] = []

    def look(self, trials: Iterable[FrozenTrial]) -> None:
        """Takes in what has ended since the last time."""
        for trial in trials:
            if trial.number in self._looked_at:
                continue
            if trial.state == TrialState.COMPLETE and trial.values:
                self._take_in(trial.number, trial.values[0], default=is_default(trial.user_attrs, self._study))

    def _take_in(self, number: int, value: float, *, default: bool) -> None:
        self._looked_at.add(number)
        insort(self._ranked, (-self._study.sign * value, number))
        if default:
            self._defaults.add(number)

    def keep(self, number: int, value: float, found: Sequence[Outcome], *, default: bool) -> None:
        """Writes down what a trial said, where it is among the best, and takes away what no longer is.

        A disk that has no room costs the predictions, not the trial.
        """
        if any(one.are_decisions for one in found):
            return
        row = found[0].predicted[:1]
        most = max(LEAST, min(MOST, BYTES_AT_MOST // (4 * row.size * self._rows)))
        self._take_in(number, value, default=default)
        if not default and (-self._study.sign * value, number) not in self._ranked[:most]:
            return
        try:
            self._write(number, joined(found, self._scored, self._rows))
            self._take_away(most)
        except OSError:
            return

    def _write(self, number: int, said: Array) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{number}.{os.getpid()}"
        try:
            with unfinished.open("wb") as file:
                np.save(file, said)
            unfinished.replace(self._folder / f"{number}.npy")
        finally:
            unfinished.unlink(missing_ok=True)

    def _take_away(self, most: int) -> None:
        """Of trials that this process does not know to have ended another one has the say."""
        best = {number for _, number in self._ranked[:most]} | self._defaults
        for number in kept(self._folder):
            if number in self._looked_at and number not in best:
                (self._folder / f"{number}.npy").unlink(missing_ok=True)


def joined(found: Sequence[Outcome], scored: Sequence[Array], rows: int) -> Array:
    """What was said fold by fold, as it is kept: a row for each of so many training rows."""
    columns = found[0].predicted.shape[1:]
    said = np.full((rows, *columns), np.nan, dtype=np.float32)
    for places, one in zip(scored, found, strict=True):
        said[places] = one.predicted
    return said[:, 1] if columns == (2,) else said


def folder_of(workspace: Workspace, study_id: str) -> Path:
    """Where a study's predictions lie."""
    return workspace.home / "predictions" / study_id


def kept(folder: Path) -> list[int]:
    """The numbers of the trials that have a file."""
    return sorted(int(path.stem) for path in folder.glob("*.npy"))


def read(folder: Path, number: int) -> Array | None:
    """What a trial said; None where that is not kept, or cannot be read."""
    try:
        return np.asarray(np.load(folder / f"{number}.npy"), dtype=float)
    except (OSError, ValueError, EOFError):
        return None
