"""Writing and parsing model files with skops, which runs no code of the file and holds to a list of types; loading pickles
that a person vouched for.
"""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
from sklearn.exceptions import InconsistentVersionWarning
from skops import io
from skops.io.exceptions import UntrustedTypesFoundException

from mlops_tui.core.errors import ModelFileError
from mlops_tui.store.artifact import place, put
from mlops_tui.store.workspace import Workspace

_BROKEN: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    TypeError,
    LookupError,
)
_BROKEN += (ArithmeticError, AttributeError, ImportError, EOFError, RuntimeError, AssertionError)
"""What parsing raises where a file is no model, or one of another scikit-learn."""


def dump(workspace: Workspace, pipeline: Any) -> tuple[str, int, list[str]]:
    """Keeps the pipeline as an artifact; returns its sha256, its size in bytes and the types that loading it needs."""
    digest = put(workspace, lambda path: io.dump(pipeline, path))
    path = place(workspace, digest)
    return digest, path.stat().st_size, sorted(io.get_untrusted_types(file=path))


def untrusted_types(path: Path) -> list[str]:
    """The types in a file that skops does not trust by itself; none of them is loaded.

    Raises:
        ModelFileError: it is no model file.
    """
    try:
        return sorted(io.get_untrusted_types(file=path))
    except _BROKEN as error:
        raise ModelFileError(
            f"The model file cannot be read: {type(error).__name__}: {error}.", "Write it again."
        ) from error


def parse(path: Path, types: list[str], *, refuses_others: bool = False) -> Any:
    """The pipeline in the file, which may hold these types and those that skops trusts, no other.

    Raises:
        ModelFileError: it holds another type, needs a package that is not installed, is no model that can be read here, or
            another scikit-learn wrote it and that is to be refused: else the rows that were kept as a check decide.
    """
    try:
        foreign = sorted(set(io.get_untrusted_types(file=path)) - set(types))
        if foreign:
            raise ModelFileError(
                f"The model file holds types that were not recorded for it: {', '.join(foreign[:5])}.",
                "It is not loaded. Register the model again from its run.",
            )
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            model = io.load(path, trusted=types)
    except UntrustedTypesFoundException as error:
        raise ModelFileError(
            f"The model file holds types that are not trusted: {error}.",
            "It is not loaded. Register the model again from its run.",
        ) from error
    except ModuleNotFoundError as error:
        raise _lacking(error, "The model file") from error
    except _BROKEN as error:
        raise ModelFileError(
            f"The model file cannot be read: {type(error).__name__}: {error}.",
            "Put it back from a backup, or register the model again from its run.",
        ) from error
    if refuses_others:
        _refuse_others(said, "The model file")
    return model


def unpickle(path: Path, name: str, *, refuses_others: bool = False) -> Any:
    """What a pickle makes, whatever its code does: only of a file that a person vouched for. Sentences call it `name`.

    Raises:
        ModelFileError: it fails, or another scikit-learn wrote it and that is to be refused.
    """
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            model = joblib.load(path)
    except ModuleNotFoundError as error:
        raise _lacking(error, name) from error
    except Exception as error:  # a pickle's code may raise anything
        raise ModelFileError(
            f"{name} cannot be loaded: {type(error).__name__}: {error}.", "Write it again where the model was made."
        ) from error
    if refuses_others:
        _refuse_others(said, name)
    return model


def _refuse_others(said: Sequence[warnings.WarningMessage], name: str) -> None:
    others = [one.message for one in said if isinstance(one.message, InconsistentVersionWarning)]
    if others:
        written, here = others[0].original_sklearn_version, others[0].current_sklearn_version
        raise ModelFileError(
            f"{name} was made with scikit-learn {written}; here is {here}, which may read it otherwise.",
            f"Install scikit-learn=={written}, or make it again with {here}.",
        )


def _lacking(error: ModuleNotFoundError, name: str) -> ModelFileError:
    package = str(error.name).partition(".")[0]
    return ModelFileError(
        f"{name} needs the package {package}, which is not installed here.", f"Install it with: pip install {package}"
    )
