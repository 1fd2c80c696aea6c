"""What arrives: the file that is being read, how far and how fast, what waits, and which folders are polled."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlops_tui.automation.model import Polled
from mlops_tui.jobs.model import QUEUED, Job
from mlops_tui.presenters.words import SIGNS, Cell, bar, between, counted, one_line, remaining, size

BAR = 20
NOTE = re.compile(r"file (\d+) of (\d+): (.*)", re.DOTALL)
"""What a scan says of itself while it reads: which file of how many, its source and its name."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The scans that have not ended, the oldest first, and the folders that are looked at by the clock."""

    scans: tuple[Job, ...] = ()
    polled: tuple[Polled, ...] = ()


def arrival_lines(arrivals: Arrivals, now: float, *, plain: bool = False) -> list[Cell]:
    """What is read now with what waits, how far that is, and which folders are polled; empty where there is nothing."""
    lines = []
    running = next((job for job in arrivals.scans if job.state != QUEUED), next(iter(arrivals.scans), None))
    if running is not None:
        sign = SIGNS["running"]
        lines.append(
            Cell(f"{sign.plain if plain else sign.glyph} {_what(running, len(arrivals.scans) - 1, now)}", sign.tone)
        )
        if running.total:
            lines.append(Cell(_how_far(running, now, plain), "dim"))
    if arrivals.polled:
        sign, first = SIGNS["paused"], arrivals.polled[0]
        many = counted(len(arrivals.polled), "folder")
        verb = "is" if len(arrivals.polled) == 1 else "are"
        words = f"{many} {verb} polled: {one_line(first.folder)} ({one_line(first.why)})"
        lines.append(Cell(f"{sign.plain if plain else sign.glyph} {words}", sign.tone))
    return lines


def _what(job: Job, others: int, now: float) -> str:
    found = NOTE.fullmatch(job.note or "")
    parts = [one_line(found[3] if found else job.note or job.title)]
    if found and (left := int(found[2]) - int(found[1])):
        parts.append(f"{counted(left, 'file')} {'waits' if left == 1 else 'wait'}")
    seconds = between(job.started, None, now)
    if found and seconds and (done := int(found[1]) - 1):
        parts.append(f"{done / seconds * 60:,.0f} files/min")
    if others:
        parts.append(f"{counted(others, 'scan')} {'waits' if others == 1 else 'wait'}")
    return " · ".join(parts)


def _how_far(job: Job, now: float, plain: bool) -> str:
    assert job.total is not None
    share = min(job.done / job.total, 1.0)
    parts = [f"{bar(share, BAR, plain=plain)} {share:>4.0%}", f"{size(job.done)} of {size(job.total)}"]
    seconds = between(job.started, None, now)
    if seconds and job.done:
        parts.append(f"{size(round(job.done / seconds))}/s")
    if job.eta is not None:
        parts.append(f"{remaining(job.eta)} left")
    return " · ".join(parts)
