"""What profiles tell beyond a column's own figures: correlations, and a column file by file."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.presenters.by_file import by_file_cells, by_file_lines, middle_title
from mlops_tui.presenters.correlations import heat_cell, heat_matrix, pair_words, strongest_words, told_of
from mlops_tui.presenters.words import Cell
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.data_panels import ByFilePanel
from mlops_tui.tui.screens.data import DataPane
from tests.tui.seeing import WALKED, look, until_seen

TOLD = {
    "columns": ["age", "income", "debt"],
    "values": [[1.0, 0.84, -0.35], [0.84, 1.0, None], [-0.35, None, 1.0]],
}
MONTHS = {
    "value": None,
    "kind": "numeric",
    "files": [
        {"file": f"{month}.csv", "rows": 100, "missing": gone, "mean": mean, "std": 1.5, "min": 0.0, "max": 9.0}
        | {"share": None}
        for month, gone, mean in ((1, 0, 4.0), (2, 60, 8.0), (3, 0, None))
    ],
}


@pytest.mark.parametrize("size", WALKED)
async def test_correlations_are_a_heat_map_with_a_cursor(seen_loans: Services, size: tuple[int, int]) -> None:
    """Columns down and across, the pair under the cursor in words, the strongest below."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "2", "down", "m")
        await until_seen(pilot, "Correlations in months", "1 age", "2 income", "age and income: ", "strongest: ")
        await until_seen(pilot, "v1 · 900 rows")
        assert "age and defaulted: " in await look(pilot, "right")
        assert "Sources" in await look(pilot, "escape")


@pytest.mark.parametrize("size", WALKED)
async def test_an_opened_column_is_told_file_by_file(seen_loans: Services, size: tuple[int, int]) -> None:
    """The second month is of older people; of a category it is the share of the value that comes most often."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        there = ("tab",) if size[0] < 100 else ()
        await look(pilot, "2", "down", "enter", "down", "enter", *there)
        shown = await until_seen(pilot, "age by file of months", "2026-03.csv", "mean ")
        means = [float(line.split()[-2 if size[0] < 100 else -1]) for line in _of_files(shown, size[0])]
        assert means[1] > means[0] + 20
        assert "by file" not in await look(pilot, "escape")
        await look(pilot, "down", "down", "enter", *there)
        await until_seen(pilot, "channel by file", "share of online")


async def test_tab_leads_to_a_column_s_files_before_they_are_read(loans: Services) -> None:
    """What reads them is only being started: the focus waits for them."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "enter")
        await until_seen(pilot, "channel")
        await pilot.press("enter", "tab")
        await until_seen(pilot, "loan by file of loans", "loans.csv")
        assert isinstance(app.pane, DataPane)
        assert app.focused is app.pane.query_one(ByFilePanel).table


def _of_files(shown: str, width: int) -> list[str]:
    """The lines of files, without frames and what stands beside them."""
    lines = [line.strip("│ ") for line in shown.split("\n") if ".csv" in line]
    return [line.rpartition("│")[2].strip() if width > 100 else line for line in lines]


def test_a_correlation_is_shaded_by_its_size_and_dim_where_it_is_next_to_nothing() -> None:
    """Its sign is told by a sign, not by a colour alone; a column with itself says nothing."""
    assert heat_cell(0.84) == Cell("██ +.84", "accent")
    assert heat_cell(-0.35) == Cell("▒▒ -.35", "warn")
    assert heat_cell(0.04) == Cell("+.04", "dim")
    assert [heat_cell(number).text for number in (1.0, -1.0, 0.996, -0.994)] == [
        "██ +1.0",
        "██ -1.0",
        "██ +1.0",
        "██ -.99",
    ]
    assert heat_cell(None).text == "–"
    assert heat_cell(-0.35, plain=True).text == "-.35"
    matrix = heat_matrix(TOLD)
    assert matrix.columns == ("1 age", "2 income", "3 debt")
    assert matrix.cells[1][1] == Cell("1", "dim")


def test_a_pair_is_said_in_words_and_the_strongest_come_first() -> None:
    """By their size, whatever the sign."""
    assert pair_words(TOLD, 0, 1) == "age and income: +0.840, a strong linear relation: they rise together."
    assert pair_words(TOLD, 2, 0) == "debt and age: -0.350, a linear relation: one falls as the other rises."
    assert "no correlation" in pair_words(TOLD, 1, 2)
    assert strongest_words(TOLD) == "strongest: age · income +0.84, age · debt -0.35"


def test_columns_left_out_for_one_reason_are_told_together() -> None:
    """Three by name, the others by number; another reason is told for itself."""
    left_out = [{"column": f"c{place}", "why": "too many"} for place in range(5)] + [{"column": "d", "why": "late"}]
    told = strongest_words({**TOLD, "left_out": left_out})
    assert told.splitlines()[1] == "left out: c0, c1, c2 and 2 others (too many), d (late)"


def test_a_file_without_values_is_a_gap_in_the_line_over_the_files() -> None:
    """What is missing is drawn from zero, means between their least and their greatest."""
    cells = [by_file_cells(MONTHS, file) for file in MONTHS["files"]]  # type: ignore[attr-defined]
    assert [row[2] for row in cells] == [Cell("0.0%", "dim"), Cell("60.0%", "warn"), Cell("0.0%", "dim")]
    assert [row[3].text for row in cells] == ["4", "8", "–"]
    assert middle_title(MONTHS) == "mean"
    assert by_file_lines(MONTHS, symbols="braille") == "mean ▁█    missing ▁█▁"


def test_of_very_many_columns_it_is_said_how_many_are_told_in_pairs() -> None:
    """Where all are, nothing is said; columns of other kinds do not count."""
    told = {"version": 2, "rows": 1, "columns": ["a", "b"]}
    kinds = {"a": "integer", "b": "numeric", "c": "category"}
    assert told_of(told, kinds) == "v2 · 1 row"
    assert told_of(told, kinds | {"d": "integer"}) == "v2 · 1 row · 2 of 3 numeric columns"
