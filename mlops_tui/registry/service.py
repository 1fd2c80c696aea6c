"""Registering and promoting, as jobs; moving an alias, by a promotion that its gate let pass or back by rollback."""

from __future__ import annotations

from mlops_tui.core.clock import now
from mlops_tui.core.errors import StaleAlias, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.model import (
    CHAMPION,
    ROLLED_BACK,
    ModelVersion,
    previous_version,
    require_why,
    valid_alias,
    valid_name,
)
from mlops_tui.registry.query import alias_history, find_model, read_alias, version_of
from mlops_tui.runs.query import find_run
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store, Writing

_EVERY_MOVE = 1_000_000


class Models:
    """The models of one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def register(self, run: str, name: str) -> str:
        """Starts the job that fits a run's recipe and keeps it as the model's next version; returns its id.

        Raises:
            UsageError: the name cannot be a model's, or there is no such run.
        """
        valid_name(name)
        found = find_run(self._store.reader, run)
        title = f"register {printable(found.name)} as {printable(name)}"
        return self._jobs.start("register", title, {"run": found.id, "name": name})

    def promote(
        self, model: str, version: int, alias: str = CHAMPION, *, force: bool = False, why: str | None = None
    ) -> str:
        """Starts the job that asks the gate and moves the alias where it passes; returns its id.

        Raises:
            UsageError: no such model, version or alias, or forced without a reason.
        """
        valid_alias(alias)
        require_why(force, why)
        asked = version_of(self._store.reader, find_model(self._store.reader, model), version)
        spec = {"model": asked.model_id, "version": version, "alias": alias, "force": force, "why": why}
        return self._jobs.start("promote", f"promote {asked.label} to {alias}", spec)

    def rollback(self, model: str, why: str | None = None, *, alias: str = CHAMPION) -> ModelVersion:
        """Puts back the version that the alias pointed to before; returns it.

        Raises:
            UsageError: the alias points nowhere, or never pointed elsewhere.
            ModelFileError: the file of that version is gone or was changed.
        """
        with self._store.write() as writing:
            found = find_model(writing.connection, model)
            current = read_alias(writing.connection, found.id, alias)
            moves = alias_history(writing.connection, found.id, alias, limit=_EVERY_MOVE)
            before = previous_version(moves[::-1])
            name = printable(found.name)
            if current.version is None:
                raise UsageError(f"{name} has no {alias}.", f"Promote a version: mlops-tui models promote {name} 1")
            if before is None:
                raise UsageError(
                    f"{name} had no {alias} before version {current.version}.",
                    f"Promote another version instead: mlops-tui models promote {name} VERSION",
                )
            version = version_of(writing.connection, found, before)
            verified(self._store.workspace, version.artifact)
            move_alias(writing, version, alias, revision=current.revision, verb=ROLLED_BACK, why=why)
        return version


def move_alias(
    writing: Writing,
    version: ModelVersion,
    alias: str,
    *,
    revision: int,
    verb: str,
    why: str | None,
    forced: bool = False,
) -> None:
    """Points the alias to the version, where it still is at the revision that was read before.

    Raises:
        StaleAlias: somebody moved it meanwhile.
    """
    current = read_alias(writing.connection, version.model_id, alias)
    if current.revision != revision:
        where = f"to version {current.version}" if current.version else "away"
        raise StaleAlias(
            f"The {alias} of {printable(version.model)} was moved {where} meanwhile.",
            "Look at it with 'mlops-tui models show', then ask again.",
        )
    writing.execute(
        "INSERT INTO model_alias (model_id, alias, version, revision, moved) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (model_id, alias) DO UPDATE SET version = excluded.version, revision = excluded.revision,"
        " moved = excluded.moved",
        (version.model_id, alias, version.number, revision + 1, now()),
    )
    after = {"alias": alias, "version": version.number, "revision": revision + 1}
    writing.event(
        verb,
        ("model", version.model_id, version.model),
        why=why,
        before={"alias": alias, "version": current.version, "revision": revision},
        after={**after, "forced": True} if forced else after,
    )
    writing.changed("models")
