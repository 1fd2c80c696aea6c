"""What a user's own code prints, line by line into the job's log, each with the trial that printed it."""

from __future__ import annotations

import io
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

_ENDS = re.compile(r"[\r\n]+")


class ToldOutput(io.TextIOBase):
    """Stands for standard output and error; a progress bar's carriage returns end lines too."""

    encoding = "utf-8"

    def __init__(self, beneath: TextIO) -> None:
        self._beneath = beneath
        self._head = ""
        self._rest = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        """Writes the lines that are whole."""
        with self._lock:
            *lines, self._rest = _ENDS.split(self._rest + text)
            for line in lines:
                self._line(line)
        return len(text)

    def _line(self, line: str) -> None:
        if line:
            self._beneath.write(f"{self._head}{line}\n")
            self._beneath.flush()

    def flush(self) -> None:
        """What has begun waits for its end."""
        self._beneath.flush()

    def writable(self) -> bool:
        """It is."""
        return True

    @property
    def buffer(self) -> BinaryIO:
        """Bytes go into the log as they are."""
        return self._beneath.buffer

    def fileno(self) -> int:
        """That of the log."""
        return self._beneath.fileno()

    @contextmanager
    def about(self, head: str) -> Iterator[None]:
        """Lines that are written in the block begin with `head`."""
        self._head = head
        try:
            yield
        finally:
            with self._lock:
                self._line(self._rest)
                self._head = self._rest = ""


@contextmanager
def told_output() -> Iterator[ToldOutput]:
    """Standard output and error go through it in the block."""
    before = sys.stdout, sys.stderr
    output = ToldOutput(sys.stdout)
    sys.stdout = sys.stderr = output
    try:
        yield output
    finally:
        sys.stdout, sys.stderr = before
