"""Loading a registered version: its bytes first, then its types, then what it says of rows that it was asked before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mlops_tui.core.errors import ModelFileError
from mlops_tui.registry.engine.environment import minor, package_version
from mlops_tui.registry.engine.file import parse, unpickle
from mlops_tui.registry.engine.frame import from_rows
from mlops_tui.registry.engine.onnx_model import OnnxModel, open_session
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.formats import JOBLIB, LIBRARIES, ONNX, SKOPS
from mlops_tui.registry.model import REGISTER_AGAIN, ModelVersion
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store

TOLERANCES = {SKOPS: 1e-9, JOBLIB: 1e-9, ONNX: 1e-5}
"""Another processor may round otherwise, of single precision earlier; another model is further off."""


def load_version(store: Store, version: ModelVersion) -> Any:
    """The fitted pipeline of a version.

    Raises:
        ModelFileError: the file is gone, changed, of foreign types, or does not say here what it said when it was
            registered.
    """
    path = verified(store.workspace, version.artifact, version.file_words, REGISTER_AGAIN)
    try:
        pipeline = opened(path, version)
        found = scores(pipeline, from_rows(version.checks["rows"], version.signature), version.signature)
    except ModelFileError as error:
        raise _unfit(version, error.title, error.remedy) from error
    except (AttributeError, TypeError, ValueError) as error:  # an estimator without what its newer class expects
        raise _unfit(version, f"It fails with {type(error).__name__}: {error}.", _AGAIN) from error
    expected = np.asarray(version.checks["scores"], dtype=float)
    near = TOLERANCES[version.format]
    if found.shape != expected.shape or not np.allclose(found, expected, rtol=near, atol=near):
        raise _unfit(version, "It says something else of the rows that were kept as a check.", _AGAIN)
    return pipeline


def opened(path: Path, version: ModelVersion) -> Any:
    """The model in a version's file, whose bytes were checked."""
    if version.format == ONNX:
        return OnnxModel(open_session(path, _FILE), version.signature.names, version.signature.classes)
    if version.format == JOBLIB:  # a person vouched for it when it was registered
        return unpickle(path, _FILE)
    return parse(path, list(version.types))


_FILE = "The model file"
_AGAIN = "Register it again from where it came."


def _unfit(version: ModelVersion, what: str, remedy: str) -> ModelFileError:
    library = LIBRARIES[version.format]
    written, here = version.environment["packages"].get(library), package_version(library)
    if minor(written) != minor(here):
        what += f" It was made with {library} {written}; here is {here}."
        remedy = f"Install {library}=={written}, or register the model again from where it came."
    return ModelFileError(f"{version.label} cannot be used here. {what}", remedy)
