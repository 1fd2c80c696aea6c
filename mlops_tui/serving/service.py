"""Asking for predictions: what can be refused at once is refused before a job is started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import LIVE, QUARANTINED
from mlops_tui.data.query import file_at, list_sources
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.query import find_version
from mlops_tui.serving.model import out_format
from mlops_tui.store.store import Store


class Predictions:
    """Batch prediction in one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def start(self, selector: str, given: Path, out: Path) -> str:
        """Starts the job that predicts every row of a file; returns its id. Raises as `start_all`."""
        return self.start_all(selector, {given: out})

    def start_all(self, selector: str, files: Mapping[Path, Path], *, source_id: str | None = None) -> str:
        """Starts one job that predicts several files, each named with where its result goes; returns its id.

        Raises:
            UnknownName: no such model, version or alias.
            UsageError: there is no such file to read, or a result cannot be written there.
            DataError: a check of a live source quarantines the file.
        """
        version = find_version(self._store.reader, selector)
        for given, out in files.items():
            if not given.is_file():
                raise UsageError(f"{printable(str(given))} is no file.", "Name a CSV or a Parquet file.")
            self._refuse_kept_out(given)
            out_format(given, out)
        asked = [
            {"in": str(given.absolute()), "out": str(out.absolute()), "source_id": source_id}
            for given, out in files.items()
        ]
        what = printable(next(iter(files)).name) if len(files) == 1 else f"{len(files)} files"
        return self._jobs.start(
            "predict", f"predict {what} with {version.label}", {"version_id": version.id, "files": asked}
        )

    def _refuse_kept_out(self, given: Path) -> None:
        """What a check of a live source quarantines is watched and not predicted, until it is released or is another file."""
        reader, place = self._store.reader, given.resolve()
        for source in list_sources(reader):
            folder = source.folder(self._store.workspace).resolve()
            if source.role != LIVE or not place.is_relative_to(folder):
                continue
            file = file_at(reader, source.id, place.relative_to(folder).as_posix())
            if file is None or file.state != QUARANTINED or file.released is not None:
                continue
            found = place.stat()
            if (found.st_size, found.st_mtime_ns) == (file.size, file.mtime_ns):
                name = printable(file.path)
                raise DataError(
                    f"{name} is quarantined in source '{source.name}', so it is not predicted: {file.reason or ''}".rstrip(
                        ": "
                    ),
                    f"Mend it, or let it in with: mlops-tui data release {name} --why TEXT",
                )
