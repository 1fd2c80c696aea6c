"""Content-addressed files: written to a temporary name, fsynced, renamed; the name is the sha256."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from mlops_tui.core.errors import ModelFileError
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace

BACKUP = "Put it back from a backup."


def place(workspace: Workspace, digest: str) -> Path:
    """Where the file of that sha256 lies."""
    return workspace.artifacts / digest[:2] / digest


def put_bytes(workspace: Workspace, content: bytes) -> str:
    """Keeps the bytes; returns their sha256."""

    def write(path: Path) -> None:
        path.write_bytes(content)

    return put(workspace, write)


def put(workspace: Workspace, write: Callable[[Path], None]) -> str:
    """Keeps what `write` puts into the path it is given; returns its sha256. Half-written files are never seen."""
    with translated(workspace.artifacts):
        workspace.artifacts.mkdir(parents=True, exist_ok=True)
        temporary = workspace.artifacts / f".{secrets.token_hex(8)}.tmp"
        try:
            write(temporary)
            digest = sha256(temporary)
            target = place(workspace, digest)
            target.parent.mkdir(exist_ok=True)
            replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    return digest


def replace(temporary: Path, target: Path) -> None:
    """Renames a finished file into place so that a crash leaves the old or the new one, never half of it."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def verified(workspace: Workspace, digest: str, what: str = "The stored file", remedy: str = BACKUP) -> Path:
    """The path of an artifact whose bytes still are what was stored; sentences call it as `what` says.

    Raises:
        ModelFileError: it is gone, or other bytes are in its place.
    """
    path = place(workspace, digest)
    if not path.exists():
        raise ModelFileError(f"{what} ({digest[:12]}) is gone.", remedy)
    if sha256(path) != digest:
        raise ModelFileError(f"{what} ({digest[:12]}) was changed since it was stored.", remedy)
    return path


def require_there(
    workspace: Workspace, digest: str, size: int, what: str = "The stored file", remedy: str = BACKUP
) -> None:
    """Raises ModelFileError where an artifact is gone or of another size: told at once, however large it is."""
    path = place(workspace, digest)
    if not path.exists() or path.stat().st_size != size:
        verified(workspace, digest, what, remedy)


def sha256(path: Path) -> str:
    """The hex sha256 of a file, streamed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
