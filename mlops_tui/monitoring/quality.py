"""How well a version does file by file: asked for by a person, or started when there are new predictions or labels."""

from __future__ import annotations

import json

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.query import open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.period import UNITS
from mlops_tui.monitoring.quality_query import (
    champions_that_predict,
    labels_with,
    matured,
    maturity_of,
    quality_seen,
    was_tried,
)
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import find_version, get_version
from mlops_tui.serving.query import logs_of
from mlops_tui.store.store import Store

KIND = "quality"
"""The kind of its jobs."""


class Quality:
    """How well versions do, in one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def ask(self, selector: str, by: str | None = None) -> str:
        """Starts the job that tells how a version does on each file that it predicted, and in each period of the unit `by`; returns
        its id.

        Raises:
            UsageError: there is no such version or unit, or nothing is kept of what it predicted.
        """
        if by not in (None, *UNITS):
            raise UsageError(f"'{printable(str(by))}' is no period.", f"Say one of: {', '.join(UNITS)}.")
        version = find_version(self._store.reader, selector)
        if not logs_of(self._store.reader, version.id):
            raise UsageError(
                f"Nothing that {version.label} predicted is kept.",
                f"Predict a file: mlops-tui predict {printable(version.model)}:{version.number} --in FILE --out FILE",
            )
        return self._start(version, by)

    def start(self) -> str | None:
        """Starts the job of a champion that has predicted another file, or for which there are other labels, since it was told last;
        returns its id. One such job runs at a time, and what was tried in vain is not tried again until something is new.
        """
        reader = self._store.reader
        versions = champions_that_predict(reader)
        if not versions or any(job.kind == KIND for job in open_jobs(reader)):
            return None
        for version_id in versions:
            version = get_version(reader, version_id)
            seen = self._seen(version)
            if quality_seen(reader, version_id) != seen and not was_tried(reader, KIND, version_id, seen):
                return self._start(version)
        return None

    def _start(self, version: ModelVersion, by: str | None = None) -> str:
        spec = {"version_id": version.id, "seen": self._seen(version), "by": by}
        return self._jobs.start(KIND, f"tell how {version.label} does{f', by {by}' if by else ''}", spec)

    def _seen(self, version: ModelVersion) -> str:
        """What there is to be told of, as a text: the same one as long as nothing is new."""
        reader = self._store.reader
        labels = labels_with(reader, version.signature.target)
        late = [maturity_of(reader, list(labels)), matured(reader, version.id, now())]
        return json.dumps([logs_of(reader, version.id), labels, late])
