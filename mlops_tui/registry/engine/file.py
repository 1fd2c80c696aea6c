"""Writing and parsing model files with skops, which runs no code of the file and holds to a list of types."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

from skops import io
from skops.io.exceptions import UntrustedTypesFoundException

from mlops_tui.core.errors import ModelFileError
from mlops_tui.store.artifact import place, put
from mlops_tui.store.workspace import Workspace

_BROKEN = (zipfile.BadZipFile, ValueError, TypeError, KeyError, AttributeError, ImportError, EOFError, RecursionError)
"""What parsing raises where a file is no model, or one of another scikit-learn."""


def dump(workspace: Workspace, pipeline: Any) -> tuple[str, int, list[str]]:
    """Keeps the pipeline as an artifact; returns its sha256, its size in bytes and the types that loading it needs."""
    digest = put(workspace, lambda path: io.dump(pipeline, path))
    path = place(workspace, digest)
    return digest, path.stat().st_size, sorted(io.get_untrusted_types(file=path))


def parse(path: Path, types: list[str]) -> Any:
    """The pipeline in the file, which may hold these types and those that skops trusts, no other.

    Raises:
        ModelFileError: it holds another type, needs a package that is not installed, or is no model that can be read here.
    """
    try:
        foreign = sorted(set(io.get_untrusted_types(file=path)) - set(types))
        if foreign:
            raise ModelFileError(
                f"The model file holds types that were not recorded for it: {', '.join(foreign[:5])}.",
                "It is not loaded. Register the model again from its run.",
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # another version's warning: the check rows decide
            return io.load(path, trusted=types)
    except UntrustedTypesFoundException as error:
        raise ModelFileError(
            f"The model file holds types that are not trusted: {error}.",
            "It is not loaded. Register the model again from its run.",
        ) from error
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise ModelFileError(
            f"The model file needs the package {package}, which is not installed here.",
            f"Install it with: pip install {package}",
        ) from error
    except _BROKEN as error:
        raise ModelFileError(
            f"The model file cannot be read: {type(error).__name__}: {error}.",
            "Put it back from a backup, or register the model again from its run.",
        ) from error
