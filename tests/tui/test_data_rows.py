"""The rows of files and of statements: asked for part by part, filtered, sorted, and no longer than somebody waits."""

from __future__ import annotations

import csv

import pytest
from textual.widgets import Input

from mlops_tui.bootstrap import Services
from mlops_tui.presenters.grid import WIDEST, WIDEST_NAME, Room, at_point, grid_cell, grid_room, grid_width, sql_name
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.lists.asked import Errand, FileRows, Found, Part, Record, SqlRows
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.grid import GridTable
from mlops_tui.tui.panels.pages import PAGE
from mlops_tui.tui.panels.rows import Order
from mlops_tui.tui.screens.data import DataPane
from tests.living import AT_REST, Living
from tests.tui.seeing import WALKED, look, settled, text_of, until_seen

ENDLESS = "SELECT sum(a.age * b.age + c.age) FROM months a, months b, months c, months d"


@pytest.mark.parametrize("size", WALKED)
async def test_the_newest_file_is_previewed_sorted_and_filtered(seen_loans: Services, size: tuple[int, int]) -> None:
    """`v` shows its rows, `o` sorts by the column under the cursor, `/` filters; a whole row opens, and esc goes back."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "2", "down", "v")
        shown = await until_seen(
            pilot, "months · 2026-03.csv, the newest · f all of v1", "row 1 of 300 · columns 1–5 of 5", "L1300000"
        )
        assert "loan  identifier  L1300000" in shown
        points = {line.index(".") for line in shown.splitlines() if "  L13" in line and "." in line}
        assert len(points) == 1
        await look(pilot, "right", "o", "o")
        shown = await until_seen(pilot, "age ▾", "age  integer  60")
        app.query_one("#preview FilterLine", FilterLine).open("channel = broker")
        shown = await until_seen(pilot, "that fit, of 300")
        assert "online" not in shown
        await look(pilot, "enter", "j", "enter")
        shown = await until_seen(pilot, "Row 2", "5 columns")
        assert "channel    category    broker" in shown
        assert "that fit" in await look(pilot, "escape")
        assert "that fit" not in await look(pilot, "escape")
        assert "Sources" in await look(pilot, "escape")


async def test_an_opened_row_leads_to_the_next_and_the_one_before(seen_loans: Services) -> None:
    """Also where its page is not read yet; at the end the key says so, and esc leads back to the row that was seen."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "v")
        await until_seen(pilot, "row 1 of 400")
        table = app.query_one(GridTable)
        table.move_to(PAGE - 2)
        await look(pilot, "enter")
        await until_seen(pilot, f"Row {PAGE - 1} ", "L0100062")
        await look(pilot, "J")
        await until_seen(pilot, f"Row {PAGE} ", "L0100063")
        await look(pilot, "J")
        await until_seen(pilot, f"Row {PAGE + 1} ", "L0100064")
        await look(pilot, "K")
        await until_seen(pilot, f"Row {PAGE} ", "L0100063")
        assert f"row {PAGE} of 400" in await look(pilot, "escape")
        await look(pilot, "G", "enter")
        await until_seen(pilot, "Row 400 ", "L0100399")
        assert "It is the last of the list." in await look(pilot, "J")


async def test_the_chosen_file_and_its_whole_version_are_previewed(seen_loans: Services) -> None:
    """From the list of files it is the one under the cursor; a file that is quarantined is seen as it is."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "down", "enter", "shift+tab", "G", "v")
        assert "channel" not in await until_seen(pilot, "months · 2026-04.csv", "columns 1–3 of 3")
        await look(pilot, "f")
        await until_seen(pilot, "months · v1", "row 1 of 900", "columns 1–5 of 5")
        await look(pilot, "G")
        await until_seen(pilot, "row 900 of 900", "L1300299")


@pytest.mark.slow
async def test_filter_and_order_stay_as_the_whole_version_is_turned_to_and_back(seen_loans: Services) -> None:
    """What the line says is what is shown; where a file lacks the column, both go with the line."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "down", "enter", "shift+tab", "G", "v")
        await until_seen(pilot, "months · 2026-04.csv", "row 1 of 300")
        await look(pilot, "right", "o", "o")
        app.query_one("#preview FilterLine", FilterLine).open("age > 50")
        await until_seen(pilot, "age ▾", "that fit, of 300")
        await look(pilot, "enter", "f")
        await until_seen(pilot, "months · v1", "age ▾", "that fit, of 900", "age > 50")
        await look(pilot, "f")
        await until_seen(pilot, "months · 2026-04.csv", "age ▾", "that fit, of 300")
        await look(pilot, "f")
        app.query_one("#preview FilterLine", FilterLine).open("channel = broker")
        await until_seen(pilot, "months · v1", "that fit, of 900")
        await look(pilot, "enter", "f")
        shown = await until_seen(pilot, "months · 2026-04.csv", "row 1 of 300")
        assert "broker" not in shown
        assert "▾" not in shown


async def test_of_very_many_columns_only_those_around_are_asked_for(loans: Services) -> None:
    """What is in sight and as many again at each side; going right asks for the next, and every one is reached."""
    living = _with_wide(loans, 120)
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "G", "v")
        await until_seen(pilot, "of 120", "c0 ")
        table = app.query_one(GridTable)
        seen = set(range(*table.shown_columns))
        for _ in range(100):
            if not table.has_right:
                break
            table.do_page_right()
            await settled(pilot)
            seen |= set(range(*table.shown_columns))
            assert len(table.columns) <= 50
        assert seen == set(range(120))
        assert "0119" in text_of(app)
        await look(pilot, "left_square_bracket", "left", "left")
        assert table.cell is not None
        assert table.cell[2].text == f"{table.column:04d}"
    living.close()


async def test_a_filter_that_names_no_column_says_so_and_keeps_the_rows(seen_loans: Services) -> None:
    """What can be meant follows from the columns that there are."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "v")
        await until_seen(pilot, "loans · loans.csv", "L0100000")
        app.query_one("#preview FilterLine", FilterLine).open("salary > 3")
        assert "L0100000" in await until_seen(pilot, "There is no column 'salary'")
        await look(pilot, "escape")
        assert "salary" not in text_of(app)


async def test_a_filter_that_nothing_matches_is_taken_off_before_the_preview_is_left(seen_loans: Services) -> None:
    """A filter that cannot be read says why, and keeps the rows."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "v")
        await until_seen(pilot, "loans · loans.csv", "L0100000")
        line = app.query_one("#preview FilterLine", FilterLine)
        line.open("age > 60 or")
        assert "L0100000" in await until_seen(pilot, "a condition is missing after or")
        line.open("age > 9000 or age is null")
        await look(pilot, "enter")
        await until_seen(pilot, "Nothing matches the filter.")
        await look(pilot, "escape")
        assert "loans · loans.csv" in await until_seen(pilot, "L0100000")
        assert "Sources" in await look(pilot, "escape")


async def test_a_file_that_has_grown_meanwhile_is_as_long_as_it_is_now(loans: Services) -> None:
    """The pages that are read next are of the new content, so that all are read anew."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "v")
        await until_seen(pilot, "row 1 of 400")
        with (loans.workspace.root / "loans.csv").open("a") as file:
            file.write("L9999999,33,1.5,online,0\r\n" * 100)
        await look(pilot, "G", "G")
        await until_seen(pilot, "row 500 of 500", "L9999999")


async def test_a_file_that_is_gone_says_what_to_do(loans: Services) -> None:
    """The layer stays, with the reason and the fix in it."""
    (loans.workspace.root / "loans.csv").unlink()
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "v")
        await until_seen(pilot, "✗ loans.csv does not exist.")
        assert "Sources" in await look(pilot, "escape")


@pytest.mark.parametrize("size", WALKED)
async def test_a_statement_is_asked_mended_and_asked_again(seen_loans: Services, size: tuple[int, int]) -> None:
    """The answer is a table; an error stands under the line; what was asked before comes back by the up key."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "2", "Q")
        line = app.query_one("#sql Input", Input)
        await look(pilot, "end", *"nay", "enter")
        await until_seen(pilot, "row 1 of 64, and more")
        line.value = "SELECT nay FROM loans"
        await look(pilot, "i", "enter")
        await until_seen(pilot, "The SQL cannot be answered", "loans has loan, age, income")
        line.value = "SELECT channel, count(*) AS many FROM months GROUP BY channel ORDER BY channel"
        await look(pilot, "enter")
        shown = await until_seen(pilot, "row 1 of 3 · columns 1–2 of 2", "branch")
        assert "cannot be answered" not in shown
        await look(pilot, "i", "up", "up", "up")
        assert line.value == "SELECT * FROM loans nay"
        line.value = "COPY loans TO 'stolen.csv'"
        await look(pilot, "enter")
        await until_seen(pilot, "sources are only read")
        assert "Sources" in await look(pilot, "escape")
    assert not (seen_loans.workspace.root / "stolen.csv").exists()


async def test_an_answer_is_asked_for_once_though_its_table_is_hidden_until_then(seen_loans: Services) -> None:
    """All columns that there is room for come with it."""
    parts: list[Part] = []

    class Counted(SqlRows):
        def found(self, errand: Errand, part: Part) -> Found:
            parts.append(part)
            return super().found(errand, part)

    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "Q")
        app.query_one("#sql GridTable", GridTable).turn_to(Counted("SELECT * FROM months"))
        await until_seen(pilot, "columns 1–5 of 5")
        assert len(parts) == 1


async def test_what_is_typed_replaces_the_statement_or_the_filter_that_stands_there(seen_loans: Services) -> None:
    """The prompt's own statement, and a filter that is opened again; the end key goes on from it."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "Q", "x")
        assert app.query_one("#sql Input", Input).value == "x"
        await look(pilot, "escape", "slash", *"loa", "enter", "slash", *"m")
        assert app.query_one("#source-list Input", Input).value == "m"
        await look(pilot, "enter", "slash", "end", "o")
        assert app.query_one("#source-list Input", Input).value == "mo"


async def test_a_long_answer_is_fetched_as_it_is_gone_through(seen_loans: Services) -> None:
    """A page at first; the rest when the end of that is gone to."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "Q")
        app.query_one("#sql Input", Input).value = "SELECT loan FROM months ORDER BY loan"
        await look(pilot, "enter")
        await until_seen(pilot, "row 1 of 64, and more")
        await look(pilot, "G", "G")
        await until_seen(pilot, "row 900 of 900", "L1300299")


async def test_a_query_that_nobody_waits_for_is_taken_back(seen_loans: Services) -> None:
    """Leaving the prompt ends the work for it at once: the next question does not wait for it."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "Q")
        app.query_one("#sql Input", Input).value = ENDLESS
        await pilot.press("enter")
        await pilot.pause(0.6)
        table = app.query_one("#sql GridTable", GridTable)
        assert table.is_asking
        await look(pilot, "escape")
        assert isinstance(app.pane, DataPane)
        assert app.pane.top is None
        answer = seen_loans.asking.ask("sql", query="SELECT 1 AS one", timeout=60)
        assert answer["rows"] == [[1]]


class EndlessUnlessFiltered:
    """The rows of a source, which take for ever as long as there is no filter."""

    def __init__(self, rows: FileRows) -> None:
        self.rows = rows

    def found(self, errand: Errand, part: Part) -> Found:
        if not part.order.where:
            errand.ask("sql", query=ENDLESS)
        return self.rows.found(errand, part)

    def record(self, errand: Errand, order: Order, row: int) -> Record:
        return self.rows.record(errand, order, row)


async def test_a_question_gives_way_to_the_next_as_soon_as_that_is_asked(seen_loans: Services) -> None:
    """A filter that is typed while the rows are still looked for does not wait for them."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "v")
        await until_seen(pilot, "loans · loans.csv", "L0100000")
        table = app.query_one(GridTable)
        assert isinstance(table.asked, FileRows)
        table.turn_to(EndlessUnlessFiltered(table.asked))
        await pilot.pause(0.5)
        assert table.is_asking
        app.query_one("#preview FilterLine", FilterLine).open("channel = broker")
        await until_seen(pilot, "that fit, of 400")
        assert not table.is_asking


def test_values_are_cells_as_they_are_written_and_columns_as_wide_as_they_need() -> None:
    """A missing value is a sign in a tone of its own; no value takes more than its share of the width."""
    assert [grid_cell(value).text for value in ("007", 1.5, True, "two\nlines")] == ["007", "1.5", "true", "two lines"]
    assert grid_cell(None) != grid_cell("–")
    assert grid_width("age", grid_room([grid_cell("x" * 500)], Room(), numbers=False)) == WIDEST
    assert grid_width("age", grid_room([grid_cell(3)], Room(9), numbers=True)) == 9
    assert grid_width("a" * 60, grid_room([grid_cell(3)], Room(9), numbers=True)) == WIDEST_NAME


def test_numbers_stand_with_their_points_in_one_line() -> None:
    """Nothing is added to a number but blanks; one that does not fit is not shortened by them."""
    numbers = [grid_cell(value) for value in (1234, 0.5, -12.25, 1e-07, None)]
    room = grid_room(numbers, Room(), numbers=True)
    width = grid_width("x", room)
    assert [at_point(cell.text, room.fraction, width).rjust(width) for cell in numbers] == [
        "1234    ",
        "   0.5  ",
        " -12.25 ",
        "   1e-07",
        "   –    ",
    ]
    assert at_point("123456.5", 9, 10) == "123456.5  "


@pytest.mark.parametrize(
    ("name", "wanted"), [("loans", "loans"), ("order", '"order"'), ("2026", '"2026"'), ("a-b", '"a-b"')]
)
def test_a_source_is_named_as_sql_takes_it(name: str, wanted: str) -> None:
    """Names with signs, and words that mean something else, stand in quotes."""
    assert sql_name(name) == wanted


def _with_wide(loans: Services, columns: int) -> Living:
    """A source of many columns beside the others, taken in."""
    root = loans.workspace.root
    with (root / "wide.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"c{place}" for place in range(columns)])
        writer.writerow([f"{place:04d}" for place in range(columns)])
        writer.writerow([f"{place:04d}" for place in range(columns)])
    living = Living(root)
    source = living.services.sources.add(root / "wide.csv", name="wide")
    assert AT_REST.settle_seconds == 0
    living.do("scan", {"sources": [source.id]})
    return living
