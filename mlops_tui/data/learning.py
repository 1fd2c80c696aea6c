"""Which rows of a source's version are learnt from: all, those of the newest files, or those since a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

ALL = "all"
_LAST, _SINCE = re.compile(r"last:(\d+)"), re.compile(r"since:(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class LearningWindow:
    """`files` newest ones, or rows from `first` on, by the source's time column, else by when their file came; neither for all."""

    text: str
    files: int | None = None
    first: date | None = None


def parse(text: str) -> LearningWindow:
    """`all`, `last:N` or `since:DATE`, dates as YYYY-MM-DD.

    Raises:
        UsageError: it is none of them.
    """
    asked = text.strip().lower()
    if asked == ALL:
        return LearningWindow(ALL)
    if (found := _LAST.fullmatch(asked)) and 0 < int(found[1]) < 10**6:
        return LearningWindow(f"last:{int(found[1])}", files=int(found[1]))
    if found := _SINCE.fullmatch(asked):
        try:
            first = date.fromisoformat(found[1])
        except ValueError:
            pass
        else:
            return LearningWindow(f"since:{first}", first=first)
    raise UsageError(f"'{printable(text)}' is no window to learn from.", "Say all, last:3 (files) or since:2026-03-31.")
