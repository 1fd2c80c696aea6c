"""Choosing the column that a window is told apart by."""

from __future__ import annotations

import sqlite3

from mlops_tui.data.query import get_source
from mlops_tui.data.slices import sliceable
from mlops_tui.presenters.slices import choices
from mlops_tui.tui.dialogs.picking import ToldScreen


class SliceByScreen(ToldScreen):
    """The answer is the name of a column."""

    TITLE_WORDS = "Slice by"


def columns_to_slice_by(connection: sqlite3.Connection, source_id: str) -> dict[str, str]:
    """The columns of a source that make slices, the declared ones first, and what is told of each."""
    source = get_source(connection, source_id)
    return choices(sliceable(connection, source), source.slices, source.kinds)
