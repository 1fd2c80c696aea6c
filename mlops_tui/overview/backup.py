"""One file with everything that a workspace keeps, taken while it is at work."""

from __future__ import annotations

import secrets
import tarfile
import tempfile
from pathlib import Path

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import FOLDER as FOLDER_OF_CHECKS
from mlops_tui.store.artifact import replace
from mlops_tui.store.copy import copy_store
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import FOLDER, Workspace

ENDINGS = (".tar", ".tar.gz", ".tgz")


def backup(workspace: Workspace, target: Path) -> int:
    """Writes a tar file (gzipped where its name ends in gz) with `.mlops/`: the store, the artifacts, the settings.

    Returns its size in bytes. The store is copied first: artifacts that it names are never taken away, so all of them
    are there when they are copied after it. Logs and data files are left out.

    Raises:
        UsageError: its name is not that of a tar file, the file is there already, or its folder is not.
    """
    target = target.absolute()
    name = printable(str(target))
    if not target.name.endswith(ENDINGS):
        raise UsageError(f"A backup is a tar file, and {name} is not named as one.", "End its name in .tar or .tar.gz.")
    if target.exists():
        raise UsageError(f"{name} is there already.", "Choose another name; a backup overwrites nothing.")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {printable(str(target.parent))}.", "Make it first.")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    with translated(target):
        try:
            _write(workspace, temporary, compressed=target.name.endswith("gz"))
            replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    return target.stat().st_size


def _write(workspace: Workspace, path: Path, *, compressed: bool) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".mlops-backup-") as folder:
        copied = Path(folder) / "store.db"
        copy_store(workspace.store, copied)
        with tarfile.open(path, "w:gz" if compressed else "w") as archive:
            archive.add(copied, f"{FOLDER}/store.db")
            archive.add(workspace.artifacts, f"{FOLDER}/artifacts", filter=_without_unfinished)
            if (workspace.home / FOLDER_OF_CHECKS).is_dir():
                archive.add(
                    workspace.home / FOLDER_OF_CHECKS, f"{FOLDER}/{FOLDER_OF_CHECKS}", filter=_without_unfinished
                )
            for kept in (workspace.config, workspace.home / ".gitignore"):
                if kept.exists():
                    archive.add(kept, f"{FOLDER}/{kept.name}")


def _without_unfinished(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.endswith(".tmp") else member
