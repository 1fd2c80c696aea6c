"""Sources and files in words."""

from __future__ import annotations

from dataclasses import replace

from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source, SourceFile
from mlops_tui.presenters.data import Standing, file_cells, scans_line, standing_cell, why_quarantined


def source() -> Source:
    return Source(
        id="1",
        name="loans",
        path="months",
        pattern="*.csv",
        role="live",
        target=None,
        positive=None,
        time_column=None,
        id_column=None,
        group_column=None,
        kinds={},
        roles={},
        reasons={},
        options={},
        salt="",
        held_out=None,
        version=0,
        created="",
        archived=None,
    )


def file(state: str, reason: str | None = None, row: int | None = None, column: str | None = None) -> SourceFile:
    return SourceFile("1", "1", "a.csv", "", 1, 1, None, state, reason, None, row, column, None, None, "")


def test_a_source_is_as_its_most_urgent_state() -> None:
    """Being scanned comes before files that are quarantined, and those before files that are in."""
    files = {TAKEN_IN: 3, QUARANTINED: 2}
    assert standing_cell(Standing(source(), files, None, None, is_scanned=True)).text == "▶ scanning"
    assert standing_cell(Standing(source(), files, None, None, is_scanned=False)).text == "▲ 2 quarantined"
    assert standing_cell(Standing(source(), {TAKEN_IN: 3}, None, None, is_scanned=False)).text == "✓ all taken in"
    late = "A file is overdue."
    assert standing_cell(Standing(source(), {TAKEN_IN: 3}, None, None, False, late)).text == "▲ file overdue"
    assert standing_cell(Standing(source(), files, None, None, False, late)).text == "▲ 2 quarantined"
    broken = "checks/s.toml, line 3: this is not TOML."
    assert standing_cell(Standing(source(), files, None, None, False, None, broken)).text == "▲ checks broken"
    assert standing_cell(Standing(source(), files, None, None, False, None, "It is away.")).text == "▲ unreachable"
    assert standing_cell(Standing(source(), {}, None, None, is_scanned=False), plain=True).text == "o no files yet"


def test_a_released_file_says_why_beside_what_it_has_in_common_with_another() -> None:
    let_in = replace(file(TAKEN_IN), seen_at="2026-01-01T00:00:00Z", released="a new branch")
    assert (
        file_cells(let_in, "2026-01-01T00:00:00Z", 0.0, twice="counts twice")[-1].text
        == "released: a new branch; counts twice"
    )


def test_where_a_file_broke_is_said_once() -> None:
    """Line and column are added to the reason unless it names them."""
    assert why_quarantined(file(TAKEN_IN)) == ""
    assert why_quarantined(file(QUARANTINED, "It is no number.", 12, "age")) == "It is no number. (line 12, column age)"
    assert why_quarantined(file(QUARANTINED, "Line 12 has no age.", 12, "age")) == "Line 12 has no age."


def test_a_scan_of_many_sources_is_one_sentence() -> None:
    """Sums of what was done, and where it is told source by source; of a single source what was done in it."""
    nothing = dict.fromkeys(("taken", "gone", "renamed", "left", "quarantined", "warned", "duplicates", "overlaps"), 0)
    told = [{**nothing, "source": f"s{n}", "version": 1, "kept_out": 0, "trouble": None} for n in range(57)]
    where = " The log of the job says it source by source: 8."
    assert scans_line(told) == "57 sources scanned: no file is new, changed or gone." + where
    told[3] |= {"taken": 2, "gone": 1, "kept_out": 1}
    told[4] |= {"taken": 1, "kept_out": 5, "warned": 1}
    told[5] |= {"trouble": "The folder cannot be listed."}
    assert scans_line(told) == (
        "57 sources scanned: 3 taken in, 1 gone; 1 warned of; 6 quarantined; 1 source in trouble." + where
    )
    assert scans_line(told[3:4]) == "s3: 2 taken in, 1 gone, 1 quarantined; version 1"
    assert scans_line([]) == "Nothing was scanned."
