"""What is said of a study once it is there."""

from __future__ import annotations

import json

from mlops_tui.store.store import Store
from mlops_tui.tuning.model import Study

NOT_ANEW = "The finalists were not scored once more"
"""How the sentence begins that says why."""


def note(store: Store, study: Study, *said: str, first: bool = False) -> None:
    """Says these sentences once among the study's notices, at their end or before all others."""
    if not said:
        return
    with store.write() as writing:
        (row,) = writing.execute("SELECT notices FROM study WHERE id = ?", (study.id,)).fetchall()
        known = [words for words in json.loads(row[0]) if words not in said]
        notices = json.dumps([*said, *known] if first else [*known, *said])
        writing.execute("UPDATE study SET notices = ? WHERE id = ?", (notices, study.id))
        writing.changed("studies")
