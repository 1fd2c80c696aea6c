"""Asking the gates of a version, one after the other, each written down as soon as it has answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from mlops_tui.core.clock import now
from mlops_tui.core.errors import MlopsError, ModelFileError
from mlops_tui.core.ids import new_id
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry import gatefile
from mlops_tui.registry.engine.gates import fitness, own, provenance, quality
from mlops_tui.registry.engine.gates.evidence import Evidence
from mlops_tui.registry.engine.gates.said import Said, untold
from mlops_tui.registry.gates import KINDS, Gate, GateResult
from mlops_tui.registry.model import CHAMPION, LOOKED, Model, ModelVersion
from mlops_tui.registry.query import version_of
from mlops_tui.store.store import Store

_ASK: dict[str, Callable[[Evidence, Gate], Said]] = {
    "same_after_loading": fitness.same_after_loading,
    "signature": fitness.signature,
    "not_worse_than_champion": quality.not_worse_than_champion,
    "better_than_baseline": quality.better_than_baseline,
    "slices": quality.slices,
    "calibration": quality.calibration,
    "latency": fitness.latency,
    "memory": fitness.memory,
    "leakage": provenance.leakage,
    "training_data": provenance.training_data,
    "code_committed": provenance.code_committed,
    "card": provenance.card,
    "reproducible": fitness.reproducible,
}
assert _ASK.keys() == KINDS.keys()


def ask_gates(
    context: JobContext, version: ModelVersion, model: Model, alias: str, also: Sequence[str] = ()
) -> list[GateResult]:
    """What the gates say of a version that is to be what the alias names, in the order of `registry.gates.KINDS`.

    Raises:
        ModelFileError: the version's file cannot be used.
        UsageError: the gates' file is broken, or a gate of the person's own cannot be asked.
    """
    store = context.store
    gates = gatefile.chosen(gatefile.read(store.workspace, model.name), also)
    number = model.aliases.get(CHAMPION)
    champion = None if number in (None, version.number) else version_of(store.reader, model, number)
    evidence = Evidence(store, context.settings, version, champion)
    _ = evidence.pipeline
    found: list[GateResult] = []
    for done, gate in enumerate(gates):
        context.progress(done, len(gates) + 1, note=gate.name.replace("_", " "), force=True)
        result, looked = _ask_one(evidence, gate, alias, context.job_id)
        context.log(f"{gate.name}: {result.verdict}: {result.why}")
        seen = {row_set for one in found for row_set in _row_sets(one)}
        found.append(result)
        keep_result(store, version, result, [one for one in _row_sets(result) if looked and one not in seen])
    return found


def _row_sets(result: GateResult) -> list[str]:
    """The hashes of the sets of held-out rows that it looked at."""
    told = (result.evidence, result.evidence.get("old_split", {}))
    return [one["held_out_hash"] for one in told if "held_out_hash" in one]


def _ask_one(evidence: Evidence, gate: Gate, alias: str, asking: str) -> tuple[GateResult, bool]:
    try:
        said = own.own(evidence, gate) if gate.own else _ASK[gate.name](evidence, gate)
    except ModelFileError as error:  # the champion's: the version's was loaded before
        said = untold(f"{error.title} {error.remedy}".removesuffix("."))
    except MlopsError as error:
        said = untold(error.title.removesuffix("."))
    result = GateResult(
        name=gate.name,
        alias=alias,
        verdict=said.verdict,
        blocking=gate.blocking and alias == CHAMPION,
        value=said.value,
        low=said.low,
        high=said.high,
        threshold=said.threshold,
        n=said.n,
        n_needed=said.n_needed,
        why=said.why,
        evidence={"version_id": evidence.version.id, "artifact": evidence.version.artifact, **said.evidence},
        at=now(),
        on_cannot_tell=gate.on_cannot_tell,
        asking=asking,
    )
    return result, said.looked


_KEPT = (
    *("alias", "name", "verdict", "blocking", "value", "low", "high", "threshold", "n", "n_needed", "why", "at"),
    *("on_cannot_tell", "asking"),
)


def keep_result(store: Store, version: ModelVersion, result: GateResult, looked_at: Iterable[str]) -> None:
    """Writes the gate's answer down with its evidence, and the looks at sets of held-out rows, whatever comes of it.

    By plain SQL: what maps tables to classes takes as long to load as all gates take to answer.
    """
    row = {name: getattr(result, name) for name in _KEPT}
    row |= {"id": new_id(), "version_id": version.id, "evidence": json.dumps(result.evidence)}
    with store.write() as writing:
        writing.execute(
            f"INSERT INTO gate_result ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
        for row_set in looked_at:
            told = {key: result.evidence[key] for key in ("study", "source", "metric")}
            writing.event(
                LOOKED,
                ("model", version.model_id, version.model),
                why=f"gate {result.name}",
                after={"version": version.number, **told, "held_out_hash": row_set},
            )
        writing.changed("models")


def verdicts(results: Iterable[GateResult]) -> dict[str, str]:
    """What each gate said, as an event keeps it."""
    return {result.name: result.verdict for result in results}
