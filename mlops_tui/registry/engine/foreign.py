"""Opening a model file that was made elsewhere: a copy of it, told by its content, and only what somebody vouches for."""

from __future__ import annotations

import re
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import ModelFileError
from mlops_tui.core.printable import printable
from mlops_tui.registry.engine.environment import minor, package_version
from mlops_tui.registry.engine.file import parse, unpickle, untrusted_types
from mlops_tui.registry.engine.onnx_model import open_session
from mlops_tui.registry.formats import JOBLIB, ONNX, SKOPS, format_of, refuse_pickle
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace

SHOWN = 20
"""So many types are named in a sentence."""
_FILE = "The model file"
_WRITTEN = re.compile(rb'"_sklearn_version":\s*\{[^{}]*"content":\s*"\\"([0-9][0-9A-Za-z.+-]*)\\""')
_MADE_AGAIN = "Write it again where the model was made."


@dataclass(frozen=True, slots=True)
class Opened:
    """A model as its file gave it (of ONNX: its session), the file's format, and the types that were vouched for."""

    model: Any
    format: str
    types: tuple[str, ...] = ()


@contextmanager
def copied(workspace: Workspace, path: Path) -> Iterator[Path]:
    """A copy of the file that nobody else writes to, while the block runs; what is looked at is what is loaded and kept.

    Raises:
        ModelFileError: the file cannot be read.
        DiskFull: there is no space for the copy.
    """
    folder = workspace.artifacts / f".{secrets.token_hex(8)}.tmp"
    try:
        try:
            source = path.open("rb")
        except OSError as error:
            why = error.strerror or str(error)
            raise ModelFileError(f"{printable(path.name)} cannot be read: {why}.", "Let it be read.") from error
        with source, translated(workspace.artifacts):
            folder.mkdir(parents=True)
            copy = folder / path.name
            with copy.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_foreign(path: Path, *, trust: bool, most_bytes: int) -> Opened:
    """The model in the file; what runs code, or holds types that skops does not trust by itself, only where a person vouches
    for it. A file that unpacks to more than `most_bytes` is not unpacked.

    Raises:
        ModelFileError: it is not vouched for, or is no model that can be read here.
    """
    format_ = format_of(path)
    refuse_pickle(path, format_, trust=trust)
    if format_ == ONNX:
        return Opened(open_session(path, printable(path.name)), ONNX)
    if format_ == JOBLIB:
        return Opened(_required(unpickle(path, printable(path.name), refuses_others=True), path), JOBLIB)
    require_sound_archive(path, most_bytes)
    try:
        types = tuple(untrusted_types(path))
        if types and not trust:
            raise ModelFileError(
                f"{printable(path.name)} holds types that are not trusted by themselves: {_listed(types)}.",
                "Trust it (--trust) where you know who made it.",
            )
        return Opened(_required(parse(path, list(types), refuses_others=True), path), SKOPS, types)
    except ModelFileError as error:
        title, cause = error.title.replace(_FILE, printable(path.name)), error.__cause__
        if cause is None or isinstance(cause, ModuleNotFoundError):
            raise ModelFileError(title, error.remedy) from cause
        written, here = written_with(path), package_version("scikit-learn")
        if minor(written) in (None, minor(here)):
            raise ModelFileError(title, _MADE_AGAIN) from cause
        raise ModelFileError(
            f"{title} It was made with scikit-learn {written}; here is {here}.",
            f"Install scikit-learn=={written}, or make it again with {here}.",
        ) from cause


def written_with(path: Path) -> str | None:
    """The scikit-learn that wrote a skops file, as its estimators say; None where none does."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = _WRITTEN.search(archive.read("schema.json"))
    except (zipfile.BadZipFile, OSError, ValueError, zlib.error):
        return None
    return found[1].decode() if found else None


def _listed(types: tuple[str, ...]) -> str:
    more = f" and {len(types) - SHOWN} more" if len(types) > SHOWN else ""
    return ", ".join(map(printable, types[:SHOWN])) + more


def require_sound_archive(path: Path, most_bytes: int) -> None:
    """Raises ModelFileError where a zip archive is none of skops, or has names or sizes that no model file has."""
    name = printable(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ModelFileError(f"{name} is truncated or damaged: {error}.", "Copy it once more, whole.") from error
    names = [member.filename for member in members]
    if odd := next((one for one in names if "/" in one or "\\" in one or ".." in one), None):
        raise ModelFileError(
            f"{name} has a member '{printable(odd)}', a path that leads elsewhere, as no model file has.",
            "It is not loaded. Ask who made it.",
        )
    if len(set(names)) != len(names):
        raise ModelFileError(f"{name} has two members of one name, as no model file has.", "Ask who made it.")
    if "schema.json" not in names:
        raise ModelFileError(
            f"{name} is a zip archive without schema.json, so it was not written by skops.",
            "Name the model file itself: skops, ONNX or joblib.",
        )
    if (unpacked := sum(member.file_size for member in members)) > most_bytes:
        raise ModelFileError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB, more than the limit of {most_bytes / 1e6:,.0f} MB.",
            "Raise it where the model is as large: model_file_memory in mlops-tui config path.",
        )


def _required(model: Any, path: Path) -> Any:
    """The model. Raises ModelFileError where it cannot predict."""
    if not callable(getattr(model, "predict", None)):
        raise ModelFileError(
            f"{printable(path.name)} holds a {type(model).__name__}, which cannot predict.",
            "Write the fitted estimator or pipeline itself.",
        )
    return model
