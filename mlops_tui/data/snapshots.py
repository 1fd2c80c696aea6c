"""Copies of the files of a source that keeps them: `artifacts/snapshots/`, by content, each under the file's own name, so
that readers and sentences know it by its ending and by what it is called."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path, PurePath

from mlops_tui.data.model import SourceFile
from mlops_tui.store.artifact import replace, sha256
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace

FOLDER = "snapshots"


def copy_of(workspace: Workspace, file: SourceFile) -> Path | None:
    """The copy of that file's content; None where none was made, or it is not whole any more."""
    place = _place(workspace, file.hash, file.path)
    try:
        return place if place.stat().st_size == file.size else None
    except OSError:
        return None


def keep(workspace: Workspace, path: Path, content: str, name: str) -> bool:
    """Copies the file in, unless it was before; False where its content is no longer that.

    A content that is there under another name takes no more space.

    Raises:
        DiskFull: there is no space for it.
    """
    place = _place(workspace, content, name)
    try:
        opened = path.open("rb")
    except OSError:  # gone meanwhile
        return False
    with opened as file, translated(workspace.artifacts):
        if place.exists() and place.stat().st_size == os.fstat(file.fileno()).st_size:
            return True
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            if not _linked(place.parent, temporary, content):
                with temporary.open("wb") as copy:
                    shutil.copyfileobj(file, copy, 1 << 20)
                if sha256(temporary) != content:
                    return False
            temporary.chmod(0o444)
            replace(temporary, place)
        finally:
            temporary.unlink(missing_ok=True)
            _remove_empty(place.parent)
    return True


def _place(workspace: Workspace, content: str, name: str) -> Path:
    return workspace.artifacts / FOLDER / content[:2] / content / PurePath(name).name


def _linked(folder: Path, target: Path, content: str) -> bool:
    """Whether the content was there under another name, and is under this one now."""
    for other in folder.iterdir():
        try:
            os.link(other, target)
        except OSError:  # not on every file system
            return False
        if sha256(target) == content:
            return True
        target.unlink()
    return False


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # it holds a copy
        return
