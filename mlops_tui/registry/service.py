"""Moving an alias: by promotion (the worker, after its gate) or back by rollback (at once)."""

from __future__ import annotations

from mlops_tui.core.clock import now
from mlops_tui.core.errors import StaleAlias, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.registry.model import CHAMPION, ROLLED_BACK, ModelVersion, previous_version
from mlops_tui.registry.query import alias_history, find_model, read_alias, version_of
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store, Writing

_EVERY_MOVE = 1_000_000


class Models:
    """The models of one workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
