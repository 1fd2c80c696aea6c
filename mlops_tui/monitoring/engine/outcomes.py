"""The job that compares a champion with the one before on the labels of the rows that both predicted, and raises the alert."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.metrics import DEFAULTS
from mlops_tui.evaluation.paired import CANNOT_TELL, FAIL, Comparison, compare
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.alert import CRITICAL, WORSE, Finding, Subject
from mlops_tui.monitoring.alerts import Alerts, end_alert, raise_alert
from mlops_tui.monitoring.engine.labelled import Labelled, labelled_rows
from mlops_tui.monitoring.outcomes import seen_of
from mlops_tui.monitoring.quality_model import Outcome
from mlops_tui.monitoring.quality_query import labels_with
from mlops_tui.registry import gatefile
from mlops_tui.registry.model import CHAMPION, ModelVersion
from mlops_tui.registry.query import get_version, read_alias
from mlops_tui.serving.query import shadowed
from mlops_tui.serving.shadowing import Before, champion_before
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.query import known_study

GATE = "not_worse_than_champion"
"""The gate whose margin is this one's too."""


def run(context: JobContext) -> dict[str, Any]:
    """Compares the champion `spec["version_id"]` with the version before it; returns the outcome, as it is kept.

    Raises:
        UsageError: it is not the champion any more, or its gates' file is broken.
        DataError: a file of the labels is gone, was changed, or cannot be read.
    """
    store = context.store
    version = get_version(store.reader, context.spec["version_id"])
    before = champion_before(store.reader, version)
    if before is None:
        raise UsageError(
            f"{version.label} is no champion any more that has one before it.", "There is nothing to compare."
        )
    files = shadowed(store.reader, version.id, before.version.id, before.since)
    labels = labels_with(store.reader, version.signature.target)
    seen = seen_of(before, files, labels) if files else ""
    logs = [file.log for file in files if file.log is not None]
    rows = labelled_rows(store, version.signature, logs, list(labels))
    outcome = _outcome(store, context.settings, version, before, rows, labels, seen)
    context.log(f"{version.label}: {outcome.verdict}: {outcome.why}")
    keep(store, context.settings, version, before, outcome)
    Alerts(store).start_telling()
    context.progress(1, 1)
    return asdict(outcome)


def _outcome(
    store: Store,
    settings: Settings,
    version: ModelVersion,
    before: Before,
    rows: Labelled,
    labels: dict[str, int],
    seen: str,
) -> Outcome:
    names = {get_source(store.reader, source_id).name: number for source_id, number in labels.items()}
    found = _compared(store, settings, version, before.version, rows)
    return Outcome(
        version_id=version.id,
        before_id=before.version.id,
        files=rows.files,
        rows=rows.rows,
        labelled=rows.labelled,
        compared=found.n,
        conflicting=rows.conflicting,
        strange=rows.strange,
        unknown=rows.unknown,
        metric=found.metric,
        difference=found.difference,
        low=found.low,
        high=found.high,
        margin=found.margin,
        verdict=found.verdict,
        why=found.why,
        labels=names,
        seen=seen,
        at=now(),
    )


def _compared(
    store: Store, settings: Settings, version: ModelVersion, other: ModelVersion, rows: Labelled
) -> Comparison:
    """The version against the one before by its study's metric, on rows that weigh the same each; the margin is that of its gate."""
    study = known_study(store.reader, version.study_id)
    signature = version.signature
    metric = DEFAULTS[signature.task] if study is None else study.metric
    margin = _margin(store, settings, version)
    n = len(rows.truth)
    if not n:
        return Comparison(metric, None, None, None, margin, 0, None, CANNOT_TELL, _why_none(rows))
    try:
        return compare(
            metric,
            rows.truth,
            rows.said,
            rows.shadow,
            margin=margin,
            against=f"the champion before, v{other.number},",
            seed=0 if study is None else study.seed,
            task=signature.task,
            positive=signature.positive_code if signature.is_classifier else 1,
            kind="labelled",
        )
    except ValueError as error:  # a metric that is not defined on these rows
        why = f"{metric} is not defined on {n:,} labelled rows: {error}"
        return Comparison(metric, None, None, None, margin, n, None, CANNOT_TELL, why)


def _margin(store: Store, settings: Settings, version: ModelVersion) -> float:
    gates = gatefile.read(store.workspace, version.model)
    margin = next(gate.options["margin"] for gate in gates if gate.name == GATE)
    return settings.gate_margin if margin is None else float(margin)


def _why_none(rows: Labelled) -> str:
    if not rows.files:
        return "no log of a file is left that says what both predicted"
    if not rows.with_id:
        return "the predicted rows have no id: name the column with data options N --id"
    return f"none of {rows.rows:,} predicted rows has a label yet"


def keep(store: Store, settings: Settings, version: ModelVersion, before: Before, outcome: Outcome) -> None:
    """Writes the outcome down in place of the one before, and what follows of it: an alert begins, goes on or ends."""
    row = {**asdict(outcome), "labels": json.dumps(outcome.labels)}
    places = ", ".join("?" * len(row))
    with store.write() as writing:
        writing.execute(
            f"INSERT OR REPLACE INTO champion_outcome ({', '.join(row)}) VALUES ({places})", tuple(row.values())
        )
        told = {"before": before.version.number, "verdict": outcome.verdict, "difference": outcome.difference}
        writing.event(
            "shadow_compared",
            ("model", version.model_id, version.model),
            why=outcome.why,
            after={"version": version.number, **told},
        )
        writing.changed("outcomes")
        _follow(writing, settings, version, before, outcome)


def _follow(writing: Writing, settings: Settings, version: ModelVersion, before: Before, outcome: Outcome) -> None:
    """The alert, where the version is the champion still by the same move."""
    alias = read_alias(writing.connection, version.model_id, CHAMPION)
    if (alias.version, alias.revision) != (version.number, before.revision):
        return
    if outcome.verdict != FAIL:
        end_alert(writing, WORSE, version.model_id, f"the newest comparison says: {outcome.verdict.replace('_', ' ')}")
        return
    evidence = {
        "version": version.number,
        "before": before.version.number,
        **{name: value for name, value in asdict(outcome).items() if name not in ("seen", "why")},
    }
    raise_alert(
        writing,
        Finding(
            WORSE,
            Subject("model", version.model_id, version.model),
            CRITICAL,
            f"{version.label} is {outcome.why}.",
            f"mlops-tui models rollback {shlex.quote(version.model)}",
            evidence,
            before.revision,
        ),
        settings,
    )
