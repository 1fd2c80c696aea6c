"""Where and with what a model was made."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "scikit-learn", "skops", "pandas", "mlops-tui")
_SECONDS = 10


def environment() -> dict[str, Any]:
    """Python, platform and the versions of the packages that a model file hangs on; None where one is not installed."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: package_version(name) for name in PACKAGES},
    }


def package_version(name: str) -> str | None:
    """The installed version of a package."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def minor(version: str | None) -> str | None:
    """`1.9` of `1.9.1`: versions that agree in it read each other's files."""
    return None if version is None else ".".join(version.split(".")[:2])


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
