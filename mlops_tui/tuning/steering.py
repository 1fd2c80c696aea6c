"""The verbs that change what a study searches once it has begun."""

from __future__ import annotations

import json

from mlops_tui.store.store import Store
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
