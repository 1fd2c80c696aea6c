"""The verbs that change what a study searches once it has begun."""

from __future__ import annotations

import json

from mlops_tui.store.store import Store
from mlops_tui.tuning.hiding import write_hidden
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.narrowing import Narrowed, narrowed, searched, since_words
from mlops_tui.tuning.query import get_study
from mlops_tui.tuning.service import Studies


class Steering:
    """What is changed of a study's space and of its trials."""

    def __init__(self, store: Store, studies: Studies) -> None:
        self._store = store
        self._studies = studies

    def narrow(self, study: Study, parameter: str, low: str, high: str) -> Narrowed:
        """Has a study draw a parameter from a part of its range, from the next trial on.

        Raises:
            UsageError: there is no such range, or the ends are not within it.
            JobError: the study has ended with all of its trials.
        """
        self._studies.refuse_done(study)
        with self._store.write() as writing:
            now = get_study(writing.connection, study.id)
            found = narrowed(searched(writing.connection, now), parameter, low, high)
            space, notices = {**now.space, found.name: found.after}, [*now.notices, since_words(found)]
            writing.execute(
                "UPDATE study SET space = ?, notices = ? WHERE id = ?",
                (json.dumps(space), json.dumps(notices), now.id),
            )
            before, after = ({found.name: one["attributes"]} for one in (found.before, found.after))
            writing.event("narrowed", ("study", now.id, now.name), before=before, after=after)
            writing.changed("studies")
        return found

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
