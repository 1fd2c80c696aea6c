"""Small tables one below the other: nothing is lost where the terminal is narrow."""

from __future__ import annotations

import pytest

from mlops_tui.presenters.column_page import Table
from mlops_tui.presenters.words import Cell
from mlops_tui.tui.panels.tables import tables_content

DEFINITION = "current mean less the reference's, in standard deviations of the reference (ddof 0)"
MEASURES = Table("Measures", ("measure", "figure", "definition"), [(Cell("shift"), Cell("0.2"), Cell(DEFINITION))])
FILES = Table(
    "Files",
    ("file", "rows"),
    [(Cell("2026/applications-of-the-west.csv"), Cell("5,000")), (Cell("a.csv"), Cell("12"))],
    frozenset({"rows"}),
    "All together.",
)


@pytest.mark.parametrize("width", [30, 40, 76])
def test_text_that_does_not_fit_goes_on_below_and_digits_stay_whole(width: int) -> None:
    """A file's name gives way in its middle, since names that begin alike are told apart by their ends."""
    lines = tables_content([MEASURES, FILES], width, "A sentence.").plain.splitlines()
    assert lines[0] == "A sentence."
    assert max(map(len, lines)) <= width
    words = " ".join(" ".join(line.split()) for line in lines)
    assert words.replace("shift 0.2 ", "").count(DEFINITION) == 1
    first, second = (line for line in lines if line.endswith(("5,000", "12")))
    assert first.startswith("2026/app")
    assert first.split()[0].endswith("west.csv") is True
    assert first.index("5,000") + 5 == second.index("12") + 2
    assert lines[-1] == "All together."
