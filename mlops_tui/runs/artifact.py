"""The files that belong to a run: what they are called, and how they are kept."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.store.artifact import place, put, put_bytes
from mlops_tui.store.store import Writing
from mlops_tui.store.workspace import Workspace

TEXT, JSON, TABLE, IMAGE, HTML, DIFF, MODEL, ENVIRONMENT, PREDICTIONS, FILE = (
    *("text", "json", "table", "image", "html", "diff", "model", "environment", "predictions", "file"),
)
BY_ENDING = {
    **dict.fromkeys(("txt", "md", "log", "py", "yaml", "yml", "toml", "ini", "cfg", "sql", "rst"), TEXT),
    **dict.fromkeys(("json", "jsonl", "ndjson"), JSON),
    **dict.fromkeys(("csv", "tsv", "parquet", "feather", "arrow"), TABLE),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "bmp"), IMAGE),
    **dict.fromkeys(("html", "htm"), HTML),
    **dict.fromkeys(("diff", "patch"), DIFF),
    **dict.fromkeys(("skops", "joblib", "pkl", "onnx", "pt", "safetensors"), MODEL),
}
"""What a file is taken for by how its name ends."""
ROWS = frozenset({"csv", "tsv", "parquet", "feather", "arrow", "jsonl", "ndjson"})
"""Endings of files that are read as tables."""
NAME_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a run: its name, a path with `/` between its parts; the sha256 and the size in bytes of its content."""

    name: str
    hash: str
    size: int
    kind: str


def kind_of(name: str) -> str:
    """What a file of that name is taken for."""
    return BY_ENDING.get(PurePosixPath(name).suffix.lower().removeprefix("."), FILE)


def has_rows(name: str) -> bool:
    """Whether a file of that name is read as a table."""
    return PurePosixPath(name).suffix.lower().removeprefix(".") in ROWS


def valid_name(text: str) -> str:
    """The name of an artifact, in its plain form.

    Raises:
        UsageError: it leads out of the run, or is no path.
    """
    path = PurePosixPath(text) if isinstance(text, str) else PurePosixPath()
    is_wrong = (
        not path.parts
        or path.is_absolute()
        or ".." in path.parts
        or len(str(path)) > NAME_CHARACTERS
        or not str(path).isprintable()
    )
    if is_wrong:
        raise UsageError(
            f"{printable(repr(text)[:80])} cannot be the name of an artifact.",
            "Name it by a path inside the run, for example plots/roc.png.",
        )
    return str(path)


def keep_file(workspace: Workspace, path: Path, name: str, kind: str | None = None) -> Artifact:
    """Keeps a copy of a file's content.

    Raises:
        UsageError: there is no such file, or it is none that can be copied.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(
            f"{printable(str(path))} cannot be read: {error.strerror}.", "Name a file that exists."
        ) from None
    if not stat.S_ISREG(mode):
        raise UsageError(
            f"{printable(str(path))} is no file.",
            "A folder is logged with log_artifacts; a pipe or a device is not read.",
        )
    digest = put(workspace, lambda temporary: _copy(path, temporary))
    return Artifact(valid_name(name), digest, place(workspace, digest).stat().st_size, kind or kind_of(name))


def _copy(path: Path, temporary: Path) -> None:
    shutil.copyfile(path, temporary)


def keep_bytes(workspace: Workspace, content: bytes, name: str, kind: str | None = None) -> Artifact:
    """Keeps these bytes."""
    return Artifact(valid_name(name), put_bytes(workspace, content), len(content), kind or kind_of(name))


def files_below(folder: Path) -> list[Path]:
    """The files of a folder, at any depth, sorted.

    Raises:
        UsageError: it is no folder, or a symbolic link in it leads out of it.
    """
    if not folder.is_dir():
        raise UsageError(f"{printable(str(folder))} is no folder.", "A single file is logged with log_artifact.")
    root = folder.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise UsageError(
                f"{printable(str(path))} is a link that leads out of the folder.",
                "Nothing was logged. Take it away, or log its target with log_artifact.",
            )
        if path.is_file():
            found.append(path)
    return found


def write_artifacts(writing: Writing, run_id: str, artifacts: Sequence[Artifact]) -> None:
    """Says that these files belong to the run, in the open transaction; one of the same name takes the other's place."""
    writing.connection.executemany(
        "INSERT INTO run_artifact (run_id, name, hash, size, kind) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET hash = excluded.hash, size = excluded.size, kind = excluded.kind",
        [(run_id, one.name, one.hash, one.size, one.kind) for one in artifacts],
    )
