"""Asking for drift: what can be refused at once is refused before a job is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.data.query import find_source, get_source
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.window import pair, parse
from mlops_tui.registry.query import find_version
from mlops_tui.store.store import Store


class Monitoring:
    """Drift in one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def start(
        self,
        selector: str,
        *,
        reference: str | None = None,
        current: Sequence[str] = ("last:1",),
        training: str | None = None,
        model: str | None = None,
    ) -> str:
        """Starts the job that compares windows of a source with a reference; returns its id.

        Raises:
            UnknownName, UsageError: as `plan` says.
        """
        title, spec = self.plan(selector, reference=reference, current=current, training=training, model=model)
        return self._jobs.start("drift", title, spec)

    def plan(
        self,
        selector: str,
        *,
        reference: str | None = None,
        current: Sequence[str] = ("last:1",),
        training: str | None = None,
        model: str | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """The title and the spec of the job that `start` would start; every window is looked up.

        The reference is the training source's newest version, or the data that `model` was trained on. `training` names
        the training source where its columns do not tell.

        Raises:
            UnknownName: no such source, model, version or file.
            UsageError: a window that cannot be meant.
        """
        reader = self._store.reader
        source = find_source(reader, selector)
        if model is not None and (training is not None or reference is not None):
            raise UsageError("A model says its own reference.", "Leave out --reference and --training, or --model.")
        version = None if model is None else find_version(reader, model)
        home = None if training is None else find_source(reader, training)
        if version is not None:
            if version.source_id is None:
                raise UsageError(
                    f"{version.label} was registered from a file, so the data that it was trained on is not known here.",
                    "Name what to compare with: --training SOURCE, or --reference W; and leave out --model.",
                )
            home, reference = get_source(reader, version.source_id), f"v{version.data_version}"
        reference = reference or "training"
        for text in current:
            pair(reader, source, home, parse(reference), parse(text))
        spec = {
            "source": source.id,
            "reference_source": None if home is None else home.id,
            "reference": reference,
            "current": list(current),
            "version_id": None if version is None else version.id,
        }
        return f"drift of {source.name}", spec
