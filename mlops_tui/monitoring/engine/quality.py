"""The job that tells how well a version does file by file: what is expected of its metric without labels, and what labels come to.

What a file is judged by is in `judge`. What nothing is new of since it was told last stays as it was told.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import MlopsError
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.evaluation.metrics import DEFAULTS
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.alert import CRITICAL, FALLS, WARNING, Finding, Subject
from mlops_tui.monitoring.alerts import Alerts, end_alert, raise_alert
from mlops_tui.monitoring.engine.importance import importances
from mlops_tui.monitoring.engine.inputs import Inputs
from mlops_tui.monitoring.engine.judge import Judge, losses_of, reference_of
from mlops_tui.monitoring.engine.labelled import predicted_logs
from mlops_tui.monitoring.model import CANNOT_TELL, WORSE, Figure, QualityChunk
from mlops_tui.monitoring.query import importances_of_version, labels_with, maturity_of, quality_of
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.model import CHAMPION, ModelVersion
from mlops_tui.registry.query import get_version, read_alias
from mlops_tui.serving.query import list_batches
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.query import known_study

BATCHES = 100_000


def run(context: JobContext) -> dict[str, Any]:
    """Writes down how the version `spec["version_id"]` does on each file that it predicted; returns {"version_id", "files": how many
    there are, "told": how many of them are told anew}: one of which nothing is new stays as it is.

    Raises:
        DataError: a file of the labels is gone, was changed, or cannot be read.
    """
    store = context.store
    version = get_version(store.reader, context.spec["version_id"])
    batches = [one for one in list_batches(store.reader, version.id, limit=BATCHES) if one.log is not None][::-1]
    labels = labels_with(store.reader, version.signature.target)
    study = known_study(store.reader, version.study_id)
    metric = DEFAULTS[version.signature.task] if study is None else study.metric
    maturity = maturity_of(store.reader, labels)
    inputs = Inputs(store, version)
    judge = Judge(
        *(context.settings, version, metric, reference_of(store, version, metric), maturity),
        learn=lambda: losses_of(store, version, metric, inputs),
    )
    known = {chunk.mark: chunk for chunk in quality_of(store.reader, version.id, limit=BATCHES)}
    chunks, told = list[QualityChunk](), 0
    with predicted_logs(store, version.signature, [str(one.log) for one in batches], list(labels)) as logs:
        for done, batch in enumerate(batches):
            context.progress(done, len(batches), note=batch.file)
            if str(batch.log) not in logs:
                continue
            drift = inputs.drift(batch)
            mark = json.dumps([batch.file_hash, logs.mark(str(batch.log)), judge.mark, drift])
            if (before := known.get(mark)) is not None and not before.is_due(now()):
                chunks.append(replace(before, place=len(chunks), file=batch.file))
                continue
            rows, told = logs.rows(str(batch.log)), told + 1
            chunk = replace(judge.chunk(batch, rows, len(chunks), inputs.frame(batch)), mark=mark)
            chunks.append(judge.answered(chunk, rows, inputs.domain(batch), drift))
    keep(store, context.settings, version, chunks, context.spec.get("seen", ""))
    note_importances(store, version, inputs)
    Alerts(store).start_telling()
    context.progress(len(batches), len(batches), force=True)
    return {"version_id": version.id, "files": len(chunks), "told": told}


def keep(store: Store, settings: Settings, version: ModelVersion, chunks: Sequence[QualityChunk], seen: str) -> None:
    """Writes the files of a version down in place of what was known of them, and what follows of the newest one: an alert begins, goes
    on or ends.
    """
    with store.write() as writing:
        writing.execute("DELETE FROM quality_chunk WHERE version_id = ?", (version.id,))
        for chunk in chunks:
            row = {
                **asdict(chunk),
                "estimated": _text(chunk.estimated),
                "realised": _text(chunk.realised),
                "predictions": json.dumps([asdict(column) for column in chunk.predictions]),
                "seen": seen,
            }
            places = ", ".join("?" * len(row))
            writing.execute(
                f"INSERT OR REPLACE INTO quality_chunk ({', '.join(row)}) VALUES ({places})", tuple(row.values())
            )
        writing.changed("outcomes")
        if chunks:
            newest = chunks[-1]
            told = {"version": version.number, "file": newest.file, "verdict": newest.verdict}
            subject = ("model", version.model_id, version.model)
            writing.event("judged", subject, why=f"{newest.name}: {newest.why}", after=told)
            _follow(writing, settings, version, newest)


def note_importances(store: Store, version: ModelVersion, inputs: Inputs) -> None:
    """Writes down once what the version's predictions hang on; nothing where its rows or its file are not there any more."""
    if importances_of_version(store.reader, version.id):
        return
    try:
        found = importances(load_version(store, version), inputs.learnt(), version.signature)
    except MlopsError:
        return
    with store.write() as writing:
        writing.connection.executemany(
            "INSERT OR REPLACE INTO column_importance (version_id, name, importance) VALUES (?, ?, ?)",
            [(version.id, name, share) for name, share in found.items()],
        )
        writing.changed("outcomes")


def _in_short(newest: QualityChunk) -> str:
    figure = newest.realised if newest.labels_tell else newest.estimated
    known = f"{newest.metric} {figure.value:.4f}" if figure is not None else newest.metric
    told = "by its labels" if newest.labels_tell else "expected, without labels"
    kind = "" if newest.answer is None else f", {newest.answer.replace('_', ' ')}"
    return f"{known} {told}, {newest.reference:.4f} then{kind}"


def _text(figure: Figure | None) -> str | None:
    return None if figure is None else json.dumps([figure.value, figure.low, figure.high])


def _follow(writing: Writing, settings: Settings, version: ModelVersion, newest: QualityChunk) -> None:
    """The alert about a champion; where nothing can be told of its newest file it stays as it is."""
    alias = read_alias(writing.connection, version.model_id, CHAMPION)
    if alias.version != version.number or newest.verdict == CANNOT_TELL:
        return
    if newest.verdict != WORSE:
        end_alert(writing, FALLS, version.model_id, f"{printable(newest.name)}: {newest.why}")
        return
    raise_alert(
        writing,
        Finding(
            FALLS,
            Subject("model", version.model_id, version.model),
            CRITICAL if newest.labels_tell else WARNING,
            f"{version.label} is worse on {printable(newest.name)} than in training: {_in_short(newest)}.",
            f"mlops-tui models quality {shlex.quote(version.model)}",
            {"version": version.number, **asdict(replace(newest, predictions=()))},
            alias.revision,
        ),
        settings,
    )
