"""Models that a run has made, as files that are read back without running code of theirs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from mlops_tui.api.tracking import active_run
from mlops_tui.core.errors import ModelFileError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.registry.engine.environment import environment
from mlops_tui.registry.engine.file import dump, parse
from mlops_tui.runs.artifact import JSON, MODEL, Artifact, keep_bytes, valid_name
from mlops_tui.store.artifact import place


def log_model(model: Any, name: str = "model", sample: Any = None) -> None:
    """Keeps a model of scikit-learn's kind with the active run, by skops: `NAME.skops`, and `NAME.json` with its class,
    parameters, columns, packages and the types that reading it needs. With a `sample` of rows it is read back, and has to
    predict the same.

    Raises:
        UsageError: no run is active, or skops cannot write it; log its own file with log_artifact then.
        ModelFileError: what was read back predicts otherwise.
    """
    run = active_run()
    named = valid_name(f"{name}.skops")
    try:
        digest, size, types = dump(run.workspace, model)
    except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
        raise UsageError(
            f"A {printable(type(model).__name__)} cannot be written by skops: {printable(str(error))[:200]}.",
            "Write it to a file in its own way, and keep that with log_artifact.",
        ) from error
    if sample is not None:
        again = parse(place(run.workspace, digest), types)
        if not np.array_equal(again.predict(sample), model.predict(sample)):
            raise ModelFileError(
                "The model predicts otherwise once it is written and read again.",
                "Keep its own file with log_artifact.",
            )
    about = json.dumps(_about(model, types), indent=2, default=str).encode()
    described = keep_bytes(run.workspace, about, valid_name(f"{name}.json"), JSON)
    run.keep([Artifact(named, digest, size, MODEL), described])


def _about(model: Any, types: list[str]) -> dict[str, Any]:
    """What is known of a model without asking it."""
    columns = getattr(model, "feature_names_in_", None)
    classes = getattr(model, "classes_", None)
    return {
        "class": f"{type(model).__module__}.{type(model).__qualname__}",
        "params": {key: str(value) for key, value in model.get_params(deep=True).items()}
        if hasattr(model, "get_params")
        else {},
        "columns": None if columns is None else list(columns),
        "features": getattr(model, "n_features_in_", None),
        "classes": None if classes is None else np.asarray(classes).tolist(),
        "types": types,
        **environment(),
    }
