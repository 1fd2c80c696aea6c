"""The verbs that change what a study searches once it has begun."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from mlops_tui.tuning.continuing import continuation, words_of
from mlops_tui.tuning.hiding import write_hidden
from mlops_tui.tuning.model import RUNNING, Study
from mlops_tui.tuning.narrowing import Narrowed, narrowed, searched, since_words
from mlops_tui.tuning.query import complete_trials, get_study
from mlops_tui.tuning.refusals import refuse_taken, require_budget
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.space import Space
from mlops_tui.tuning.table import StudyRow

NOT_IN_COMMON = {
    *("job_id", "best_run", "best_value", "ended", "reason", "warm_start"),
    *("held_out", "held_out_hash", "held_out_rows", "training_rows"),
}
"""What a study that goes on from another one does not have of it."""


class Steering:
    """What is changed of a study's space and of its trials."""

    def __init__(self, store: Store, settings: Settings, studies: Studies) -> None:
        self._store = store
        self._settings = settings
        self._studies = studies

    def narrow(self, study: Study, parameter: str, low: str, high: str) -> Narrowed:
        """Has a study draw a parameter from a part of its range, from the next trial on.

        Raises:
            UsageError: there is no such range, or the ends are not within it.
            JobError: the study has ended with all of its trials.
        """
        self._studies.refuse_done(study)
        with self._store.write() as writing:
            fresh = get_study(writing.connection, study.id)
            found = narrowed(searched(writing.connection, fresh), parameter, low, high)
            space, notices = {**fresh.space, found.name: found.after}, [*fresh.notices, since_words(found)]
            writing.execute(
                "UPDATE study SET space = ?, notices = ? WHERE id = ?",
                (json.dumps(space), json.dumps(notices), fresh.id),
            )
            before, after = ({found.name: one["attributes"]} for one in (found.before, found.after))
            writing.event("narrowed", ("study", fresh.id, fresh.name), before=before, after=after)
            writing.changed("studies")
        return found

    def continue_in_new(
        self,
        study: Study,
        *,
        families: Sequence[str] | None = None,
        space: Space | None = None,
        trials: int | None = None,
        name: str | None = None,
    ) -> Study:
        """Writes a study down that goes on from this one with other families or another space, and so many new trials
        beside those that it takes along (as many as this one was given unless said); nothing is started.

        Raises:
            UsageError: the families or the space do not fit, the trials are below one, or the name is taken.
        """
        require_budget(trials if trials is not None else 1, 1, None)
        found = continuation(
            study, complete_trials(self._store.reader, study.id), families, space, self._settings.families
        )
        row = self._row_of(study)
        new_trials = trials if trials is not None else study.trials
        parent, study_id = found.parent, new_id()
        row |= {
            "id": study_id,
            "name": name or self._studies.free_name(row.pop("source_name")),
            "families": json.dumps(found.families),
            "space": json.dumps(found.space) if found.space else None,
            "trials": new_trials + len(found.trials),
            "notices": json.dumps([*found.notices, f"It goes on from {study.name}. {words_of(found)}"]),
            "parent": json.dumps(asdict(parent)),
            "state": RUNNING,
            "created": now(),
        }
        with write_session(self._store) as writing:
            refuse_taken(writing, row["name"])
            writing.add(StudyRow(**row))
            after = {"from": study.name, "trials": len(found.trials), "families": found.families}
            writing.event("continued", ("study", study_id, row["name"]), before={"study": study.name}, after=after)
            writing.changed("studies")
        return get_study(self._store.reader, study_id)

    def _row_of(self, study: Study) -> dict[str, Any]:
        """What a study that goes on from this one has in common with it, and its source's name."""
        cursor = self._store.reader.execute(
            "SELECT study.*, source.name AS source_name FROM study JOIN source ON source.id = source_id WHERE study.id = ?",
            (study.id,),
        )
        row = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
        return {key: value for key, value in row.items() if key not in NOT_IN_COMMON}

    def hide(self, study: Study, trial: int, why: str | None = None) -> str:
        """Takes an ended trial out of the best, the pictures, the choice and what the sampler learns from; says what that
        changed.

        Raises:
            UsageError: there is no such trial, or it is hidden already.
            JobError: it has not ended.
        """
        return self._set_hidden(study, trial, why, is_hidden=True)

    def unhide(self, study: Study, trial: int, why: str | None = None) -> str:
        """Undoes `hide`; says what that changed.

        Raises:
            UsageError: there is no such trial, or it is not hidden.
        """
        return self._set_hidden(study, trial, why, is_hidden=False)

    def _set_hidden(self, study: Study, trial: int, why: str | None, *, is_hidden: bool) -> str:
        with self._store.write() as writing:
            told = write_hidden(writing, study, trial, is_hidden=is_hidden)
            before, after = ({"trial": trial, "hidden": was} for was in (not is_hidden, is_hidden))
            verb = "trial_hidden" if is_hidden else "trial_shown"
            writing.event(verb, ("study", study.id, study.name), why=why, before=before, after=after)
            writing.changed("trials", "studies")
        return told
