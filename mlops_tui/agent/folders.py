"""The system's reports on the sources' folders: which had something happen in them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

READS = frozenset({"opened", "closed_no_write"})
"""Events of those who only look, the scan among them."""


class Folders(FileSystemEventHandler):
    """Watches folders. One that the system will not report on (its limits are reached) is `blind`: to be polled."""

    def __init__(self) -> None:
        self._observer: Observer | None = None  # type: ignore[valid-type]  # a class that is chosen by the platform
        self._watches: dict[tuple[Path, bool], ObservedWatch] = {}
        self._lock = threading.Lock()
        self._stirred: set[Path] = set()
        self.blind: dict[Path, str] = {}

    def watch(self, wanted: Mapping[Path, bool]) -> None:
        """Watches exactly these folders; True where those below count too. A folder that is not there is left out."""
        asked = {(folder, deep) for folder, deep in wanted.items() if folder.is_dir()}
        for key in set(self._watches) - asked:
            self._forget(key)
        self.blind = {folder: why for folder, why in self.blind.items() if folder in wanted}
        for folder, deep in asked - set(self._watches):
            if folder not in self.blind:
                self._begin(folder, deep)

    def _begin(self, folder: Path, deep: bool) -> None:
        try:
            if self._observer is None:
                self._observer = Observer()
                self._observer.start()
            self._watches[folder, deep] = self._observer.schedule(self, str(folder), recursive=deep)
        except OSError as error:
            self.blind[folder] = error.strerror or str(error)

    def _forget(self, key: tuple[Path, bool]) -> None:
        watch = self._watches.pop(key)
        if self._observer is not None:
            try:
                self._observer.unschedule(watch)
            except (KeyError, OSError):  # its folder is gone, and the watch with it
                pass

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Notes the folder; called in the observer's thread."""
        if event.event_type in READS:
            return
        paths = [Path(str(path)) for path in (event.src_path, event.dest_path) if path]
        with self._lock:
            self._stirred.update(paths)

    def stirred(self) -> set[Path]:
        """The watched folders that something happened in since the last call."""
        with self._lock:
            paths, self._stirred = self._stirred, set()
        return {folder for folder, _ in self._watches if any(path.is_relative_to(folder) for path in paths)}

    def close(self) -> None:
        """Ends the observer's threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
        self._watches.clear()
