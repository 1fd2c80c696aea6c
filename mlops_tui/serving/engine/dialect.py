"""A file of no source is read as the training files are, and where it cannot be, as it tells itself."""

from __future__ import annotations

from pathlib import Path

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.reading import raw_file
from mlops_tui.data.options import ReadOptions

TOLD = ("delimiter", "decimal", "encoding", "quote")
"""The options by which files that say the same differ."""


def own_options(path: Path, given: ReadOptions) -> ReadOptions | None:
    """How the file itself tells that it is read, nothing left open; None where that is as `given` has it or cannot be told. The
    fields that are missing values stay those that are given.
    """
    plain = ReadOptions(missing=given.missing)
    try:
        with raw_file(path, plain, is_known=True) as (_, raw):
            found = raw.options
    except FileUnreadable:
        return None
    return found if any(getattr(found, name) != getattr(given, name) for name in TOLD) else None


def told_of(options: ReadOptions) -> dict[str, str | None]:
    """What a person is told of them."""
    return {name: getattr(options, name) for name in TOLD}
