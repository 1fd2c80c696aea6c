"""Model files in and out: registering one that was made elsewhere, and writing a version to a folder that stands alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.evaluation.metrics import ANY_TASK
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.formats import format_of, is_file, refuse_pickle, require_file
from mlops_tui.registry.model import valid_name
from mlops_tui.registry.query import find_model, find_version, version_of
from mlops_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A model file that was made elsewhere, and where its signature comes from: the version `like`, or `sample` rows without
    their column `target`. `task` and `family` are told where the file does not; `trust` says that a person vouches for it.
    """

    path: Path
    like: str | None = None
    sample: Path | None = None
    target: str | None = None
    task: str | None = None
    family: str | None = None
    trust: bool = False

    def require_meant(self) -> None:
        """Raises UsageError where what was told cannot be meant together."""
        if (self.like is None) == (self.sample is None):
            raise UsageError(
                "A model file needs a signature, from one place.",
                "Name rows that it reads (--sample FILE --target COLUMN), or a version that reads the same (--like M:3).",
            )
        if (self.sample is None) != (self.target is None):
            missing = "--target" if self.target is None else "--sample"
            raise UsageError(f"{missing} is missing.", "Say both: --sample FILE --target COLUMN.")
        if self.task is not None and self.task not in ANY_TASK:
            raise UsageError(
                f"There is no task '{printable(self.task)}'.", f"Say one of {', '.join(sorted(ANY_TASK))}."
            )
        if self.family is not None and not self.family.strip():
            raise UsageError("The family is empty.", "Say a word or two for it, or leave --family out.")


class ModelFiles:
    """The model files of one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def register(self, name: str, given: ForeignFile) -> str:
        """Starts the job that keeps a model file as the model's next version; returns its id. The file is not loaded here.

        Raises:
            UsageError: the name cannot be a model's, there is no such file or version, or no way to a signature.
            ModelFileError: the file is no model, or a pickle that nobody vouched for.
        """
        valid_name(name)
        given.require_meant()
        require_file(given.path)
        refuse_pickle(given.path, format_of(given.path), trust=given.trust)
        if given.sample is not None and not is_file(given.sample):
            raise UsageError(f"{printable(str(given.sample))} is no file.", "Name a CSV, Parquet or JSON lines file.")
        like = None if given.like is None else find_version(self._store.reader, given.like).id
        spec = {
            "name": name,
            "file": str(given.path.absolute()),
            "like": like,
            "sample": None if given.sample is None else str(given.sample.absolute()),
            "target": given.target,
            "task": given.task,
            "family": given.family,
            "trust": given.trust,
        }
        title = f"register {printable(given.path.name)} as {printable(name)}"
        return self._jobs.start("register_file", title, spec)

    def export(self, model: str, number: int, folder: Path, *, onnx: bool = False) -> str:
        """Starts the job that writes a version to a folder; returns its id.

        Raises:
            UnknownName: no such model or version.
            UsageError: the folder cannot be written to, or holds something.
        """
        version = version_of(self._store.reader, find_model(self._store.reader, model), number)
        require_free_folder(folder)
        spec = {"version_id": version.id, "out": str(folder.absolute()), "onnx": onnx}
        return self._jobs.start("export", f"export {version.label}", spec)


def require_free_folder(folder: Path) -> None:
    """Raises UsageError where there is something in the folder already, or where it cannot be made."""
    shown, parent = printable(str(folder)), folder.absolute().parent
    try:
        is_there, is_folder = folder.is_symlink() or folder.exists(), folder.is_dir() and not folder.is_symlink()
        is_full, has_parent = is_folder and any(folder.iterdir()), parent.is_dir()
    except OSError as error:  # a name that is too long, or a place that may not be looked at
        raise UsageError(f"{shown} cannot be written: {error.strerror}.", "Name another folder.") from error
    if is_there and not is_folder:
        raise UsageError(f"{shown} is no folder.", "Name a new folder.")
    if is_full:
        raise UsageError(f"The folder {shown} is not empty.", "Name a new one; an export overwrites nothing.")
    if not has_parent:
        raise UsageError(f"There is no folder {printable(str(parent))}.", "Make it first.")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(f"Nothing can be written in {printable(str(parent))}.", "Name a folder in another place.")
