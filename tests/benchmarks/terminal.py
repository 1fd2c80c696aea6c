"""A program in a real pseudo-terminal, and when it has shown what."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

ROWS, COLUMNS = 50, 160
PATIENCE_SECONDS = 60.0
QUIET_SECONDS = 0.4
ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[@-Z\\^_=>])")


class NotShown(Exception):
    """The program ended, or never showed what was waited for."""


def _take_terminal() -> None:
    """In the child: the terminal is its own, so that it is hung up on when this program is gone."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """Reads in a thread of its own, so that the moment of a frame is known while nobody waits for it."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (ROWS, COLUMNS))
        self._written = bytearray()
        self._moment = 0.0
        self._ended = False
        self._news = threading.Condition()
        self.started = self._pressed = time.perf_counter()
        self.process = subprocess.Popen(
            arguments,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # Linux raises where the other side is gone, macOS reads nothing
            while chunk := os.read(self._master, 1 << 16):
                with self._news:
                    self._moment = time.perf_counter()
                    self._written += chunk
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def press(self, keys: str) -> float:
        """Types, and forgets what was written so far; returns when."""
        with self._news:
            self._written.clear()
        self._pressed = time.perf_counter()
        os.write(self._master, keys.encode())
        return self._pressed

    def wait_for(self, words: str) -> float:
        """The moment at which the words were written, counted from the last key on.

        Raises:
            NotShown: they were not, in a minute.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._news:
            while words not in self.text():
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    raise NotShown(f"'{words}' was not shown; the end of what was: {self.text()[-300:]!r}")
                self._news.wait(left)
            return self._moment

    def seconds_to(self, key: str, words: str) -> float:
        """How long it takes from a key to the words that it brings."""
        pressed = self.press(key)
        return self.wait_for(words) - pressed

    def rest(self) -> None:
        """Waits until nothing has been written for a while."""
        while time.perf_counter() - max(self._moment, self._pressed) < QUIET_SECONDS:
            time.sleep(QUIET_SECONDS / 10)

    def text(self) -> str:
        """What was written since the last key, without colours and movements."""
        return ESCAPE.sub(b"", bytes(self._written)).decode("utf-8", "ignore")

    def close(self) -> None:
        """Kills the program and what it started in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(timeout=5)
        os.close(self._master)


@contextlib.contextmanager
def opened(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Terminal]:
    """A program in a terminal, killed at the end of the block."""
    terminal = Terminal(arguments, environment)
    try:
        yield terminal
    finally:
        terminal.close()
