"""Choosing what runs are grouped by."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.tui.dialogs.picking import ToldScreen

NOTHING = ""
"""The answer where they are not to be grouped."""


class GroupingScreen(ToldScreen):
    """The answer is a field as it is written, `config`, or `NOTHING`."""

    TITLE_WORDS = "Group the runs by"
    NOTHING_WORDS = "not at all"

    def __init__(self, fields: Sequence[str], *, is_grouped: bool) -> None:
        told = {"config": "every parameter but the seed: mean and spread over seeds"} | dict.fromkeys(fields, "")
        super().__init__(({NOTHING: "each run by itself again"} if is_grouped else {}) | told)
