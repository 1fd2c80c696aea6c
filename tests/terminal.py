"""A real pseudo-terminal with a program in it, and what stands on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyte

SECONDS = 60.0
GLANCE_SECONDS = 0.05


class Terminal:
    """A program in a terminal of that size; leaving the `with` block hangs up and ends it.

    What the program writes is taken at once, as a person's terminal does: else it would stop at a full buffer.
    """

    def __init__(self, *arguments: str, cwd: Path, columns: int = 80, rows: int = 24) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._drawing = threading.Lock()
        foreign = ("MLOPS_", "COLUMNS", "LINES")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(cwd)
            os.execve(sys.executable, [sys.executable, "-m", "mlops_tui", *arguments], environment)
        self._code: int | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._code is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._reader.join(SECONDS)
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen's lines, without blanks at their ends."""
        with self._drawing:
            return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def ground(self, column: int, line: int) -> str:
        """The colour behind that cell, as six hexadecimal digits, or its name."""
        with self._drawing:
            return str(self._screen.buffer[line][column].bg)

    def press(self, keys: str) -> None:
        """Types the keys."""
        os.write(self._master, keys.encode())

    def until(self, seen: str | Callable[[str], bool], seconds: float = SECONDS) -> str:
        """Reads until the screen shows the words; returns the screen. Fails with the screen where they never come."""
        asked = seen if callable(seen) else lambda text: seen in text
        deadline = time.monotonic() + seconds
        while not asked(self.text) and not self._ended() and time.monotonic() < deadline:
            time.sleep(GLANCE_SECONDS)
        assert asked(self.text), f"not seen: {seen}\n{self.text}"
        return self.text

    def end(self, seconds: float = SECONDS) -> int:
        """Waits until the program has ended; returns its exit code."""
        deadline = time.monotonic() + seconds
        while not self._ended():
            assert time.monotonic() < deadline, f"it has not ended\n{self.text}"
            time.sleep(GLANCE_SECONDS)
        assert self._code is not None
        return self._code

    def _read(self) -> None:
        """Draws what is written until the other side is closed."""
        while written := self._written():
            with self._drawing:
                self._stream.feed(written)

    def _written(self) -> bytes:
        try:
            return os.read(self._master, 65536)
        except OSError:
            return b""

    def _ended(self) -> bool:
        """Whether the program has ended, and all that it wrote is drawn."""
        if self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
                self._reader.join(SECONDS)
        return self._code is not None
