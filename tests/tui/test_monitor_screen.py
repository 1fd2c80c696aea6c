"""The monitor screen: windows across, columns down, and one column in both windows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.jobs.query import list_jobs
from mlops_tui.monitoring.query import list_reports
from mlops_tui.presenters.monitor import matrix
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tui.panels.chart import Chart
from mlops_tui.tui.panels.matrix import short_labels
from mlops_tui.tui.screens.monitor import MonitorPane
from tests.processes import processes_of, wait_for
from tests.tui.loans import compare_together, only_looked_at
from tests.tui.seeing import SIZES, fill_form, look, looks_as_kept, text_of, until_seen


@pytest.fixture(scope="module")
def told_loans(made_loans: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A copy in which the three months were compared as one window too, of which the second moved."""
    root = Path(shutil.copytree(made_loans, tmp_path_factory.mktemp("told") / "loans"))
    compare_together(root, "v1")
    found = open_services(root)
    yield found
    found.close()


async def arrive(pilot: Pilot[None]) -> MonitorPane:
    """Goes to the screen and waits for its time line."""
    await look(pilot, "7")
    await until_seen(pilot, "2026-03", "Drift of months against training")
    assert isinstance(pilot.app.pane, MonitorPane)  # type: ignore[attr-defined]
    return pilot.app.pane  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("size", SIZES)
async def test_the_time_line_has_the_window_that_drifted(seen_loans: Services, size: tuple[int, int]) -> None:
    """Verdict and effect for each column and window; at 160 columns with the column in both windows."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        await arrive(pilot)
        await look(pilot, "left")
        await until_seen(
            pilot, "▲ 2.19", "training, 400 rows" if size[0] > 100 else "age in 2026-02.csv: moved by 2.19"
        )
        await looks_as_kept(pilot, f"monitor-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_workspace_without_sources_says_where_one_is_added(services: Services, size: tuple[int, int]) -> None:
    """Nothing to compare leads to the data screen, and comparing says so."""
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "7")
        await until_seen(pilot, "No sources yet.", "2 leads to where one is added.")
        await looks_as_kept(pilot, f"monitor-empty-{size[0]}x{size[1]}")


async def test_a_drift_panel_is_opened_by_keys_alone_at_80_columns(seen_loans: Services) -> None:
    """`7`, an arrow, enter: the window by column and the histograms; enter again the column alone; esc comes back."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrive(pilot)
        await look(pilot, "left", "enter")
        await until_seen(pilot, "2026-02.csv · 300 rows", "2.19 sd", "training, 400 rows", "PSI")
        await looks_as_kept(pilot, "monitor-window-80x24")
        await look(pilot, "enter")
        shown = await until_seen(pilot, "age · 2026-02.csv against training")
        assert "2026-02.csv · 300 rows" not in shown
        assert "2026-02.csv · 300 rows" in await look(pilot, "escape")
        assert "Drift of months" in await look(pilot, "escape")


async def test_the_panels_follow_the_cursor_both_ways(seen_loans: Services) -> None:
    """A column that is chosen in the matrix is shown; one that is chosen in the list moves the matrix."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await arrive(pilot)
        await look(pilot, "down", "down")
        await until_seen(pilot, "channel · 2026-03.csv against training", "online")
        await look(pilot, "left", "up", "up")
        await until_seen(pilot, "age · 2026-02.csv against training", "▲ drift  integer")
        await look(pilot, "enter", "down")
        await until_seen(pilot, "income · 2026-02.csv")
        assert pane.timeline.column == "income"
        await look(pilot, "greater_than_sign")
        await until_seen(pilot, "income · 2026-03.csv")


@pytest.mark.parametrize("size", SIZES)
async def test_a_window_is_told_apart_by_a_column_by_keys_alone(sliced_loans: Services, size: tuple[int, int]) -> None:
    """`s`, the column, enter: its slices; enter: the columns of one; esc comes back one layer after the other."""
    app = MlopsApp(sliced_loans)
    before = len(list_jobs(sliced_loans.store.reader))
    async with app.run_test(size=size) as pilot:
        await arrive(pilot)
        await look(pilot, "left", "s")
        await until_seen(pilot, "Slice by", "channel", "category: reads the files")
        await look(pilot, *"chan", "enter")
        await until_seen(pilot, "2026-02.csv by channel", "By slice: 3 of 3 slices by channel", "online")
        await looks_as_kept(pilot, f"monitor-slices-{size[0]}x{size[1]}")
        await look(pilot, "enter")
        await until_seen(pilot, "channel = online: ", "in the whole", "age", "▲ drift")
        await looks_as_kept(pilot, f"monitor-slice-{size[0]}x{size[1]}")
        await look(pilot, "escape")
        assert "2026-02.csv by channel" in await until_seen(pilot, "branch")
        assert "Drift of months" in await look(pilot, "escape")
    assert len(list_jobs(sliced_loans.store.reader)) == before  # it was told before


async def test_slices_that_were_not_told_yet_are_a_job_and_come_when_it_ends(loans: Services) -> None:
    """The report stays the one that it was, and so does the cursor."""
    root, before = loans.workspace.root, [report.id for report in list_reports(loans.store.reader)]
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await arrive(pilot)
        await look(pilot, "left", "s", "enter")
        await until_seen(pilot, "Its slices are being compared.")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "By slice: 3 of 3 slices by channel have columns that drift")
        await look(pilot, "escape")
        assert pane.timeline.chunk is not None
        assert pane.timeline.chunk.current == "2026-02.csv"
    assert [report.id for report in list_reports(loans.store.reader)] == before
    wait_for(lambda: not processes_of(root))


async def test_slices_that_cannot_be_told_say_why_in_their_place(loans: Services) -> None:
    """A file that would have to be read is gone: the panel says which, and esc leads back."""
    root = loans.workspace.root
    (root / "months" / "2026-02.csv").unlink()
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrive(pilot)
        await look(pilot, "left", "s", "enter")
        await until_seen(pilot, "being compared")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "failed")
        await until_seen(pilot, "2026-02.csv, which is in version 1 of source 'months', is gone", "esc goes back.")
        assert "Drift of months" in await look(pilot, "escape")
    wait_for(lambda: not processes_of(root))


@pytest.mark.parametrize("size", SIZES)
async def test_how_to_read_it_is_told_over_the_screen(seen_loans: Services, size: tuple[int, int]) -> None:
    """Among the keys behind `?`, and by its own; esc comes back."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        await arrive(pilot)
        await look(pilot, "question_mark", *"how")
        await until_seen(pilot, "How to read this")
        await look(pilot, "enter")
        await until_seen(pilot, "When it is drift", "Both have to hold.")
        await looks_as_kept(pilot, f"monitor-how-to-read-{size[0]}x{size[1]}")
        await look(pilot, "end")
        await until_seen(pilot, "models quality tells")
        assert "When it is drift" not in await look(pilot, "escape")
        await look(pilot, "H")
        await until_seen(pilot, "When it is drift")


@pytest.mark.parametrize("size", SIZES)
async def test_signs_in_place_of_figures_have_room_for_many_windows(
    seen_loans: Services, size: tuple[int, int]
) -> None:
    """`m` turns to signs and back; the cursor's window is named above them, and where no figure has room they come by themselves."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        pane = await arrive(pilot)
        view = pane.timeline.view
        assert not view.marks
        await look(pilot, "m", "left")
        shown = await until_seen(pilot, "▲▲", "steady, by effect: ·  ░ 0.025")
        assert "2026-02" in shown
        await looks_as_kept(pilot, f"monitor-marks-{size[0]}x{size[1]}")
        await look(pilot, "m")
        await until_seen(pilot, "▲ 2.19")
        line = pane.timeline.line
        assert line is not None
        many = replace(line.map, chunks=line.map.chunks * 30, tiles=tuple(tiles * 30 for tiles in line.map.tiles))
        view._wanted = None
        view.tell(matrix(many), 40, 0)
        assert view.marks
        assert "2026-02" in await until_seen(pilot, "▲")


async def test_both_windows_are_drawn_over_the_same_bins(seen_loans: Services) -> None:
    """The shares of either side add up, and so does what each bin brings, whatever height makes of the bins."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await arrive(pilot)
        await look(pilot, "left")
        await until_seen(pilot, "age · 2026-02.csv against training")
        picture = pane.compared.query_one(Chart).picture
        assert picture is not None
        shares = [word for word in picture.text().split() if word.endswith("%")]
        sums = [sum(float(share.rstrip("%")) for share in shares[side::3]) for side in (0, 1, 2)]
        assert sums == pytest.approx([100, 100, 100], abs=1.0)  # the third is what each bin brings


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_of_a_column_tells_the_files_that_brought_it(
    told_loans: Services, size: tuple[int, int]
) -> None:
    """Enter twice: the bins with what each brings, quantiles, files and measures, by keys alone; the narrow screen scrolls."""
    app = MlopsApp(told_loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "7")
        await until_seen(pilot, "v1")
        await look(pilot, "enter")
        await until_seen(pilot, "v1 · 900 rows", "age · v1 against training")
        await look(pilot, "enter")
        await until_seen(pilot, "contribution")
        if size[0] == 80:
            await until_seen(pilot, "below: quantiles, the files that brought it, measures")
            await looks_as_kept(pilot, "monitor-column-80x24")
            await look(pilot, "pagedown")
        shown = await until_seen(
            pilot, "quantile  reference", "99%", "The files that brought it", "2026-02.csv   300  2.19 sd"
        )
        await looks_as_kept(pilot, f"monitor-column-{'files-' if size[0] == 80 else ''}{size[0]}x{size[1]}")
        assert "v1 · 900 rows" not in shown
        await look(pilot, "end")
        await until_seen(pilot, "different values")
        await look(pilot, "home")
        await until_seen(pilot, "▲ drift  integer")
        assert "v1 · 900 rows" in await look(pilot, "escape")
        assert "Drift of months" in await look(pilot, "escape")


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_of_one_file_says_since_when_its_column_drifts(
    seen_loans: Services, size: tuple[int, int]
) -> None:
    """On the page, of a window turned to there the page of that one, from its top."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        pane = await arrive(pilot)
        await look(pilot, "left", "enter", "enter", "pagedown")
        await until_seen(pilot, "The window is one file, 2026-02.csv, which")
        told = pane.compared.view.query_one(".compared--tables", Static)
        assert "It drifts since 2026-02.csv; 2026-01.csv before was steady." in str(told.content)
        await look(pilot, "less_than_sign")
        await until_seen(pilot, "age · 2026-01.csv against training", "✓ steady  integer")
        assert pane.compared.view.scroll_offset.y == 0
        await look(pilot, "end")
        assert "The window is one file" not in str(told.content)


async def test_another_source_is_turned_to(seen_loans: Services) -> None:
    """One that was not compared yet says the key that compares it."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrive(pilot)
        await look(pilot, "right_square_bracket")
        await until_seen(pilot, "outcomes was not compared yet.", "n compares its windows")
        await look(pilot, "left_square_bracket")
        await until_seen(pilot, "Drift of months against training")
        await look(pilot, "left", "enter")
        await until_seen(pilot, "2026-02.csv · 300 rows")


async def test_a_comparison_that_is_asked_for_comes_into_sight(loans: Services) -> None:
    """A window against another of the same source is compared by a job, and its time line is shown."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrive(pilot)
        await look(pilot, "n")
        await fill_form(pilot, current="2026-02.csv, 2026-03.csv", reference="2026-01.csv")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "Drift of months against 2026-01.csv")
        reports = list_reports(loans.store.reader)
        assert [report.current for report in reports[:2]] == ["2026-03.csv", "2026-02.csv"]
        await look(pilot, "v")
        await until_seen(pilot, "Drift of months against training")
    wait_for(lambda: not processes_of(root))


@pytest.mark.parametrize("size", SIZES)
async def test_all_columns_at_once_are_asked_for_of_the_window_in_sight(loans: Services, size: tuple[int, int]) -> None:
    """`a` reads rows of both windows in a job; what they say stands above the window's columns, and the cursor stays on it."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        pane = await arrive(pilot)
        await look(pilot, "left", "a")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        assert list_jobs(loans.store.reader)[0].title == "drift of months, all columns at once"
        if size[0] < 100:
            await until_seen(pilot, "Drift of months against training")
            await look(pilot, "enter")
        await until_seen(pilot, "2026-02.csv · 300 rows", "AUC 0.", "0.5 by chance; most by age", "reconstruction 1.")
        assert pane.timeline.chunk is not None
        assert pane.timeline.chunk.current == "2026-02.csv"
        await looks_as_kept(pilot, f"monitor-at-once-{size[0]}x{size[1]}")
        await look(pilot, "less_than_sign")
        await until_seen(pilot, "2026-01.csv · 300 rows")
        assert "by chance" not in " ".join(text_of(app).split())
    wait_for(lambda: not processes_of(root))


@pytest.mark.slow
async def test_a_window_of_several_files_gets_the_cursor_when_its_report_comes(loans: Services) -> None:
    """It is shown among the other windows; `u` turns back to the files, which keep their short headings."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await arrive(pilot)
        await look(pilot, "n")
        await fill_form(pilot, current="last:2")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "last:2 · ")
        assert pane.timeline.chunk is not None
        assert pane.timeline.chunk.current == "last:2"
        assert "by other windows" in str(pane.timeline.border_title)
        await look(pilot, "u")
        await until_seen(pilot, "against training, by files")
        assert short_labels(pane.timeline.view.matrix.windows) == ["2026-01", "2026-02", "2026-03"]
        assert pane.timeline.chunk.current == "2026-03.csv"
    wait_for(lambda: not processes_of(root))


async def test_windows_that_cannot_be_meant_are_said_beside_their_field(seen_loans: Services) -> None:
    """A file that is not there, a number that is none, the same rows twice; no job is started."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 30)) as pilot:
        await arrive(pilot)
        before = len(list_jobs(seen_loans.store.reader))
        await look(pilot, "n")
        for values, words in (
            ({"current": "nothing.csv"}, "There is: 2026-01.csv, 2026-02.csv"),
            ({"current": "last:1", "reference": "last:none"}, "'last:none' is no window."),
            ({"current": "2026-01.csv", "reference": "2026-01.csv"}, "the same rows"),
        ):
            await fill_form(pilot, **values)
            assert words in " ".join(text_of(app).replace("│", " ").split())
        assert isinstance(app.screen, Form)
        assert len(list_jobs(seen_loans.store.reader)) == before


async def test_reports_that_cannot_be_read_are_said_and_the_screen_stays(loans: Services) -> None:
    """A table that was taken away fails the panel, with what to do."""
    with loans.store.write() as writing:
        writing.execute("ALTER TABLE drift_report RENAME TO taken_away")
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "7")
        await until_seen(pilot, "This could not be read", "ctrl+r")


async def test_a_workspace_that_is_only_looked_at_refuses_to_compare(loans: Services) -> None:
    """The time line is there; comparing says why not."""
    looking = only_looked_at(loans)
    app = MlopsApp(looking)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await arrive(pilot)
        assert "open for looking only" in await look(pilot, "n")
    looking.close()
