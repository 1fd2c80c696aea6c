"""Registering and promoting, as jobs; moving an alias, by a promotion that its gate let pass or back by rollback."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import StaleAlias, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.learning import ALL, parse
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry import gatefile
from mlops_tui.registry.gates import CARD_FIELDS
from mlops_tui.registry.model import (
    CHAMPION,
    DESCRIBED,
    REGISTER_AGAIN,
    RESTORED,
    ROLLED_BACK,
    TRIALS,
    Alias,
    AliasMove,
    Model,
    ModelVersion,
    parse_selector,
    previous_version,
    require_why,
    valid_alias,
    valid_name,
)
from mlops_tui.registry.query import alias_history, find_model, find_version, get_version, read_alias, version_of
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import find_run, get_run
from mlops_tui.store.artifact import require_there
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.query import finalists_of, find_study, known_study
from mlops_tui.tuning.refusals import require_budget

_EVERY_MOVE = 1_000_000


class Models:
    """The models of one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def register(self, run: str, name: str) -> str:
        """Starts the job that fits the recipe of a run, or of the trial that a study of that name chose, and keeps it as the model's next
        version; returns the job's id.

        Raises:
            UsageError: the name cannot be a model's, there is no such run or study, or the study chose no trial.
        """
        valid_name(name)
        found = self._run_or_choice(run)
        title = f"register {printable(found.name)} as {printable(name)}"
        return self._jobs.start("register", title, {"run": found.id, "name": name})

    def _run_or_choice(self, selector: str) -> Run:
        reader = self._store.reader
        try:
            return find_run(reader, selector)
        except UsageError as error:
            try:
                study = find_study(reader, selector)
            except UsageError:
                raise error from None
        chosen = next((one for one in finalists_of(reader, study.id) if one.chosen), None)
        if chosen is None or chosen.run_id is None:
            raise UsageError(
                f"Study {printable(study.name)} has chosen no trial.",
                f"Name one of its runs: mlops-tui studies trials {printable(study.name)}",
            )
        return get_run(reader, chosen.run_id)

    def promote(
        self,
        model: str,
        version: int,
        alias: str = CHAMPION,
        *,
        force: bool = False,
        why: str | None = None,
        also: Sequence[str] = (),
    ) -> str:
        """Starts the job that asks the gates and moves the alias where they let it; returns its id. A reason overrules gates that cannot
        tell, force with a reason all of them; `also` names gates that are asked on request.

        Raises:
            UsageError: no such model, version, alias or gate, forced without a reason, or the gates' file is broken.
        """
        valid_alias(alias)
        require_why(force, why)
        spec, label = self._asked(model, version, alias, also)
        if read_alias(self._store.reader, spec["model"], alias).version == version:
            raise UsageError(f"{label} is the {alias} already.", "There is nothing to change.")
        return self._jobs.start("promote", f"promote {label} to {alias}", {**spec, "force": force, "why": why})

    def ask_gates(self, model: str, version: int, alias: str = CHAMPION, *, also: Sequence[str] = ()) -> str:
        """Starts the job that asks the gates and moves nothing; returns its id.

        Raises:
            UsageError: no such model, version, alias or gate, or the gates' file is broken.
        """
        spec, label = self._asked(model, version, valid_alias(alias), also)
        return self._jobs.start("gates", f"ask the gates of {label}", spec)

    def evaluate(self, model: str, version: int) -> str:
        """Starts the job that scores a version on the rows that were held out when it learnt; the look is counted. Returns its id.

        Raises:
            UsageError: no such model or version, or it is of no study.
        """
        asked = version_of(self._store.reader, find_model(self._store.reader, model), version)
        self._require_study(asked, "which rows were held out is not known")
        return self._jobs.start("evaluate", f"evaluate {asked.label}", {"model": asked.model_id, "version": version})

    def _require_study(self, version: ModelVersion, so: str) -> None:
        if known_study(self._store.reader, version.study_id) is None:
            raise UsageError(
                f"{version.label} is of no study, so {so}.",
                "Tune the source, and register the best run: mlops-tui tune N",
            )

    def retrain(
        self,
        selector: str,
        window: str = ALL,
        *,
        retune: bool = False,
        trials: int = TRIALS,
        timeout: float | None = None,
    ) -> str:
        """Starts the job that makes a challenger of a version's recipe, of the champion's where none is named, on the rows of a window
        of its source; returns its id. With `retune` a study begins with that recipe and tries so many.

        Raises:
            UsageError: no such model or version, or it is of no study, or the window is none.
        """
        reader = self._store.reader
        found, asked = find_model(reader, selector), parse_selector(selector)
        if asked.number is None and asked.alias is None and CHAMPION not in found.aliases and found.newest is not None:
            version = version_of(reader, found, found.newest)
        else:
            version = find_version(reader, selector)
        self._require_study(version, "there is no recipe to learn again")
        require_budget(trials, 1, timeout)
        spec = {"model": found.id, "version": version.number, "window": parse(window).text, "retune": retune}
        return self._jobs.start("retrain", f"retrain {version.label}", {**spec, "trials": trials, "timeout": timeout})

    def _asked(self, model: str, version: int, alias: str, also: Sequence[str]) -> tuple[dict[str, Any], str]:
        found = find_model(self._store.reader, model)
        asked = version_of(self._store.reader, found, version)
        gates = gatefile.chosen(gatefile.read(self._store.workspace, found.name), also)
        spec = {"model": asked.model_id, "version": version, "alias": alias, "also": list(also)}
        return {**spec, "gates": [gate.name for gate in gates]}, asked.label

    def rollback(self, model: str, why: str | None = None, *, alias: str = CHAMPION) -> ModelVersion:
        """Puts back the version that the alias pointed to before; returns it.

        Raises:
            UsageError: the alias points nowhere, or never pointed elsewhere.
            ModelFileError: the file of that version is gone, or of another size.
        """
        found, current, moves = self._moves(model, alias)
        before, name = previous_version(moves[::-1]), printable(found.name)
        if current.version is None:
            raise UsageError(f"{name} has no {alias}.", f"Promote a version: mlops-tui models promote {name} 1")
        if before is None:
            raise UsageError(
                f"{name} had no {alias} before version {current.version}.",
                f"Promote another version instead: mlops-tui models promote {name} VERSION",
            )
        return self._move(found, before, current, ROLLED_BACK, why)

    def undo_rollback(self, model: str, why: str | None = None, *, alias: str = CHAMPION) -> ModelVersion:
        """Takes the last rollback back, where nothing moved the alias since; returns the version that it points to again.

        Raises:
            UsageError: the last move of the alias was no rollback.
            ModelFileError: the file of that version is gone, or of another size.
        """
        found, current, moves = self._moves(model, alias)
        if not moves or moves[0].verb != ROLLED_BACK or moves[0].before is None:
            name = printable(found.name)
            raise UsageError(
                f"The last move of the {alias} of {name} was no rollback.",
                f"Promote a version instead: mlops-tui models promote {name} VERSION",
            )
        return self._move(found, moves[0].before, current, RESTORED, why)

    def _moves(self, model: str, alias: str) -> tuple[Model, Alias, list[AliasMove]]:
        reader = self._store.reader
        found = find_model(reader, model)
        current = read_alias(
            reader, found.id, alias
        )  # before its history: what moves in between is noticed by its revision
        return found, current, alias_history(reader, found.id, alias, limit=_EVERY_MOVE)

    def _move(self, model: Model, number: int, current: Alias, verb: str, why: str | None) -> ModelVersion:
        version = version_of(self._store.reader, model, number)
        workspace = self._store.workspace
        require_there(workspace, version.artifact, version.size, version.file_words, REGISTER_AGAIN)
        with self._store.write() as writing:
            move_alias(writing, version, current.alias, revision=current.revision, verb=verb, why=why)
        return version

    def remove_alias(self, model: str, alias: str, why: str | None = None) -> Model:
        """Takes an alias away; returns the model without it.

        Raises:
            UsageError: there is no such alias, or it is the champion: that is rolled back, or another one promoted.
        """
        if alias == CHAMPION:
            raise UsageError("A champion is not taken away.", "Roll it back, or promote another version.")
        with self._store.write() as writing:
            found = find_model(writing.connection, model)
            current = read_alias(writing.connection, found.id, alias)
            if current.version is None:
                has = ", ".join(sorted(found.aliases)) or "none"
                raise UsageError(f"{printable(found.name)} has no alias '{printable(alias)}'.", f"Its aliases: {has}.")
            writing.execute("DELETE FROM model_alias WHERE model_id = ? AND alias = ?", (found.id, alias))
            before = {"alias": alias, "version": current.version, "revision": current.revision}
            writing.event(
                "alias_removed", ("model", found.id, found.name), why=why, before=before, after={"alias": alias}
            )
            writing.changed("models")
        return find_model(self._store.reader, found.id)

    def describe(self, model: str, version: int, said: Mapping[str, str]) -> ModelVersion:
        """Writes what a person says on a version's card, by the names of `CARD_FIELDS`; an empty text takes it away.

        Raises:
            UsageError: no such model or version, or no such field.
        """
        for name in said:
            if name not in CARD_FIELDS:
                raise UsageError(f"A card has no field '{printable(name)}'.", f"Its fields: {', '.join(CARD_FIELDS)}.")
        with self._store.write() as writing:
            found = version_of(writing.connection, find_model(writing.connection, model), version)
            given = {name: text.strip() for name, text in said.items()}
            card = {name: text for name, text in {**found.card, **given}.items() if text}
            writing.execute("UPDATE model_version SET card = ? WHERE id = ?", (json.dumps(card), found.id))
            before = {name: found.card.get(name) for name in given}
            self._told(writing, found, DESCRIBED, before, {name: text or None for name, text in given.items()})
        return get_version(self._store.reader, found.id)

    def note(self, model: str, version: int, text: str) -> ModelVersion:
        """Writes the note of a version, in place of the one before; an empty text takes it away."""
        with self._store.write() as writing:
            found = version_of(writing.connection, find_model(writing.connection, model), version)
            writing.execute("UPDATE model_version SET note = ? WHERE id = ?", (text.strip() or None, found.id))
            self._told(writing, found, "noted", {"note": found.note}, {"note": text.strip() or None})
        return get_version(self._store.reader, found.id)

    def tag(self, model: str, version: int, tags: Mapping[str, str], removed: Sequence[str] = ()) -> ModelVersion:
        """Sets tags on a version, and takes some away; returns it.

        Raises:
            UsageError: a tag to be taken away that it does not have; nothing is changed then.
        """
        with self._store.write() as writing:
            found = version_of(writing.connection, find_model(writing.connection, model), version)
            for key in removed:
                if key not in found.tags:
                    has = ", ".join(map(printable, found.tags)) or "none"
                    raise UsageError(f"{found.label} has no tag '{printable(key)}'.", f"Its tags: {has}.")
                writing.execute("DELETE FROM model_version_tag WHERE version_id = ? AND key = ?", (found.id, key))
            for key, text in tags.items():
                writing.execute(
                    "INSERT INTO model_version_tag (version_id, key, value) VALUES (?, ?, ?)"
                    " ON CONFLICT (version_id, key) DO UPDATE SET value = excluded.value",
                    (found.id, key, text),
                )
            after: dict[str, str | None] = {**dict.fromkeys(removed), **tags}
            self._told(writing, found, "tagged", {key: found.tags.get(key) for key in after}, after)
        return get_version(self._store.reader, found.id)

    def _told(
        self, writing: Writing, version: ModelVersion, verb: str, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        writing.event(
            verb,
            ("model", version.model_id, version.model),
            before={"version": version.number, **before},
            after={"version": version.number, **after},
        )
        writing.changed("models")

    def write_gates(self, model: str) -> Path:
        """The file of a model's gates; written with every gate as it is by itself where there is none yet."""
        found = find_model(self._store.reader, model)
        return gatefile.write(self._store.workspace, found.name)


def move_alias(
    writing: Writing,
    version: ModelVersion,
    alias: str,
    *,
    revision: int,
    verb: str,
    why: str | None,
    forced: bool = False,
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Points the alias to the version, where it still is at the revision that was read before; `evidence` is kept with the move.

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
        after={**after, **({"forced": True} if forced else {}), **(evidence or {})},
    )
    writing.changed("models")
