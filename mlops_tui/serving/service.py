"""Asking for predictions: what can be refused at once is refused before a job is started."""

from __future__ import annotations

from pathlib import Path

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.core.printable import printable
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.query import find_version
from mlops_tui.serving.model import out_format
from mlops_tui.store.store import Store


class Predictions:
    """Batch prediction in one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def start(self, selector: str, given: Path, out: Path, *, source_id: str | None = None) -> str:
        """Starts the job that predicts every row of a file; returns its id.

        Raises:
            UnknownName: no such model, version or alias.
            FileUnreadable: there is no such file to read.
            UsageError: the result cannot be written there.
        """
        version = find_version(self._store.reader, selector)
        if not given.is_file():
            raise FileUnreadable(f"{printable(str(given))} is no file.", "Name a CSV or a Parquet file.")
        out_format(given, out)
        files = [{"in": str(given.absolute()), "out": str(out.absolute()), "source_id": source_id}]
        title = f"predict {printable(given.name)} with {version.label}"
        return self._jobs.start("predict", title, {"version_id": version.id, "files": files})
