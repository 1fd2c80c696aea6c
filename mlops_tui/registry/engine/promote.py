"""Promoting a version: the gate first, then the alias, in one transaction that notices whether it moved meanwhile."""

from __future__ import annotations

import json
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.gate import Judged, not_worse_than_default
from mlops_tui.registry.model import LOOKED, PROMOTED, GateResult, ModelVersion, require_why, valid_alias
from mlops_tui.registry.query import get_model, read_alias, version_of
from mlops_tui.registry.service import move_alias
from mlops_tui.registry.table import GateResultRow
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store

_STEPS = 2


def run(context: JobContext) -> dict[str, Any]:
    """Promotes `spec["version"]` of the model `spec["model"]` (an id) to `spec["alias"]`, where its gate lets it.

    `spec["force"]` with `spec["why"]` promotes whatever the gate says. Returns {"model", "version", "alias",
    "promoted", "gates"}.

    Raises:
        UsageError: forced without a reason, or the alias points there already.
        ModelFileError: the version's file cannot be used.
        StaleAlias: the alias moved while the gate was at work.
    """
    spec, store = context.spec, context.store
    alias, why, force = valid_alias(spec["alias"]), spec.get("why"), bool(spec.get("force"))
    require_why(force, why)
    version = version_of(store.reader, get_model(store.reader, spec["model"]), spec["version"])
    before = read_alias(store.reader, version.model_id, alias)
    if before.version == version.number:
        raise UsageError(f"{version.label} is the {alias} already.", "There is nothing to change.")
    context.progress(0, _STEPS, note="comparing with the default parameters on held-out rows")
    judged = not_worse_than_default(store, version, alias, context.settings.gate_margin)
    context.log(f"{judged.result.name}: {judged.result.verdict}: {judged.result.why}")
    keep_result(store, version, judged)
    context.progress(1, _STEPS, note="moving the alias", force=True)
    passed = lets_pass(judged.result)
    if passed or force:
        said = why or judged.result.why
        with write_session(store) as writing:
            move_alias(
                writing, version, alias, revision=before.revision, verb=PROMOTED, why=said, forced=force and not passed
            )
    context.progress(_STEPS, _STEPS)
    return {
        "model": version.model,
        "version": version.number,
        "alias": alias,
        "promoted": passed or force,
        "gates": [judged.result.shown()],
    }


def lets_pass(result: GateResult) -> bool:
    """Whether a gate is no hindrance: it passed, or it is one that only advises."""
    return result.verdict == "pass" or not result.blocking


def keep_result(store: Store, version: ModelVersion, judged: Judged) -> None:
    """Writes the gate's answer down with its evidence, and the look at the held-out rows, whatever comes of it."""
    result = judged.result
    with write_session(store) as writing:
        writing.add(
            GateResultRow(
                id=new_id(),
                version_id=version.id,
                alias=result.alias,
                name=result.name,
                verdict=result.verdict,
                blocking=result.blocking,
                value=result.value,
                low=result.low,
                high=result.high,
                threshold=result.threshold,
                n=result.n,
                n_needed=result.n_needed,
                why=result.why,
                evidence=json.dumps(result.evidence),
                at=result.at,
            )
        )
        if judged.looked:
            looked_at = {key: result.evidence[key] for key in ("study", "source", "held_out_hash", "metric")}
            writing.event(
                LOOKED,
                ("model", version.model_id, version.model),
                why=f"gate {result.name}",
                after={"version": version.number, **looked_at},
            )
        writing.changed("models")
