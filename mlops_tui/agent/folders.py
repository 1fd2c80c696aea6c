"""The system's reports on the sources' folders: which had something happen in them."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from mlops_tui.agent.filesystems import mounts, why_silent
from mlops_tui.store.workspace import FOLDER

READS = frozenset({"opened", "closed_no_write"})
"""Events of those who only look, the scan among them."""

OVERFLOW = "overflow"
"""The word in what watchdog logs when the system's queue of events ran over and some were lost."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch, and the folder that it was set on: another one may take its place under the same path."""

    watch: ObservedWatch
    device: int
    inode: int


class Folders(FileSystemEventHandler):
    """Watches folders. One that the system will not report on is `blind`, with the reason: it has to be polled."""

    def __init__(self) -> None:
        self._observer: Observer | None = None  # type: ignore[valid-type]  # a class that is chosen by the platform
        self._watches: dict[tuple[Path, bool], Watch] = {}
        self._lock = threading.Lock()
        self._stirred: set[Path] = set()
        self._lost = False
        self._news = threading.Event()
        self._ear = _Ear(self)
        self.blind: dict[Path, str] = {}

    def watch(self, wanted: Mapping[Path, bool], *, anew: bool = False) -> None:
        """Watches exactly these folders; True where those below count too. A folder that is not there is left out.

        A folder in which nothing was watched until now has stirred. With `anew` those that could not be watched, or that
        another file system may have been mounted on, are tried again.
        """
        there = {key: found for key in wanted.items() if (found := _identity(key[0])) is not None}
        for key, old in list(self._watches.items()):
            if there.get(key) != (old.device, old.inode):
                self._forget(key)
        self.blind = {folder: why for folder, why in self.blind.items() if not anew and folder in wanted}
        missing = [key for key in there if key not in self._watches and key[0] not in self.blind]
        if missing or anew:
            self._silence(there)
        for folder, deep in missing:
            if folder not in self.blind:
                self._begin(folder, deep, there[folder, deep])
        if any(deep for _, deep in missing) or anew:
            self._find_limit()

    def _silence(self, wanted: Mapping[tuple[Path, bool], object]) -> None:
        found = mounts()
        for folder, deep in wanted:
            if why := why_silent(folder, found, deep=deep):
                self.blind[folder] = why
                if (folder, deep) in self._watches:
                    self._forget((folder, deep))

    def _begin(self, folder: Path, deep: bool, identity: tuple[int, int]) -> None:
        try:
            if self._observer is None:
                self._observer = Observer()
                self._observer.start()
                self._ear.listen()
            self._watches[folder, deep] = Watch(self._observer.schedule(self, str(folder), recursive=deep), *identity)
        except OSError as error:
            self.blind[folder] = error.strerror or str(error)
        with self._lock:
            self._stirred.add(folder)

    def _find_limit(self) -> None:
        """Watches one folder more, for a moment: where that fails, folders below others may have gone unwatched.

        The library says nothing of those that it could not watch.
        """
        deep = [folder for folder, below in self._watches if below]
        if not deep or self._observer is None:
            return
        try:
            probe = tempfile.mkdtemp(prefix="mlops-tui-")
        except OSError:  # no place to try it in
            return
        try:
            self._observer.unschedule(self._observer.schedule(FileSystemEventHandler(), probe))
        except OSError as error:
            for folder in deep:
                self.blind[folder] = error.strerror or str(error)
        finally:
            os.rmdir(probe)

    def _forget(self, key: tuple[Path, bool]) -> None:
        watch = self._watches.pop(key)
        if self._observer is not None:
            try:
                self._observer.unschedule(watch.watch)
            except (KeyError, OSError):  # its folder is gone, and the watch with it
                pass

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Notes the folder; called in the observer's thread."""
        if event.event_type in READS:
            return
        paths = [Path(str(path)) for path in (event.src_path, event.dest_path) if path]
        if not any(FOLDER not in path.parts for path in paths):  # of our own, which are written all the time
            return
        with self._lock:
            self._stirred.update(paths)
        self._news.set()

    def on_lost_events(self) -> None:
        """Notes that anything may have happened anywhere; called in the observer's thread."""
        with self._lock:
            self._lost = True
        self._news.set()

    def wait(self, seconds: float) -> None:
        """Waits that long, or until something is reported."""
        self._news.wait(max(seconds, 0.0))

    def rouse(self) -> None:
        """Ends the wait; safe in any thread."""
        self._news.set()

    def stirred(self) -> set[Path]:
        """The watched folders that something happened in since the last call; all of them where events were lost."""
        self._news.clear()
        with self._lock:
            paths, self._stirred = self._stirred, set()
            lost, self._lost = self._lost, False
        folders = {folder for folder, _ in self._watches}
        return {folder for folder in folders if lost or any(path.is_relative_to(folder) for path in paths)}

    def close(self) -> None:
        """Ends the observer's threads."""
        self._ear.leave()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
        self._watches.clear()


class _Ear(logging.Handler):
    """Hears from the library's log that events were lost, which it tells no other way."""

    def __init__(self, folders: Folders) -> None:
        super().__init__(logging.WARNING)
        self._folders = folders

    def listen(self) -> None:
        logging.getLogger("watchdog").addHandler(self)

    def leave(self) -> None:
        logging.getLogger("watchdog").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the library, in its thread."""
        if OVERFLOW in record.getMessage().lower():
            self._folders.on_lost_events()


def _identity(folder: Path) -> tuple[int, int] | None:
    """The folder that is at the path now; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None
