"""The windowed table: only what is shown is read, and the cursor keeps its row."""

from __future__ import annotations

import sqlite3
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.bootstrap import Services
from mlops_tui.presenters.words import in_middle
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.pages import PAGE
from mlops_tui.tui.panels.rows import GAP, Column, Order, layout, most_skip
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_line import fitted
from tests.tui.filling import add_runs
from tests.tui.seeing import look, settled, text_of

COLUMNS = st.lists(
    st.builds(Column, st.just("c"), st.integers(1, 30), st.integers(0, 6), grows=st.booleans()), min_size=1, max_size=12
)


@given(COLUMNS, st.integers(1, 200), st.integers(0, 12))
def test_columns_never_outgrow_the_width(columns: list[Column], width: int, skip: int) -> None:
    """Whatever columns there are, those shown fit, in their own order, and at least one is shown."""
    placed = layout(columns, width, skip)
    shown = sum(one.width for one in placed) + GAP * (len(placed) - 1)
    assert shown <= width
    assert [one.index for one in placed] == sorted(one.index for one in placed)
    assert placed or all(column.priority for column in columns)


@given(COLUMNS, st.integers(1, 200))
def test_columns_that_have_to_stay_come_before_all_others(columns: list[Column], width: int) -> None:
    """No column is shown while a more important one, not wider, is left out."""
    placed = {one.index for one in layout(columns, width)}
    for index in placed:
        for other, column in enumerate(columns):
            if other not in placed and column.width <= columns[index].width:
                assert (column.priority, other) > (columns[index].priority, index)


def test_moving_sideways_brings_every_column_into_sight() -> None:
    """The pinned column stays; each of the others can be reached."""
    columns = [Column("name", 10, priority=0), *(Column(f"c{place}", 10, priority=3) for place in range(9))]
    seen = {one.index for skip in range(most_skip(columns, 40) + 1) for one in layout(columns, 40, skip)}
    assert seen == set(range(10))
    assert all(layout(columns, 40, skip)[0].index == 0 for skip in range(8))


@pytest.mark.parametrize(
    ("text", "width", "right", "wanted"),
    [
        ("loans", 8, False, "loans   "),
        ("loans", 8, True, "   loans"),
        ("loans-of-2026", 8, False, "loans-o…"),
        ("データ集", 6, False, "デー …"),
        ("x", 0, False, ""),
    ],
)
def test_a_cell_is_cut_or_filled_to_its_width(text: str, width: int, right: bool, wanted: str) -> None:
    """Wide characters count as two; what is cut off is said."""
    assert fitted(text, width, right=right) == wanted


@pytest.mark.parametrize(
    ("text", "width", "wanted"),
    [
        ("measurement_number_001", 12, "measur…r_001"),
        ("measurement_number_001", 22, "measurement_number_001"),
        ("measurement_number_001", 5, "meas…"),
        ("データの集まり01", 9, "デー…り01"),
    ],
)
def test_a_name_is_cut_in_its_middle(text: str, width: int, wanted: str) -> None:
    """Names that begin alike are told apart; where there is next to no room the beginning is all."""
    assert fitted(text, width, middle=True).rstrip() == wanted
    assert in_middle("a" * 20 + "b" * 20, 9) == "aaaa…bbbb"


async def test_the_cursor_stays_on_its_run_when_newer_ones_arrive(services: Services) -> None:
    """Five newer runs push the row down; the cursor goes with it."""
    add_runs(services, 40)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        table = app.query_one("#run-list WindowedTable", WindowedTable)
        await pilot.press(*"jjjj")
        before = table.row
        assert before is not None
        assert table.cursor == 4
        add_runs(services, 5, first=40)
        await settled(pilot, 0.5)
        assert table.row is not None
        assert table.row.id == before.id
        assert table.cursor == 9
        assert table.count == 45


async def test_an_opened_run_leads_to_the_next_and_the_one_before(services: Services) -> None:
    """The cursor of the list goes along; at its end the key says so."""
    add_runs(services, 3)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "4", "enter")
        assert app.pane is not None
        assert "─ run-00002 ─" in text_of(app)
        assert "─ run-00001 ─" in await look(pilot, "J")
        assert "─ run-00000 ─" in await look(pilot, "J")
        assert "It is the last of the list." in await look(pilot, "J")
        assert "─ run-00001 ─" in await look(pilot, "K")
        await look(pilot, "escape")
        table = app.query_one("#run-list WindowedTable", WindowedTable)
        assert table.cursor == 1
        assert "Nothing is opened from a list." in await look(pilot, "J")


async def test_marks_survive_sorting_and_filtering(services: Services) -> None:
    """A mark belongs to a run, not to a place."""
    ids = add_runs(services, 20)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        table = app.query_one("#run-list WindowedTable", WindowedTable)
        await pilot.press("space", "S")
        await settled(pilot)
        assert list(table.marks) == [ids[-1]]
        assert app.pane is not None
        assert app.pane.copied() == ids[-1]
        assert table.order.descending is False
        assert "run-00000" in text_of(app)


async def test_a_filter_that_cannot_be_read_says_where_and_keeps_the_list(services: Services) -> None:
    """The error stands under the line that is typed into; the rows before it stay."""
    add_runs(services, 5)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        app.query_one("#run-list FilterLine", FilterLine).open("metrics.auc >")
        await settled(pilot, 0.3)
        shown = text_of(app)
        line, below = next((line, below) for line, below in pairwise(shown.splitlines()) if "/ metrics.auc >" in line)
        assert below.index("^ a value is missing") == line.index("metrics.auc >") + len("metrics.auc >")
        assert "run-00004" in shown
        await pilot.press("escape")
        await settled(pilot, 0.3)
        assert "is missing" not in text_of(app)


@pytest.mark.parametrize("number", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
async def test_very_many_runs_are_read_a_page_at_a_time(services: Services, number: int) -> None:
    """Opening, going to the end and sorting by a metric read a few pages, each within the time of a blink."""
    add_runs(services, number)
    read: list[tuple[int, int]] = []
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        table = app.query_one("#run-list WindowedTable", WindowedTable)
        source = table.source
        original = source.rows

        def noted(connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> object:
            read.append((offset, limit))
            return original(connection, order, offset=offset, limit=limit)

        source.rows = noted  # type: ignore[method-assign,assignment]
        for keys, wanted in ((["G"], "run-00000"), (["g"], f"run-{number - 1:05d}"), (["s"], "▾")):
            began = time.perf_counter()
            await pilot.press(*keys)
            await settled(pilot)
            assert wanted in text_of(app)
            assert time.perf_counter() - began < 2.0
        assert sum(limit for _, limit in read) <= 12 * PAGE


async def test_another_order_that_is_asked_for_during_a_read_begins_at_its_top(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that the read under way brings the cursor to is not followed into the other list."""
    add_runs(services, 12)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4")
        table = app.query_one("#run-list WindowedTable", WindowedTable)
        rows = table.source.rows

        def slowly(*given: Any, **more: Any) -> Any:
            time.sleep(0.2)
            return rows(*given, **more)

        monkeypatch.setattr(table.source, "rows", slowly)
        table.reload()
        table.reorder(Order(sort="started", descending=False))
        await settled(pilot, 0.6)
        assert table.cursor == 0
        assert table.row is not None
        assert table.row.cells[0].text == "run-00000"
