"""Asking for predictions: what can be refused at once is refused before a job is started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import DataError, UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import LIVE, QUARANTINED, Source, SourceFile
from mlops_tui.data.query import file_at, find_source, list_sources
from mlops_tui.data.query import find_version as find_source_version
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.model import CHALLENGER, ModelVersion
from mlops_tui.registry.query import find_version
from mlops_tui.registry.threshold import threshold_of
from mlops_tui.serving.model import USUAL_WAYS, Ways, out_format
from mlops_tui.serving.policy import policies
from mlops_tui.serving.shadowing import require_comparable
from mlops_tui.store.store import Store


class Predictions:
    """Batch prediction in one workspace."""

    def __init__(self, store: Store, jobs: Jobs, settings: Settings) -> None:
        self._store = store
        self._jobs = jobs
        self._settings = settings

    def start(self, selector: str, given: Path, out: Path, ways: Ways = USUAL_WAYS) -> str:
        """Starts the job that predicts every row of a file, or of a source's newest version; returns its id.

        What is given is a file where there is one of that name, else the name of a source.

        Raises:
            UnknownName: no such model, version or alias, file or source.
            UsageError: a result cannot be written there, or a way of predicting that cannot be meant.
            DataError: a check of a live source quarantines the file.
        """
        if given.is_file():
            return self.start_all(selector, {given: out}, ways=ways)
        version, source = find_version(self._store.reader, selector), self._source(given)
        found = find_source_version(self._store.reader, source)
        out_format(None, out)
        asked = {"id": source.id, "version": found.number, "out": str(out.absolute())}
        title = f"predict {source.name} with {version.label}"
        return self._jobs.start("predict", title, {**self._spec(version, ways, out), "source": asked, "files": []})

    def start_all(
        self, selector: str, files: Mapping[Path, Path], *, source_id: str | None = None, ways: Ways = USUAL_WAYS
    ) -> str:
        """Starts one job that predicts several files, each named with where its result goes; returns its id.

        Raises:
            UnknownName: no such model, version or alias.
            UsageError: there is no such file to read, a result cannot be written there, or a way that cannot be meant.
            DataError: a check of a live source quarantines the file.
        """
        version = find_version(self._store.reader, selector)
        asked = []
        for given, out in files.items():
            if not given.is_file():
                raise UsageError(f"{printable(str(given))} is no file.", "Name a CSV, Parquet or JSON lines file.")
            found = self._known(given)
            out_format(given, out)
            home = source_id or (None if found is None else found.source_id)
            asked.append({"in": str(given.absolute()), "out": str(out.absolute()), "source_id": home})
        what = printable(next(iter(files)).name) if len(files) == 1 else f"{len(files)} files"
        spec = self._spec(version, ways, *files.values())
        return self._jobs.start("predict", f"predict {what} with {version.label}", {**spec, "files": asked})

    def _spec(self, version: ModelVersion, ways: Ways, *outs: Path) -> dict[str, Any]:
        """What a job is told beside its files; every way is looked up."""
        threshold_of(version, ways.threshold)
        policies(self._settings, ways.policies)
        if ways.rejects is not None:
            out_format(None, ways.rejects)
            if ways.rejects.resolve() in {out.resolve() for out in outs}:
                raise UsageError(
                    "The rows that are set aside would be written over the others.", "Name another file for either."
                )
        return {
            "version_id": version.id,
            "threshold": ways.threshold,
            "shadow": None if ways.shadow is None else self._shadow(version, ways.shadow).id,
            "rejects": None if ways.rejects is None else str(ways.rejects.absolute()),
            "policies": ways.policies,
        }

    def _shadow(self, version: ModelVersion, selector: str) -> ModelVersion:
        """The version to run in the shadow; the model's challenger where nothing is named."""
        found = find_version(self._store.reader, selector or f"models:/{version.model}@{CHALLENGER}")
        require_comparable(version, found)
        if found.id == version.id:
            raise UsageError(f"{version.label} cannot run beside itself.", "Name another version.")
        return found

    def _source(self, given: Path) -> Source:
        try:
            return find_source(self._store.reader, str(given))
        except UnknownName:
            raise UnknownName(
                f"{printable(str(given))} is no file, and no source has that name.",
                "Name a CSV, Parquet or JSON lines file, or a source of: mlops-tui data list",
            ) from None

    def _known(self, given: Path) -> SourceFile | None:
        """The file as a source has it, None where none does or it has another content.

        What a check of a live source quarantines is watched and not predicted, until it is released or is another file.
        """
        reader, place, known = self._store.reader, given.resolve(), None
        for source in list_sources(reader):
            folder = source.folder(self._store.workspace).resolve()
            if not place.is_relative_to(folder):
                continue
            file = file_at(reader, source.id, place.relative_to(folder).as_posix())
            if file is None:
                continue
            found = place.stat()
            if (found.st_size, found.st_mtime_ns) != (file.size, file.mtime_ns):
                continue
            if source.role == LIVE and file.state == QUARANTINED and file.released is None:
                name = printable(file.path)
                raise DataError(
                    f"{name} is quarantined in source '{source.name}', so it is not predicted: {file.reason or ''}".rstrip(
                        ": "
                    ),
                    f"Mend it, or let it in with: mlops-tui data release {name} --why TEXT",
                )
            if source.role == LIVE:
                known = file
        return known
