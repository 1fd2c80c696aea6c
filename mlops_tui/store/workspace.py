"""A workspace: a folder with a `.mlops/` in it, found by walking up from where one stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.core.errors import NoWorkspace, ReadOnlyStore, WorkspaceError
from mlops_tui.core.settings import template

FOLDER = ".mlops"
VARIABLE = "MLOPS_WORKSPACE"
IGNORED = (
    "# made by mlops-tui: the store is not for git, the checks and the gates are\n"
    "*\n!.gitignore\n!checks/\n!checks/*.toml\n!gates/\n!gates/*.toml\n"
)
"""What a workspace's own `.gitignore` says."""
_IGNORED_BEFORE = (
    "# made by mlops-tui: the store is not for git\n*\n",
    "# made by mlops-tui: the store is not for git, the checks are\n*\n!.gitignore\n!checks/\n!checks/*.toml\n",
)
"""What it said in workspaces that are older."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder, and where each thing in it lives."""

    root: Path

    @property
    def home(self) -> Path:
        """The `.mlops/` folder."""
        return self.root / FOLDER

    @property
    def store(self) -> Path:
        """The SQLite file with our tables and Optuna's."""
        return self.home / "store.db"

    @property
    def artifacts(self) -> Path:
        """Content-addressed files."""
        return self.home / "artifacts"

    @property
    def logs(self) -> Path:
        """One log a job, and the heartbeats."""
        return self.home / "logs"

    @property
    def config(self) -> Path:
        """The settings of this workspace."""
        return self.home / "config.toml"

    def relative(self, path: Path) -> str:
        """A path as the store keeps it: relative to the workspace where it lies under it, absolute elsewhere."""
        absolute = Path(os.path.abspath(path))
        if absolute.is_relative_to(self.root):
            return absolute.relative_to(self.root).as_posix()
        return str(absolute)

    def absolute(self, path: str) -> Path:
        """The place of a path that the store keeps."""
        return self.root / path

    def identity(self) -> str:
        """Device and inode of `.mlops/`: the same after a move, another for a copy."""
        status = self.home.stat()
        return f"{status.st_dev}:{status.st_ino}"


def find(
    start: Path | None = None, environment: Mapping[str, str] | None = None, given: Path | None = None
) -> Workspace:
    """The workspace that was given, named in `MLOPS_WORKSPACE`, or lies here or above.

    Raises:
        NoWorkspace: there is none.
    """
    env = os.environ if environment is None else environment
    named = given or (Path(env[VARIABLE]) if env.get(VARIABLE) else None)
    if named is not None:
        root = named.resolve()
        if (root / FOLDER).is_dir():
            return Workspace(root)
        raise NoWorkspace(f"There is no workspace in {root}.", f"Create one with: mlops-tui init {root}")
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return Workspace(folder)
    raise NoWorkspace(f"There is no workspace in {here} or above it.", "Create one with: mlops-tui init")


def create(root: Path) -> Workspace:
    """Makes the folders of a workspace; the store itself is made by the migrations.

    Raises:
        WorkspaceError: the folder cannot be made or written.
    """
    workspace = Workspace(root.resolve())
    try:
        for folder in (workspace.home, workspace.artifacts, workspace.logs):
            folder.mkdir(parents=True, exist_ok=True)
        (workspace.home / ".gitignore").write_text(IGNORED, "utf-8")
        if not workspace.config.exists():
            workspace.config.write_text(template(), "utf-8")
    except PermissionError as error:
        raise ReadOnlyStore(
            f"{workspace.root} cannot be written to.", "Choose another folder, or change its permissions."
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise WorkspaceError(f"{error.filename} is not a folder.", "Choose another place for the workspace.") from error
    return workspace


def let_git_see(workspace: Workspace) -> None:
    """Lets git see the files that a person writes, in a workspace that was made before there were any of their kind."""
    ignored = workspace.home / ".gitignore"
    if ignored.exists() and ignored.read_text("utf-8") in _IGNORED_BEFORE:
        ignored.write_text(IGNORED, "utf-8")
