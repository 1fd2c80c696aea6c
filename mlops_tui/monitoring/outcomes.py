"""How champions do beside the one before, once there are labels: asked for by a person, or started when something is new."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.query import open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.quality_model import Outcome
from mlops_tui.monitoring.quality_query import champions_with_shadow, labels_with, outcome_of, was_tried
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import find_version, get_version
from mlops_tui.serving.model import Shadowed
from mlops_tui.serving.query import shadowed
from mlops_tui.serving.shadowing import Before, champion_before
from mlops_tui.store.store import Store

KIND = "outcomes"
"""The kind of its jobs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A champion with the version before it: on how many `files` of the `wanted` that one ran in its shadow, and how the champion did.

    `wanted` is None where that is over: another version is the champion now.
    """

    version: ModelVersion
    before: ModelVersion
    files: int
    wanted: int | None
    outcome: Outcome | None


class Outcomes:
    """Champions beside the one before, in one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def ask(self, selector: str) -> str:
        """Starts the job that compares the champion of a model with the one before; returns its id.

        Raises:
            UsageError: there is no such model or champion, no version before ran in its shadow, or there are no labels.
        """
        reader = self._store.reader
        version = find_version(reader, selector)
        before = champion_before(reader, version)
        if before is None:
            raise no_shadow(version)
        files = shadowed(reader, version.id, before.version.id, before.since)
        if not files:
            raise UsageError(
                f"No file was predicted by {version.label} with version {before.version.number} in the shadow yet.",
                f"Predict one: mlops-tui predict {printable(version.model)} --in FILE --out FILE",
            )
        labels = labels_with(reader, version.signature.target)
        if not labels:
            raise UsageError(
                f"No source of labels has an id column and the column '{printable(version.signature.target)}'.",
                "Add the files with the outcomes: mlops-tui data add PATH --name N --role labels --id COL",
            )
        return self._start(version, before, seen_of(before, files, labels))

    def start(self) -> str | None:
        """Starts the job of a champion for which there are new labels or a new file since it was compared last; returns its id.

        One such job runs at a time, and what was tried in vain is not tried again until something is new.
        """
        reader = self._store.reader
        versions = champions_with_shadow(reader)
        if not versions or any(job.kind == KIND for job in open_jobs(reader)):
            return None
        for version_id in versions:
            version = get_version(reader, version_id)
            before = champion_before(reader, version)
            files = [] if before is None else shadowed(reader, version.id, before.version.id, before.since)
            labels = labels_with(reader, version.signature.target) if files else {}
            if before is None or not labels:
                continue
            seen, last = seen_of(before, files, labels), outcome_of(reader, version.id)
            if (last is None or last.seen != seen) and not was_tried(reader, KIND, version.id, seen):
                return self._start(version, before, seen)
        return None

    def _start(self, version: ModelVersion, before: Before, seen: str) -> str:
        title = f"compare {version.label} with version {before.version.number} before it"
        return self._jobs.start(KIND, title, {"version_id": version.id, "seen": seen})


def seen_of(before: Before, files: Sequence[Shadowed], labels: Mapping[str, int]) -> str:
    """What there is to be compared, as a text: the same one as long as nothing is new. `labels` are as `labels_with` gives them."""
    return json.dumps([before.version.id, before.since, len(files), max(file.at for file in files), labels])


def no_shadow(version: ModelVersion) -> UsageError:
    """The error of a version beside which no champion before runs."""
    return UsageError(
        f"No champion before runs in the shadow of {version.label}: it was not promoted last, over another one.",
        f"See: mlops-tui models show {printable(version.model)}",
    )


def is_of(outcome: Outcome, before: Before) -> bool:
    """Whether an outcome is of the promotion that made that version the one before."""
    return json.loads(outcome.seen)[:2] == [before.version.id, before.since]


def standing(connection: sqlite3.Connection, version: ModelVersion, wanted: int) -> Standing | None:
    """How the version stands beside the champion before it; None where none ever ran in its shadow, or is going to."""
    before, outcome = champion_before(connection, version), outcome_of(connection, version.id)
    if before is not None:
        files = len(shadowed(connection, version.id, before.version.id, before.since))
        known = outcome if outcome is not None and is_of(outcome, before) else None
        return Standing(version, before.version, files, wanted, known) if files or wanted > 0 else None
    if outcome is None:
        return None
    return Standing(version, get_version(connection, outcome.before_id), outcome.files, None, outcome)
