"""What a run takes of the machine while it goes on, at a low rate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import psutil

from mlops_tui.runs.captured import asked

FIRST_SECONDS = 1.0
SECONDS = 10.0
"""Between two looks; the first one comes sooner, so that a short run has one."""
CPU, MEMORY, GPU, GPU_MEMORY = "usage/cpu", "usage/memory", "usage/gpu", "usage/gpu_memory"
"""Cores that are busy; bytes; the mean share of the graphics cards that is busy; bytes of theirs."""
GPUS = ("nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits")


class Usage:
    """Looks at a process and all that it has started."""

    def __init__(self, pid: int | None = None) -> None:
        self._process = psutil.Process(pid)
        self._known: dict[int, psutil.Process] = {}
        self._has_gpus = True

    def look(self) -> dict[str, float]:
        """What they take now. Raises psutil.Error where the process is gone."""
        processes = {one.pid: one for one in (self._process, *self._process.children(recursive=True))}
        self._known = {pid: self._known.get(pid, one) for pid, one in processes.items()}
        cpu, memory = 0.0, 0
        for one in self._known.values():
            try:
                cpu += one.cpu_percent() / 100
                memory += one.memory_info().rss
            except psutil.Error:
                continue  # it has ended just now
        return {CPU: cpu, MEMORY: float(memory), **self._gpus()}

    def _gpus(self) -> dict[str, float]:
        rows = asked(GPUS) if self._has_gpus else []
        self._has_gpus = bool(rows)
        try:
            shares, sizes = zip(*((float(share) / 100, float(size) * 2**20) for share, size in rows), strict=True)
        except ValueError:  # none, or one that does not say
            return {}
        return {GPU: sum(shares) / len(shares), GPU_MEMORY: sum(sizes)}


class UsageLog:
    """Looks again and again in a thread that nobody has to wait for, and has it kept."""

    def __init__(self, keep: Callable[[Mapping[str, float]], None], pid: int | None = None) -> None:
        self._usage = Usage(pid)
        self._keep = keep
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="mlops-tui usage", daemon=True).start()

    def stop(self) -> None:
        """Has it end; at the latest when it would look again."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            self._usage.look()  # a share of the processor is known from the second look on
            wait = FIRST_SECONDS
            while not self._stopped.wait(wait):
                self._keep(self._usage.look())
                wait = SECONDS
        except Exception:  # noqa: BLE001 - whatever it is, the run that is looked at is not to know of it
            return
