"""What git says of a folder with code."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

_SECONDS = 10


def code_of(folder: Path) -> dict[str, Any] | None:
    """The git commit that the folder is at and whether it has changes; None outside a repository or without git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit.strip(), "dirty": bool(_git(folder, "status", "--porcelain"))}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        found = subprocess.run(
            # a repository may name a program of its own to watch its files: not run here
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout
