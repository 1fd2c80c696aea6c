"""Pieces of work that a study's workers share: each is done by one of them and kept in a file, which all of them read."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.05


class Together:
    """What one worker does of them, in the folder that they have in common, which is there as long as one of them is.

    Whoever is at a piece holds its lock. That goes with the process: what a dead worker was at is another's then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def do(
        self, pieces: Sequence[str], work: Callable[[str, Path], None], on_done: Callable[[int], None]
    ) -> list[Path]:
        """Does what no other worker is at and waits for the rest; returns the pieces' files.

        `work` is given a piece and the path that it writes the result to, `on_done` how many of them are done.
        """
        left, told = list(pieces), -1
        while left:
            mine = 0
            for piece in left:
                mine += self._try(piece, work)
                done = sum(self._file(one).exists() for one in pieces)
                if done != told:  # who waits says nothing again and again
                    told = done
                    on_done(done)
            left = [piece for piece in left if not self._file(piece).exists()]
            if left and not mine:
                time.sleep(POLL_SECONDS)
        return [self._file(piece) for piece in pieces]

    def once(self, piece: str, work: Callable[[], None]) -> None:
        """Has it done by the first worker that comes; the others wait for its end."""
        with self._lock(piece, fcntl.LOCK_EX):
            if not self._file(piece).exists():
                work()
                self._file(piece).touch()

    def _try(self, piece: str, work: Callable[[str, Path], None]) -> bool:
        """Does a piece where it is not done and nobody is at it; says whether it did."""
        if self._file(piece).exists():
            return False
        try:
            with self._lock(piece, fcntl.LOCK_EX | fcntl.LOCK_NB):
                if self._file(piece).exists():
                    return False
                unfinished = self._folder / f"{piece}.{os.getpid()}"
                work(piece, unfinished)
                unfinished.replace(self._file(piece))
        except BlockingIOError:
            return False
        return True

    def _file(self, piece: str) -> Path:
        return self._folder / f"{piece}.done"

    @contextmanager
    def _lock(self, piece: str, how: int) -> Iterator[None]:
        with (self._folder / f"{piece}.lock").open("w") as lock:
            fcntl.flock(lock, how)
            yield
