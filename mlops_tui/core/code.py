"""What git says of a folder with code: the commit, and what was changed since."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

_SECONDS = 10
ALL = (":/", ":(exclude,top,glob)**/.mlops/.gitignore")
"""The whole repository, without the file that a workspace lies in it with."""
DIFF_BYTES = 4_000_000
"""Of a longer difference so much is kept."""


def code_of(folder: Path) -> dict[str, Any] | None:
    """The git commit that the folder is at and whether it has changes; None outside a repository or without git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit.strip(), "dirty": bool(_git(folder, "status", "--porcelain", "--", *ALL))}


def branch_of(folder: Path) -> str | None:
    """The branch that the folder is on; None where it is on none."""
    branch = (_git(folder, "branch", "--show-current") or "").strip()
    return branch or None


def diff_of(folder: Path) -> str:
    """What the whole repository's tracked files differ in from the commit, as `git apply` takes it, below the names of those that
    are not tracked; empty where there is no difference.
    """
    others = _git(folder, "ls-files", "--others", "--exclude-standard", "--full-name", "--", *ALL) or ""
    names = "".join(f"# not tracked: {name}\n" for name in others.splitlines())
    changed = _git(folder, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD", "--", *ALL) or ""
    whole = names + changed
    return (
        whole if len(whole) <= DIFF_BYTES else f"{whole[:DIFF_BYTES]}\n# cut here: {len(whole):,} characters in all\n"
    )


def between_commits(folder: Path, before: str, after: str) -> str | None:
    """How two commits of the folder's repository differ; None where it has not both of them."""
    return _git(folder, "diff", "--no-ext-diff", "--no-textconv", "--no-color", before, after, "--")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        found = subprocess.run(
            # a repository may name a program of its own to watch its files: not run here
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout
