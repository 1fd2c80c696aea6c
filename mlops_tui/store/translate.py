"""Foreign errors of the file and the database, turned into ours at the edge."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_tui.core.errors import DiskFull, MlopsError, ReadOnlyStore, StoreBusy, WorkspaceError


def translation(error: BaseException, path: Path) -> MlopsError | None:
    """Our error for a foreign one, or None where it is none of a person's business."""
    if isinstance(error, OSError):
        return _of_the_system(error, path)
    if isinstance(error, sqlite3.Error):
        return _of_the_database(str(error), path)
    original = getattr(error, "orig", None)  # SQLAlchemy wraps what the driver raised
    return translation(original, path) if isinstance(original, BaseException) else None


def _of_the_system(error: OSError, path: Path) -> MlopsError | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"The disk with {path} is full.", "Free some space and try again; what was stored before is intact."
        )
    if error.errno == errno.EFBIG:
        return DiskFull(
            f"A file that is written for {path} may not grow as large as it is.",
            "Raise the limit of file sizes (ulimit -f) and try again; what was stored before is intact.",
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ReadOnlyStore(
            f"{path} cannot be written to.",
            "Change its permissions, or work on a copy made with: mlops-tui backup FILE",
        )
    return None


def _of_the_database(text: str, path: Path) -> MlopsError | None:
    if "disk is full" in text or "disk I/O error" in text:
        return DiskFull(
            f"The disk with {path} is full or failing.",
            "Free some space and try again; what was stored before is intact.",
        )
    if "locked" in text or "busy" in text:
        return StoreBusy(f"{path} is locked by another process.", "Try again when it has finished.")
    if "readonly" in text or "read-only" in text:
        return ReadOnlyStore(
            f"{path} is read-only.", "Change its permissions, or work on a copy made with: mlops-tui backup FILE"
        )
    if "unable to open" in text:
        return WorkspaceError(f"{path} cannot be opened.", "Check that the folder is there and may be written to.")
    if "not a database" in text or "malformed" in text:
        return WorkspaceError(f"{path} is damaged or not a store.", "Put back the newest backup.")
    return None


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises our error where a foreign one about `path` comes out of the block."""
    try:
        yield
    except MlopsError:
        raise
    except Exception as error:
        ours = translation(error, path)
        if ours is None:
            raise
        raise ours from error
