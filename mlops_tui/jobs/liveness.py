"""Whether the process that a row names still is that process: pid, start time, host and workspace have to agree."""

from __future__ import annotations

import os
import socket

import psutil

TOLERANCE = 0.05
"""Seconds by which two readings of one process's start may differ; far less than a pid takes to come round again."""


def this_process() -> tuple[int, float, str]:
    """Pid, start time (seconds since 1970) and host of the running process."""
    pid = os.getpid()
    return pid, started_at(pid) or 0.0, socket.gethostname()


def started_at(pid: int) -> float | None:
    """When the process of that pid started, in seconds since 1970; None where there is none, or only a zombie."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def is_alive(pid: int | None, started: float | None, host: str, home: str, here: str) -> bool:
    """Whether a process noted as (pid, start time, host) by the workspace `home` still runs, seen from workspace `here`.

    A process of another host, or of a workspace that this one was copied from, counts as gone: nothing can be known of
    it, and nothing is ever signalled for it.
    """
    if pid is None or started is None or host != socket.gethostname() or home != here:
        return False
    seen = started_at(pid)
    return seen is not None and abs(seen - started) <= TOLERANCE
