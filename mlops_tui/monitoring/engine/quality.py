"""The job that tells how well a version does file by file: what is expected of its metric without labels, and what labels come to.

What a file is judged by is in `judge`. What nothing is new of since it was told last stays as it was told.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache, partial
from itertools import chain
from typing import Any

import numpy as np

from mlops_tui.core.clock import now
from mlops_tui.core.errors import MlopsError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.evaluation.metrics import DEFAULTS
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.alert import CRITICAL, FALLS, WARNING, Finding, Subject
from mlops_tui.monitoring.alerts import Alerts, end_alert, raise_alert
from mlops_tui.monitoring.engine.importance import importances
from mlops_tui.monitoring.engine.inputs import Inputs
from mlops_tui.monitoring.engine.judge import Frame, Judge, Part, losses_of, reference_of
from mlops_tui.monitoring.engine.labelled import Predicted, PredictedLogs, predicted_logs
from mlops_tui.monitoring.model import CANNOT_TELL
from mlops_tui.monitoring.period import period_of
from mlops_tui.monitoring.quality_model import WORSE, Figure, QualityChunk, deciding
from mlops_tui.monitoring.quality_query import (
    importances_of_version,
    labels_with,
    maturity_of,
    periods_told,
    quality_of,
)
from mlops_tui.monitoring.window import ONE_FILE
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.model import CHAMPION, ModelVersion
from mlops_tui.registry.query import get_version, read_alias
from mlops_tui.serving.model import PredictionBatch
from mlops_tui.serving.query import list_batches
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.query import known_study

BATCHES = 100_000


def run(context: JobContext) -> dict[str, Any]:
    """Writes down how the version `spec["version_id"]` does on each file that it predicted, in each period of `spec["by"]` where that
    is named, and by whatever else it was told before; returns {"version_id", "files": how many parts there are, "told": how many of
    them are told anew}: one of which nothing is new stays as it is.

    Raises:
        DataError: a file of the labels is gone, was changed, or cannot be read.
        UsageError: no row has a time to tell its period by.
    """
    store = context.store
    version = get_version(store.reader, context.spec["version_id"])
    by = context.spec.get("by")
    units = dict.fromkeys([ONE_FILE, *periods_told(store.reader, version.id), *([by] if by else [])])
    batches = [one for one in list_batches(store.reader, version.id, limit=BATCHES) if one.log is not None][::-1]
    labels = labels_with(store.reader, version.signature.target)
    inputs = Inputs(store, version)
    with predicted_logs(store, version.signature, [str(one.log) for one in batches], list(labels)) as logs:
        telling = Telling(context, version, logs, batches, inputs, maturity_of(store.reader, list(labels)))
        chunks = {unit: telling.files() if unit == ONE_FILE else telling.periods(unit) for unit in units}
    if by and not chunks[by]:
        raise UsageError(
            f"Nothing that {version.label} predicted has a time, so there are no {by}s to tell of.",
            "Say which column it is: mlops-tui data options SOURCE --time COLUMN, and predict again.",
        )
    keep(store, context.settings, version, chunks, context.spec.get("seen", ""))
    note_importances(store, version, inputs)
    Alerts(store).start_telling()
    context.progress(len(batches), len(batches), force=True)
    return {"version_id": version.id, "files": sum(map(len, chunks.values())), "told": telling.told}


class Telling:
    """Tells of each file of a version, and of periods, unless it is known already and nothing is new of it."""

    def __init__(
        self,
        context: JobContext,
        version: ModelVersion,
        logs: PredictedLogs,
        batches: Sequence[PredictionBatch],
        inputs: Inputs,
        maturity: float,
    ) -> None:
        store = context.store
        study = known_study(store.reader, version.study_id)
        metric = DEFAULTS[version.signature.task] if study is None else study.metric
        self.told = 0
        self._context = context
        self._version = version
        self._logs = logs
        self._batches = [one for one in batches if str(one.log) in logs]
        self._inputs = inputs
        self._judge = Judge(
            *(context.settings, version, metric, reference_of(store, version, metric), maturity),
            learn=lambda: losses_of(store, version, metric, inputs),
        )
        by_number = {logs.numbers[str(one.log)]: one for one in self._batches}
        self._numbered = [by_number[number] for number in sorted(by_number)]

    def files(self) -> list[QualityChunk]:
        """A chunk a file, the oldest first."""
        known, chunks = self._known(ONE_FILE), list[QualityChunk]()
        for done, batch in enumerate(self._batches):
            self._context.progress(done, len(self._batches), note=batch.file)
            drift = self._inputs.drift(batch)
            log = str(batch.log)
            mark = json.dumps([batch.file_hash, self._logs.mark(log), self._judge.mark, drift])
            if (before := known.get(mark)) is not None:
                chunks.append(replace(before, place=len(chunks), file=batch.file))
                continue
            rows = self._logs.rows(log)
            part = Part(ONE_FILE, batch.file, batch.file_hash, batch.at)
            chunk = self._chunk(part, rows, len(chunks), mark, self._read(rows))
            chunks.append(self._judge.answered(chunk, rows, self._inputs.domain(batch), drift))
        return chunks

    def periods(self, unit: str) -> list[QualityChunk]:
        """A chunk for each period of that unit in which there are rows, the oldest first."""
        known, chunks = self._known(unit), list[QualityChunk]()
        found_by = self._logs.periods(unit)
        for first, found in found_by.items():
            mark = json.dumps([unit, str(first), found, self._judge.mark])
            if (before := known.get(mark)) is not None:
                chunks.append(replace(before, place=len(chunks)))
                continue
            rows, name = self._logs.rows_of(unit, first), period_of(unit, first)
            self._context.progress(len(chunks), len(found_by), note=name)
            inputs = self._read(rows)
            chunk = self._chunk(Part(unit, name, f"{unit} {name}", str(first)), rows, len(chunks), mark, inputs)
            among = replace(rows, places=np.arange(len(rows.places)))  # among themselves, as they are told apart
            chunks.append(self._judge.answered(chunk, among, self._inputs.told_apart(inputs()), None))
        return chunks

    def _known(self, unit: str) -> dict[str, QualityChunk]:
        """What was told and would be told the same, by what it was told with."""
        found = quality_of(self._context.store.reader, self._version.id, unit=unit, limit=BATCHES)
        return {chunk.mark: chunk for chunk in found if not chunk.is_due(now())}

    def _chunk(self, part: Part, rows: Predicted, place: int, mark: str, inputs: Frame) -> QualityChunk:
        self.told += 1
        return replace(self._judge.chunk(part, rows, place, inputs), mark=mark)

    def _read(self, rows: Predicted) -> Frame:
        """Reads what the rows were predicted from, once, when it is first asked for."""
        return cache(partial(self._inputs.rows, self._numbered, rows))


def keep(
    store: Store, settings: Settings, version: ModelVersion, told_by: Mapping[str, Sequence[QualityChunk]], seen: str
) -> None:
    """Writes the files and periods of a version down in place of what was known of them, and what follows of the file that decides: an
    alert begins, goes on or ends.
    """
    chunks = told_by[ONE_FILE]
    with store.write() as writing:
        writing.execute("DELETE FROM quality_chunk WHERE version_id = ?", (version.id,))
        for chunk in chain.from_iterable(told_by.values()):
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
            _follow(writing, settings, version, deciding(chunks) or newest)


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
    """The alert about a champion; where nothing can be told of the file that decides it stays as it is."""
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
