"""Looking at real processes: which a workspace has, and waiting for what they do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil


def processes_of(root: Path) -> list[psutil.Process]:
    """Every living process that names the workspace in its arguments."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if str(root) in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def end_processes_of(root: Path) -> None:
    """Kills what the workspace still has, and waits until it is gone."""
    left = processes_of(root)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=10)


def wait_for(claim: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until the claim holds; fails where it does not in that time."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
