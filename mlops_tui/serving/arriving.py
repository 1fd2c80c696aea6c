"""Files of live sources that are predicted as they come, each once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import LIVE, Source
from mlops_tui.data.query import find_source, list_sources
from mlops_tui.jobs.query import open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.query import find_version
from mlops_tui.serving.model import Arrived, name_of_result
from mlops_tui.serving.query import arrived
from mlops_tui.store.store import Store

if TYPE_CHECKING:  # it loads what tables are defined with, which the agent has no use for
    from mlops_tui.data.service import Sources

AT_ONCE = 1_000
"""Files of one job; the others wait for the next one."""


class Arriving:
    """What is predicted without being asked for each time."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def set(self, sources: Sources, selector: str, model: str, folder: Path | None) -> Source:
        """Has the files that come to a live source from now on be predicted into a folder, by the version that `model` names
        when they come (its champion of that time); an empty text ends it.

        Raises:
            UsageError: no such source, or it is not live; no folder, or one where its own files lie.
            UnknownName: no such model, version or alias.
        """
        source = find_source(self._store.reader, selector)
        if not model:
            return sources.change(source.id, predict=("", ""))
        if source.role != LIVE:
            raise UsageError(
                f"Source '{source.name}' is {source.role}; files of live ones are predicted as they come.",
                f"Say that it is live with: mlops-tui data options {source.name} --role live",
            )
        find_version(self._store.reader, model)
        if folder is None and source.predict_to is None:
            raise UsageError("There is no folder for the predictions.", "Name one with: --predict-to DIR")
        place = self._store.workspace.absolute(source.predict_to or "") if folder is None else folder.absolute()
        self._require_apart(source, place)
        return sources.change(source.id, predict=(model, self._store.workspace.relative(place)))

    def _require_apart(self, source: Source, place: Path) -> None:
        if not place.is_dir():
            raise UsageError(f"There is no folder {printable(str(place))}.", "Make it first.")
        for other in list_sources(self._store.reader):
            folder = other.folder(self._store.workspace).resolve()
            is_inside = place.resolve().is_relative_to(folder) if other.is_recursive else place.resolve() == folder
            if is_inside and not other.is_one_file:
                raise UsageError(
                    f"The predictions would be taken in as files of source '{other.name}'.",
                    "Name a folder in which no source looks for files.",
                )

    def start(self) -> str | None:
        """Starts the job for what has come, of one source; returns its id. One such job runs at a time."""
        watched = [source for source in list_sources(self._store.reader) if source.predict_with is not None]
        if not watched or any(
            job.spec.get("arrived") for job in open_jobs(self._store.reader) if job.kind == "predict"
        ):
            return None
        for source in watched:
            spec = self._spec(source)
            if spec is not None:
                title = f"predict {len(spec['files'])} of {source.name} as they came"
                return self._jobs.start("predict", title, spec)
        return None

    def _spec(self, source: Source) -> dict[str, Any] | None:
        """What is to be predicted of a source; None where nothing is, or there is no such model version (any more)."""
        reader, workspace = self._store.reader, self._store.workspace
        try:
            version = find_version(reader, source.predict_with or "")
        except UnknownName:
            return None
        files = _of_different_content(arrived(reader, source, version.id))[:AT_ONCE]
        if not files or source.role != LIVE:
            return None
        folder, out = source.folder(workspace), workspace.absolute(source.predict_to or "")
        asked = [
            {
                "in": str(folder / file.path),
                "out": str(out / name_of_result(file.path)),
                "source_id": source.id,
                "file_id": file.id,
                "hash": file.hash,
            }
            for file in files
        ]
        return {"version_id": version.id, "files": asked, "arrived": True}


def _of_different_content(files: Sequence[Arrived]) -> list[Arrived]:
    """The first file of each content."""
    found: dict[str, Arrived] = {}
    for file in files:
        found.setdefault(file.hash, file)
    return list(found.values())
