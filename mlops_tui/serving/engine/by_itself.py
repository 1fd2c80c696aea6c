"""On which files the champion before runs in the shadow without being asked to: the first ones after a promotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlops_tui.core.errors import MlopsError
from mlops_tui.data.engine.reading import content_hash
from mlops_tui.registry.model import ModelVersion
from mlops_tui.serving.engine.batch import Given
from mlops_tui.serving.engine.beside import Beside
from mlops_tui.serving.engine.said import Loaded, loaded
from mlops_tui.serving.model import Shadowed
from mlops_tui.serving.query import shadowed
from mlops_tui.serving.shadowing import champion_before, require_comparable
from mlops_tui.store.store import Store


class ByItself:
    """Says which of a job's files get the champion before beside them; it is loaded once, when the first of them does."""

    def __init__(self, store: Store, model: Loaded, files: int) -> None:
        self._store, self._model, self._files = store, model, max(files, 0)
        self._loaded: dict[str, tuple[Loaded | None, str | None]] = {}

    def beside(self, given: Sequence[Given]) -> list[Given]:
        """The files, each with what runs beside it. A file that ran so before does again, and does not count twice."""
        reader, version = self._store.reader, self._model.version
        before = champion_before(reader, version) if self._files else None
        if before is None:
            return list(given)
        done = shadowed(reader, version.id, before.version.id, before.since)
        left, found = max(self._files - len(done), 0), list[Given]()
        for file in given:
            is_known = self._is_among(file, done)
            if not is_known and not left:
                found.append(file)
                continue
            left -= not is_known
            found.append(replace(file, beside=Beside(before.version, *self._load(before.version), left, self._files)))
        return found

    def _load(self, before: ModelVersion) -> tuple[Loaded | None, str | None]:
        """The version, or why it cannot be used."""
        if before.id not in self._loaded:
            try:
                require_comparable(self._model.version, before)
                self._loaded[before.id] = (loaded(self._store, before.id), None)
            except MlopsError as error:
                self._loaded[before.id] = (None, error.title)
        return self._loaded[before.id]

    def _is_among(self, file: Given, done: Sequence[Shadowed]) -> bool:
        """Whether it is one of those; hashed only where one of them lay at its place."""
        found = file.hash
        if found is None:
            place = self._store.workspace.relative(file.path)
            if all(one.file != place for one in done):
                return False
            found = content_hash(file.path)
        return any(one.file_hash == found for one in done)
