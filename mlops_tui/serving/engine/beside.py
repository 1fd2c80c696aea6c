"""A second version at work on a file's rows: one that was asked for, or the champion before, which spoils nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlops_tui.core.errors import MlopsError
from mlops_tui.core.printable import printable
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.model import ModelVersion, SignatureColumn
from mlops_tui.serving.engine.fitting import open_fitting
from mlops_tui.serving.engine.said import Loaded, Said
from mlops_tui.serving.engine.scoring import Disagreement


@dataclass(frozen=True, slots=True)
class Beside:
    """The champion before, which runs by itself: on so many files more when this one is done (`left`), `of` so many.

    It is not `loaded` where it could not be, for the reason `why`.
    """

    version: ModelVersion
    loaded: Loaded | None
    why: str | None
    left: int
    of: int


class ShadowRun:
    """What a second version says of one file. One that runs by itself ends where it raises; one that was asked for does raise."""

    def __init__(self, loaded: Loaded | None, beside: Beside | None = None, why: str | None = None) -> None:
        self._beside, self._why = beside, why
        self._loaded = loaded if why is None else None
        self._apart = None if self._loaded is None else Disagreement(self._loaded)
        self.columns: tuple[SignatureColumn, ...] = (
            () if self._loaded is None else self._loaded.version.signature.columns
        )

    @property
    def version(self) -> ModelVersion | None:
        """The version that runs; None where none does (any more)."""
        return None if self._loaded is None else self._loaded.version

    def say(self, frame: pd.DataFrame, said: Said) -> Said | None:
        """What it says of rows of which the model `said` that, in the model's terms; counted in. None where it does not run."""
        if self._loaded is None or self._apart is None:
            return None
        try:
            found = self._loaded.say(frame).in_terms_of(said.signature)
            self._apart.add(said, found)
        except Exception as error:
            if self._beside is None:
                raise
            self._loaded, self._why = None, f"{type(error).__name__}: {printable(str(error)[:200])}"
            return None
        return found

    def shown(self) -> dict[str, Any]:
        """What is kept of it with the batch: as `Disagreement.shown`, or why there is none."""
        beside = self._beside
        if beside is None:
            return {} if self._apart is None else self._apart.shown()
        told: dict[str, Any] = {"by_itself": True, "left": beside.left, "of": beside.of}
        if self._apart is not None and self._why is None:
            return {**self._apart.shown(), **told}
        version = beside.version
        unknown = dict.fromkeys(("threshold", "different", "share", "mean_absolute_difference"))
        named = {"model": version.model, "version": version.number, "version_id": version.id, "rows": 0}
        return {**named, **unknown, **told, "left": beside.left + 1, "why": self._why or beside.why}


def why_unread(
    path: Path, options: ReadOptions, model: ModelVersion, other: ModelVersion, kinds: Mapping[str, str]
) -> str | None:
    """Why the other version cannot read a file as the model does, in a sentence; None where it can.

    A column that both read is to be of the same kind, so that the model reads what it would read alone; a further one has to fit.
    """
    own, theirs = (_read_as(version) for version in (model, other))
    for name in theirs.keys() & own.keys():
        if theirs[name] != own[name]:
            return f"It reads the column '{printable(name)}' as {theirs[name]}, {model.label} as {own[name]}."
    if theirs.keys() <= own.keys():
        return None
    try:
        with open_fitting(path, options, [model, other], kinds=kinds):
            return None
    except MlopsError as error:
        return error.title


def _read_as(version: ModelVersion) -> dict[str, str]:
    """The kind that each column is read as: whole numbers as any others."""
    kinds = version.signature.kinds
    return {name: "numeric" if kind == "integer" else kind for name, kind in sorted(kinds.items())}
