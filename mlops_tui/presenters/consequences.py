"""What another kind of a column would do to a source's files, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_tui.presenters.words import counted, one_line

REASON = 200
"""So many characters of the reason of the first file are shown."""


def would_lose(told: Mapping[str, Any]) -> str | None:
    """What would be lost: files that would be quarantined, and rows that could no longer be read; None where neither."""
    words, reason = [], ""
    if told["lost"]:
        first = told["lost_files"][0]["reason"].split(". ")[0].rstrip(".")  # what to do comes behind it
        reason = f" The first: {one_line(first, REASON)}."
        words.append(f"{told['lost']:,} of {counted(told['files'], 'file')} would be quarantined")
    more = told["bad_rows"] - told["bad_rows_before"]
    if more > 0:
        words.append(f"{more:,} of {counted(told['rows'], 'row')} could no longer be read")
    if not words:
        return None
    return f"{', and '.join(words)}.{reason}"


def would_let_in(told: Mapping[str, Any]) -> str | None:
    """How many quarantined files would be taken in; None where none would."""
    return f"{counted(told['let_in'], 'quarantined file')} would be taken in." if told["let_in"] else None
