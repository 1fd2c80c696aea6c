"""Promoting a version: the gates first, then the alias, in one transaction that notices whether it moved meanwhile."""

from __future__ import annotations

from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.gates.asking import ask_gates, verdicts
from mlops_tui.registry.gates import Decision, decide
from mlops_tui.registry.model import PROMOTED, REFUSED, require_why, valid_alias
from mlops_tui.registry.query import get_model, read_alias, version_of
from mlops_tui.registry.service import move_alias
from mlops_tui.registry.summary import spoken, summed_up


def run(context: JobContext) -> dict[str, Any]:
    """Promotes `spec["version"]` of the model `spec["model"]` (an id) to `spec["alias"]`, where its gates let it.

    `spec["force"]` with `spec["why"]` promotes whatever the gates say, `spec["why"]` alone over those that cannot tell; `spec["also"]`
    names gates that are asked on request. Returns {"model", "version", "alias", "promoted", "refused_by", "overruled", "gates"}.

    Raises:
        UsageError: forced without a reason, the alias points there already, or the gates' file is broken.
        ModelFileError: the version's file cannot be used.
        StaleAlias: the alias moved while the gates were at work.
    """
    spec, store = context.spec, context.store
    alias, why, force = valid_alias(spec["alias"]), spec.get("why"), bool(spec.get("force"))
    require_why(force, why)
    model = get_model(store.reader, spec["model"])
    version = version_of(store.reader, model, spec["version"])
    before = read_alias(store.reader, version.model_id, alias)
    if before.version == version.number:
        raise UsageError(f"{version.label} is the {alias} already.", "There is nothing to change.")
    results = ask_gates(context, version, model, alias, spec.get("also", ()))
    decision = decide(results, force=force, why=why)
    if decision.promoted:
        context.progress(len(results), len(results) + 1, note="moving the alias", force=True)
        with store.write() as writing:
            move_alias(
                writing,
                version,
                alias,
                revision=before.revision,
                verb=PROMOTED,
                why=why or summed_up([result.shown() for result in results]),
                forced=force and bool(decision.overruled),
                evidence={"asking": context.job_id, "gates": verdicts(results), **_overruled(decision)},
            )
    else:
        with store.write() as writing:
            writing.event(
                REFUSED,
                ("model", version.model_id, version.model),
                why=f"by {', '.join(map(spoken, decision.refused_by))}",
                after={"version": version.number, "alias": alias, "refused_by": list(decision.refused_by)},
            )
            writing.changed("models")
    context.progress(1, 1)
    return {
        "model": version.model,
        "version": version.number,
        "alias": alias,
        "promoted": decision.promoted,
        "refused_by": list(decision.refused_by),
        "overruled": list(decision.overruled),
        "gates": [result.shown() for result in results],
    }


def _overruled(decision: Decision) -> dict[str, Any]:
    return {"overruled": list(decision.overruled)} if decision.overruled else {}
