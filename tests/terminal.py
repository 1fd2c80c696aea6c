"""A real pseudo-terminal with a program in it, and what stands on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

SECONDS = 60.0


class Terminal:
    """A program in a terminal of that size; leaving the `with` block hangs up and ends it."""

    def __init__(self, *arguments: str, cwd: Path, columns: int = 80, rows: int = 24) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLOPS_")}
        environment |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execve(sys.executable, [sys.executable, "-m", "mlops_tui", *arguments], environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._code is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen's lines, without blanks at their ends."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def press(self, keys: str) -> None:
        """Types the keys."""
        os.write(self._master, keys.encode())

    def until(self, seen: str | Callable[[str], bool], seconds: float = SECONDS) -> str:
        """Reads until the screen shows the words; returns the screen. Fails with the screen where they never come."""
        asked = seen if callable(seen) else lambda text: seen in text
        deadline = time.monotonic() + seconds
        while not asked(self.text):
            if not self._read(0.1) and self._ended():
                break
            if time.monotonic() > deadline:
                break
        assert asked(self.text), f"not seen: {seen}\n{self.text}"
        return self.text

    def end(self, seconds: float = SECONDS) -> int:
        """Reads until the program has ended; returns its exit code."""
        deadline = time.monotonic() + seconds
        while not self._ended():
            self._read(0.1)
            assert time.monotonic() < deadline, f"it has not ended\n{self.text}"
        while self._read(0.05):
            pass
        assert self._code is not None
        return self._code

    def _read(self, seconds: float) -> bool:
        """Takes what was written meanwhile; says whether there was anything."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            written = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            return False
        self._stream.feed(written)
        return bool(written)

    def _ended(self) -> bool:
        if self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None
