"""Builds the services from the settings, each on first use. The one module that imports inside functions: what is heavy
loads when something is created or changed, never to look."""

from __future__ import annotations

import os
import subprocess
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_tui.core.errors import WorkspaceError
from mlops_tui.core.settings import Settings
from mlops_tui.store.revision import is_current
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace, create, find

if TYPE_CHECKING:
    from mlops_tui.data.curation import Curation
    from mlops_tui.data.service import Sources
    from mlops_tui.jobs.asking import Asking
    from mlops_tui.jobs.service import Jobs
    from mlops_tui.monitoring.alerts import Alerts
    from mlops_tui.monitoring.outcomes import Outcomes
    from mlops_tui.monitoring.quality import Quality
    from mlops_tui.monitoring.service import Monitoring
    from mlops_tui.overview.removing import Removing
    from mlops_tui.overview.service import Overview
    from mlops_tui.registry.filing import ModelFiles
    from mlops_tui.registry.service import Models
    from mlops_tui.serving.arriving import Arriving
    from mlops_tui.serving.service import Predictions
    from mlops_tui.tuning.service import Studies
    from mlops_tui.tuning.steering import Steering


class Services:
    """What a front calls. What is set here is light; the rest is loaded when it is first asked for."""

    def __init__(self, workspace: Workspace, settings: Settings, store: Store) -> None:
        self.workspace = workspace
        self.settings = settings
        self.store = store

    @cached_property
    def jobs(self) -> Jobs:
        """Starting and steering jobs."""
        from mlops_tui.jobs.service import Jobs

        return Jobs(self.store)

    @cached_property
    def asking(self) -> Asking:
        """Asking the query worker, which is started by the first question."""
        from mlops_tui.jobs.asking import Asking

        return Asking(self.workspace)

    @cached_property
    def overview(self) -> Overview:
        """The workspace as a whole."""
        from mlops_tui.overview.service import Overview

        return Overview(self.store)

    @cached_property
    def sources(self) -> Sources:
        """Adding and changing sources."""
        from mlops_tui.data.service import Sources

        return Sources(self.store, self.settings)

    @cached_property
    def curation(self) -> Curation:
        """Deciding about sources: schema, roles, files let in, tags."""
        from mlops_tui.data.curation import Curation

        return Curation(self.store)

    @cached_property
    def studies(self) -> Studies:
        """Creating and steering studies."""
        from mlops_tui.tuning.service import Studies

        return Studies(self.store, self.settings, self.jobs)

    @cached_property
    def steering(self) -> Steering:
        """Changing what a study searches once it has begun."""
        from mlops_tui.tuning.steering import Steering

        return Steering(self.store, self.settings, self.studies)

    @cached_property
    def removing(self) -> Removing:
        """Removing studies."""
        from mlops_tui.overview.removing import Removing

        return Removing(self.store)

    @cached_property
    def models(self) -> Models:
        """Registering, promoting and rolling back."""
        from mlops_tui.registry.service import Models

        return Models(self.store, self.jobs)

    @cached_property
    def model_files(self) -> ModelFiles:
        """Model files in and out."""
        from mlops_tui.registry.filing import ModelFiles

        return ModelFiles(self.store, self.jobs)

    @cached_property
    def predictions(self) -> Predictions:
        """Predicting files."""
        from mlops_tui.serving.service import Predictions

        return Predictions(self.store, self.jobs, self.settings)

    @cached_property
    def arriving(self) -> Arriving:
        """Predicting files as they come."""
        from mlops_tui.serving.arriving import Arriving

        return Arriving(self.store, self.jobs)

    @cached_property
    def monitoring(self) -> Monitoring:
        """Comparing windows of a source."""
        from mlops_tui.monitoring.service import Monitoring

        return Monitoring(self.store, self.jobs)

    @cached_property
    def outcomes(self) -> Outcomes:
        """Champions beside the one before."""
        from mlops_tui.monitoring.outcomes import Outcomes

        return Outcomes(self.store, self.jobs)

    @cached_property
    def quality(self) -> Quality:
        """How well versions do, file by file."""
        from mlops_tui.monitoring.quality import Quality

        return Quality(self.store, self.jobs)

    @cached_property
    def alerts(self) -> Alerts:
        """Alerts: seeing and acknowledging them."""
        from mlops_tui.monitoring.alerts import Alerts

        return Alerts(self.store, self.jobs)

    def close(self) -> None:
        """Ends the query worker, where one was started, and closes the store's connections."""
        if "asking" in self.__dict__:
            self.asking.close()
        self.store.close()


def open_services(given: Path | None = None, *, actor: str = "person") -> Services:
    """The services of the workspace that was given, named or found; an older store is backed up and migrated first.

    Raises:
        NoWorkspace: there is none.
        NewerStore: a later version wrote it.
    """
    workspace = find(given=given)
    settings = Settings.load(workspace.config)
    reason = _why_read_only(workspace)
    if not workspace.store.exists() and reason is None:
        _make_store(workspace)
    if not is_current(workspace.store, immutable=reason is not None):
        if reason is not None:
            raise WorkspaceError(
                f"{workspace.root} has an older store and is read-only: {reason}.",
                "Copy it to where it can be written.",
            )
        _migrate(workspace)
    store = Store(workspace, actor=actor, read_only=reason is not None, why_read_only=reason or "")
    return Services(workspace, settings, store)


def create_workspace(root: Path, *, actor: str = "person") -> Services:
    """Makes a workspace in the folder, or opens the one that is there."""
    workspace = create(root)
    if not workspace.store.exists():
        _make_store(workspace)
    return open_services(root, actor=actor)


def _make_store(workspace: Workspace) -> None:
    """Our tables by Alembic here, Optuna's in a process that may load it, so that its dashboard opens any store."""
    from mlops_tui.jobs.process import command

    _migrate(workspace)
    prepare = command("mlops_tui.worker.prepare", str(workspace.store))
    done = subprocess.run(prepare, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WorkspaceError(
            f"{workspace.store} could not be prepared: {done.stderr.strip().splitlines()[-1:]}.", "Try again."
        )


def _migrate(workspace: Workspace) -> None:
    from mlops_tui.store.migrate import migrate

    migrate(workspace.store)


def _why_read_only(workspace: Workspace) -> str | None:
    """Why the workspace can only be looked at; None where it can be written."""
    if not os.access(workspace.home, os.W_OK):
        return "its folder cannot be written"
    if workspace.store.exists() and not os.access(workspace.store, os.W_OK):
        return "its store cannot be written"
    return None
