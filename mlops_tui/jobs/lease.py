"""What a worker's supervisor sees of the piece of work that it is at: memory that both have, so that a piece costs no message.

The worker writes what the piece may take at most before it begins, and takes it back once it has ended; the supervisor
looks every tick. So a fit that never comes back to Python is ended too.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

HANDED_DOWN = "MLOPS_TUI_LEASE"
"""The environment variable that tells a worker by which descriptor it has its lease."""
_PIECE, _BEGAN, _SECONDS, _BYTES, _DONE = (place * 8 for place in range(5))
_LENGTH = 4096
_NOBODY = -1
"""In place of a descriptor: memory that no other process has."""
MEGABYTE = 1_000_000
LEFT = 0.02
"""Where the machine has less than this share of its memory left, the largest worker is ended, before the system ends any."""
LARGE = 0.1
"""A worker that holds less than this share of the machine's memory is not what fills it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a worker is at: pieces are counted from 1, `seconds` and `bytes` are what it may take, 0 where there is no limit."""

    piece: int
    began: float
    seconds: float
    bytes: int

    def excess(self, held: int, moment: float, left: float) -> str | None:
        """What the piece takes too much of, in a sentence; None where it keeps to its limits. `held` is the memory that its
        process holds, `left` the share of the machine's memory that nobody does.
        """
        if self.seconds and moment - self.began > self.seconds:
            return f"It took longer than its limit of {self.seconds:g} s."
        if self.bytes and held > self.bytes:
            return (
                f"It held {held / MEGABYTE:,.0f} MB of memory, more than its limit of {self.bytes / MEGABYTE:,.0f} MB."
            )
        if left < LEFT and held > LARGE * psutil.virtual_memory().total:
            return f"It held {held / MEGABYTE:,.0f} MB of memory, and the machine had none left."
        return None


class Lease:
    """One worker's; both processes have one object of it on the same memory."""

    def __init__(self, descriptor: int = _NOBODY) -> None:
        self._descriptor = descriptor
        self._memory = mmap.mmap(descriptor, _LENGTH)

    @classmethod
    def made(cls) -> Lease:
        """A new one, on memory of its own."""
        with tempfile.TemporaryFile() as file:
            file.truncate(_LENGTH)
            return cls(os.dup(file.fileno()))

    @classmethod
    def handed_down(cls) -> Lease:
        """The one that this process's supervisor looks at; one that nobody looks at where there is no supervisor."""
        descriptor = os.environ.pop(HANDED_DOWN, None)
        return cls() if descriptor is None else cls(int(descriptor))

    @property
    def descriptor(self) -> int:
        """By which a child process has the same memory."""
        return self._descriptor

    def close(self) -> None:
        """Lets go of the memory."""
        self._memory.close()
        if self._descriptor != _NOBODY:
            os.close(self._descriptor)

    @contextmanager
    def piece(self, *, seconds: float | None = None, memory: int | None = None) -> Iterator[None]:
        """While the block runs, this process is ended where it takes longer or holds more."""
        self._put("d", _BEGAN, time.monotonic())
        self._put("d", _SECONDS, seconds or 0.0)
        self._put("q", _BYTES, memory or 0)
        self._put("q", _PIECE, self.done + 1)
        try:
            yield
        finally:
            self._put("q", _PIECE, 0)

    def count(self) -> None:
        """Counts a piece as done, whatever came of it."""
        self._put("q", _DONE, self.done + 1)

    @property
    def done(self) -> int:
        """How many pieces were done."""
        return int(self._got("q", _DONE))

    def read(self) -> Reading | None:
        """What the worker is at; None between two pieces."""
        piece = int(self._got("q", _PIECE))
        if not piece:
            return None
        return Reading(piece, self._got("d", _BEGAN), self._got("d", _SECONDS), int(self._got("q", _BYTES)))

    def _put(self, kind: str, place: int, value: float) -> None:
        struct.pack_into(kind, self._memory, place, value)

    def _got(self, kind: str, place: int) -> float:
        return float(struct.unpack_from(kind, self._memory, place)[0])


def share_left() -> float:
    """The share of the machine's memory that is to be had."""
    memory = psutil.virtual_memory()
    return float(memory.available / memory.total)
