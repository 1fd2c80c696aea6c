"""What a run's process knows of itself: its code, its command and its environment."""

from __future__ import annotations

import csv
import os
import platform
import re
import shlex
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from mlops_tui.core.code import branch_of, code_of, diff_of
from mlops_tui.store.artifact import sha256

COMMAND_CHARACTERS = 10_000
"""Of a longer command line so much is kept."""
SECONDS = 5
GPUS = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
MODEL_NAME = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Captured:
    """Code, command and environment of a run's process. `script` is the file that was started, None in an interactive
    session; `diff` is empty where the code is as it was committed, or in no repository.
    """

    command: str
    script: str | None
    script_hash: str | None
    commit: str | None
    branch: str | None
    is_dirty: bool | None
    diff: str
    environment: dict[str, Any]


def capture() -> Captured:
    """What there is to be known of this process now. Takes a few calls of git, and a moment for the packages once."""
    script = _script()
    return captured_of(_command(), script, Path.cwd() if script is None else script.parent, environment())


def captured_of(command: str, script: Path | None, folder: Path, environment: dict[str, Any]) -> Captured:
    """The same of a command in an environment, with the code of the folder as it is now."""
    code = code_of(folder)
    is_dirty = None if code is None else bool(code["dirty"])
    return Captured(
        command,
        None if script is None else str(script),
        None if script is None else sha256(script),
        None if code is None else code["commit"],
        None if code is None else branch_of(folder),
        is_dirty,
        diff_of(folder) if is_dirty else "",
        environment,
    )


def _command() -> str:
    program, *rest = getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv]
    return shlex.join([Path(program).name, *rest])[:COMMAND_CHARACTERS]


def _script() -> Path | None:
    name = getattr(sys.modules.get("__main__"), "__file__", None)
    path = None if name is None else Path(name).resolve()
    return path if path is not None and path.is_file() else None


@cache
def environment() -> dict[str, Any]:
    """Python, its packages with their versions, and the machine; sizes in bytes."""
    packages = {str(found.metadata["Name"]): found.version for found in metadata.distributions()}
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "host": socket.gethostname(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "gpus": gpus(),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
    }


def _cpu() -> str:
    try:
        found = MODEL_NAME.search(Path("/proc/cpuinfo").read_text("utf-8", "replace"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def gpus() -> list[dict[str, Any]]:
    """The graphics cards that NVIDIA's tool tells of, with their memory in bytes; none where there is no such tool."""
    return [{"name": name, "memory": int(float(memory) * 2**20)} for name, memory in asked(GPUS)]


def asked(command: tuple[str, ...]) -> list[list[str]]:
    """The rows of what NVIDIA's tool says; none where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return []
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [[cell.strip() for cell in row] for row in csv.reader(said.splitlines()) if row]
