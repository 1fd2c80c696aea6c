"""Textual's own table, filled with as many runs as are asked for: `bare_table.py ROWS`, and then the key 4."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Header


class BareTable(App[None]):
    """A table that is empty until 4 is pressed."""

    TITLE = "A bare Textual table"
    BINDINGS = [("4", "fill", "Fill")]

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable()

    def action_fill(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("run", "status", "auc", "loss", "depth", "model", "started")
        for place in reversed(range(int(sys.argv[1]))):
            table.add_row(f"run-{place:05d}", "finished", "0.9123", "0.1234", str(place % 7), "hgb", "2026-05-28")


if __name__ == "__main__":
    BareTable().run()
