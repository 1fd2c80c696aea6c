"""The end of a log file, followed as it grows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual.widgets import Log

from mlops_tui.core.printable import last_written
from mlops_tui.tui.panels.moves import MOVE_BINDINGS, Scrolls

TAIL_BYTES = 64 * 1024


class Tail(NamedTuple):
    """What was read of a file: its lines, where the next read begins, and whether bytes before them were left out."""

    lines: list[str]
    end: int
    cut: bool


def read_tail(path: Path, after: int | None = None) -> Tail:
    """The whole lines of a log from `after` on; the last 64 kB where it is None or the file has become shorter.

    A line that is not finished yet waits for the next read. Of a line that was overwritten with carriage returns the
    last state is kept; control characters are written as escapes. A file that is not there has no lines.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = max(0, size - TAIL_BYTES) if after is None or after > size else after
            file.seek(start)
            chunk = file.read(TAIL_BYTES)
    except FileNotFoundError:
        return Tail([], 0, cut=False)
    first = after is None or start != after
    if first and start:
        chunk_start = chunk.find(b"\n") + 1
        start, chunk = start + chunk_start, chunk[chunk_start:]
    whole = chunk[: chunk.rfind(b"\n") + 1]
    lines = [last_written(line) for line in whole.decode("utf-8", "replace").split("\n")[:-1]]
    return Tail(lines, start + len(whole), cut=first and start > 0)


class LogView(Log, Scrolls, inherit_bindings=False):
    """Lines that stay at their end unless somebody scrolls up."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(highlight=False, max_lines=5000, auto_scroll=True, id=id)
        self.can_focus = True

    def replace_lines(self, lines: list[str]) -> None:
        """Shows other lines, from their end."""
        self.clear()
        self.write_lines(lines)
        self.call_after_refresh(self.scroll_end, animate=False)  # a panel that was empty has no height until then

    def add_lines(self, lines: list[str]) -> None:
        """Shows further lines; stays where it is if somebody has scrolled up."""
        if lines:
            self.write_lines(lines)
