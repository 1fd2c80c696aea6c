"""Loading a registered version: its bytes first, then its types, then what it says of rows that it was asked before."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_tui.core.errors import ModelFileError
from mlops_tui.registry.engine.environment import minor, package_version
from mlops_tui.registry.engine.file import parse
from mlops_tui.registry.engine.frame import from_rows
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import ModelVersion
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store

LIBRARY = "scikit-learn"
_TOLERANCE = 1e-9
"""Another processor may round otherwise; another model is further off."""


def load_version(store: Store, version: ModelVersion) -> Any:
    """The fitted pipeline of a version.

    Raises:
        ModelFileError: the file is gone, changed, of foreign types, or does not say here what it said when it was
            registered.
    """
    path = verified(store.workspace, version.artifact)
    try:
        pipeline = parse(path, list(version.types))
        found = scores(pipeline, from_rows(version.checks["rows"], version.signature), version.signature)
    except ModelFileError as error:
        raise _unfit(version, error.title, error.remedy) from error
    except (AttributeError, TypeError, ValueError) as error:  # an estimator without what its newer class expects
        raise _unfit(version, f"It fails with {type(error).__name__}: {error}.", _AGAIN) from error
    expected = np.asarray(version.checks["scores"], dtype=float)
    if found.shape != expected.shape or not np.allclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        raise _unfit(version, "It says something else of the rows that were kept as a check.", _AGAIN)
    return pipeline


_AGAIN = "Register it again from its run."


def _unfit(version: ModelVersion, what: str, remedy: str) -> ModelFileError:
    written, here = version.environment["packages"].get(LIBRARY), package_version(LIBRARY)
    if minor(written) != minor(here):
        what += f" It was made with {LIBRARY} {written}; here is {here}."
        remedy = f"Install {LIBRARY}=={written}, or register the model again from its run."
    return ModelFileError(f"{version.label} cannot be used here. {what}", remedy)
