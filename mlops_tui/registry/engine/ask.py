"""Asking the gates of a version, without promoting it."""

from __future__ import annotations

from typing import Any

from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.gates.asking import ask_gates
from mlops_tui.registry.gates import decide
from mlops_tui.registry.query import get_model, version_of


def run(context: JobContext) -> dict[str, Any]:
    """Asks the gates of `spec["version"]` of the model `spec["model"]` (an id) for `spec["alias"]`, and those that `spec["also"]`
    names. Returns {"model", "version", "alias", "would_be_promoted", "gates"}.

    Raises:
        ModelFileError: the version's file cannot be used.
        UsageError: the gates' file is broken.
    """
    spec, store = context.spec, context.store
    model = get_model(store.reader, spec["model"])
    version = version_of(store.reader, model, spec["version"])
    results = ask_gates(context, version, model, spec["alias"], spec.get("also", ()))
    context.progress(1, 1)
    return {
        "model": version.model,
        "version": version.number,
        "alias": spec["alias"],
        "would_be_promoted": decide(results, force=False, why=None).promoted,
        "gates": [result.shown() for result in results],
    }
