"""The data screen: sources, their files and columns, and what brings more of them."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.data.checks import Check
from mlops_tui.data.listing import DATA_FILES
from mlops_tui.data.query import find_source
from mlops_tui.jobs.query import list_jobs
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tui.screens.data import DataPane
from tests.processes import processes_of, wait_for
from tests.tui.loans import as_if_just_come, only_looked_at, write_rows
from tests.tui.seeing import SIZES, fill_form, look, looks_as_kept, settled, text_of, until_seen, words_of


@pytest.mark.parametrize("size", SIZES)
async def test_sources_their_files_and_columns_are_seen(loans: Services, size: tuple[int, int]) -> None:
    """Roles, rows, versions and what is quarantined; a profile for each column."""
    as_if_just_come(loans)
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "2", "down")
        await until_seen(pilot, "▲ 1 quarantined", "10.3%", "as in source loans" if size[0] > 100 else "channel")
        await looks_as_kept(pilot, f"data-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_a_workspace_without_sources_says_the_key_that_adds_one(
    services: Services, size: tuple[int, int]
) -> None:
    """The empty list takes the whole screen."""
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        assert "n names a folder or a file" in await look(pilot, "2")
        await looks_as_kept(pilot, f"data-empty-{size[0]}x{size[1]}")


async def test_enter_goes_in_to_a_column_and_esc_out_again(seen_loans: Services) -> None:
    """Source, columns, one column with all its values; then back the same way."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Files of loans" in await look(pilot, "2", "enter")
        shown = await look(pilot, "down", "down", "down", "enter")
        assert "online" in shown
        assert "branch" in shown
        assert "distinct  3" in shown
        assert "distinct  2" in await look(pilot, "J")
        assert "distinct  3" in await look(pilot, "K")
        assert "Files of loans" in await look(pilot, "escape")
        assert "Sources" in await look(pilot, "escape")
        assert not (app.pane and app.pane.is_inside)


@pytest.mark.parametrize("way", [("tab",), ("enter",)])
async def test_a_columns_page_has_the_whole_of_a_narrow_terminal(seen_loans: Services, way: tuple[str, ...]) -> None:
    """Whichever way leads there: kind, histogram and every quantile are seen at once; tab leads to it file by file."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", *way, "j", "j", "enter")
        shown = await until_seen(pilot, "kind      numeric", "█", "max ", "1%", "99%", "every value is a number")
        assert "Sources" not in shown
        assert "income by file of loans · tab" in shown
        shown = await look(pilot, "tab")
        assert "loans.csv" in shown
        assert "kind      numeric" in shown
        assert "kind      category" in await look(pilot, "J")
        assert "Columns of loans" in await look(pilot, "escape")


async def test_an_opened_file_leads_to_the_next_and_the_one_before(seen_loans: Services) -> None:
    """The list goes along, so that esc leads back to the file that was seen."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "down", "enter", "shift+tab", "enter")
        await until_seen(pilot, "months · 2026-01.csv")
        await look(pilot, "J", "J", "J")
        await until_seen(pilot, "months · 2026-04.csv", "▲ quarantined")
        await look(pilot, "K")
        await until_seen(pilot, "months · 2026-03.csv", "✓ taken in")
        await look(pilot, "escape")
        assert app.pane is not None
        assert app.pane.copied() == "2026-03.csv"


async def test_tab_goes_round_the_panels_that_are_seen(seen_loans: Services) -> None:
    """The screen itself is no stop on the way, in neither direction."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "enter")
        await until_seen(pilot, "Columns of loans", "income")
        pane = app.pane
        assert isinstance(pane, DataPane)
        for key in ("tab", "tab", "shift+tab", "shift+tab"):
            before = app.focused
            await look(pilot, key)
            assert {before, app.focused} == {pane.files.table, pane.columns.table}


async def test_a_key_leads_to_the_files_of_a_source_and_a_filter_keeps_those_that_fit(seen_loans: Services) -> None:
    """By a part of the name or by the state; esc takes the filter off, then leads out; no other source has it."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "F files" in await look(pilot, "2", "down")
        await look(pilot, "F")
        await until_seen(pilot, "2026-01.csv", "/ filter")
        shown = await look(pilot, "slash", *"QUAR", "enter")
        assert "2026-04.csv" in shown
        assert "2026-01.csv" not in shown
        assert "1 match" in shown
        assert "2026-01.csv" in await look(pilot, "escape")
        await look(pilot, "slash", *"2026_", "enter")
        assert "Nothing matches the filter" in text_of(app)
        await look(pilot, "escape", "escape", "up", "F")
        await until_seen(pilot, "loans.csv")


async def test_the_keys_below_are_those_of_what_has_the_focus(seen_loans: Services) -> None:
    """A narrow terminal has room for the most useful of them."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        ways = {
            ("2", "down"): ("s scan", "F files", "v rows", "c checks", "t tune"),
            ("F",): ("v rows", "x check", "/ filter"),
            ("G",): ("r release",),
            ("tab",): ("e kind", "m heat map", "F files", "/ filter"),
            ("enter",): ("J next", "e kind", "m heat map"),
        }
        for keys, wanted in ways.items():
            line = (await look(pilot, *keys)).split("\n")[-1]
            assert [words for words in (*wanted, "? keys", "q quit") if words not in line] == [], line


async def test_a_file_that_is_kept_out_says_why(seen_loans: Services) -> None:
    """The sentence stands under the list in one line where the terminal is low, and whole by a key."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "2026-04.csv lacks the column channel" in await look(pilot, "2", "down", "enter", "shift+tab", "G")
        assert "have to be there." not in text_of(app)
        await look(pilot, "plus")
        assert "2026-04.csv lacks the column channel: the columns of the source have to be there." in words_of(app)


async def test_a_source_whose_next_file_is_late_is_seen(loans: Services) -> None:
    """Beside the source, and over its files."""
    loans.curation.accept("loans", [Check("freshness", "warn", hours=1e-6)])
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "▲ file overdue" in await look(pilot, "2")
        assert "Files of loans · the next one is late" in await look(pilot, "enter")


async def test_a_source_is_added_by_the_form_and_its_files_are_taken_in(services: Services) -> None:
    """The name comes from the folder, the files by a job that leaves no process behind."""
    root = services.workspace.root
    write_rows(root / "incoming" / "one.csv", 40, seed=3)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "n")
        await fill_form(pilot, path=str(root / "incoming"), target="defaulted", id="loan", snapshot="yes")
        await settled(pilot, 0.3)
        source = find_source(services.store.reader, "incoming")
        assert (source.target, source.id_column, source.pattern, source.snapshot) == (
            "defaulted",
            "loan",
            DATA_FILES,
            True,
        )
        wait_for(lambda: list_jobs(services.store.reader)[0].state == "done")
        await until_seen(pilot, "✓ all taken in", "income")
    wait_for(lambda: not processes_of(root))


async def test_what_cannot_be_a_source_is_said_beside_its_field(seen_loans: Services) -> None:
    """The form stays open with what was typed, and nothing is added."""
    root = seen_loans.workspace.root
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 30)) as pilot:
        await look(pilot, "2", "n")
        await fill_form(pilot, path=str(root / "nowhere"))
        assert "There is no file or folder" in text_of(app)
        await fill_form(pilot, path=str(root / "months"), name="", target="age", time="age", id="nay")
        shown = text_of(app)
        assert "There is a source named 'months' already." in shown
        assert "There is no column 'nay' to be the id." in shown
        assert "named as target and as time" in shown
        assert isinstance(app.screen, Form)
    assert [job.kind for job in list_jobs(seen_loans.store.reader)] == ["drift", "scan", "scan"]


async def test_a_scan_is_started_by_a_key_and_what_it_brings_is_seen(loans: Services) -> None:
    """A file that came meanwhile is taken in, and the version goes up unasked."""
    root = loans.workspace.root
    write_rows(root / "outcomes" / "first.csv", 20, seed=5)
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        assert "○ no files yet" in await look(pilot, "2", "G")
        await look(pilot, "s")
        wait_for(lambda: find_source(loans.store.reader, "outcomes").version == 1)
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "outcomes · labels · v1, 20 rows", "outcomes: 1 taken in; version 1")
    wait_for(lambda: not processes_of(root))


async def test_drift_and_tuning_are_asked_for_from_a_source(seen_loans: Services) -> None:
    """`d` shows the time line of that source; `t` needs rows to learn from."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        shown = await look(pilot, "2", "down", "d")
        assert app.pane is not None
        assert app.pane.NAME == "monitor"
        assert "Drift of months" in shown
        assert "No file was taken in yet" in await look(pilot, "2", "G", "t")
        assert app.pane.NAME == "data"
        await look(pilot, "g", "t")
        assert app.pane.NAME == "tune"


async def test_a_filter_keeps_the_sources_that_fit_and_a_name_finds_one(seen_loans: Services) -> None:
    """`/live` leaves one; `:data outcomes` puts the cursor on that source."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await look(pilot, "2", "slash", *"live", "enter")
        assert "1 match" in shown
        assert "outcomes" not in shown
        await look(pilot, "escape")
        assert isinstance(app.pane, DataPane)
        app.pane.open_named("outcomes")
        await settled(pilot, 0.3)
        assert app.pane.copied() == "outcomes"


async def test_what_another_process_changes_comes_into_sight(loans: Services) -> None:
    """A source that is added elsewhere is there within half a second."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2")
        loans.sources.add(loans.workspace.root / "months", name="again", role="live")
        await until_seen(pilot, "again")


async def test_what_changes_is_seen_within_a_source_too(loans: Services) -> None:
    """The list of sources is hidden there, and what stands over the columns is of the source as it is now."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "enter")
        await until_seen(pilot, "Columns of loans · training · target defaulted · v1")
        loans.curation.set_columns("loans", roles={"channel": "target"})
        await until_seen(pilot, "Columns of loans · training · target channel · v1")


async def test_sources_that_cannot_be_read_are_said_and_the_screen_stays(services: Services) -> None:
    """A table that was taken away fails the panel, with what to do."""
    with services.store.write() as writing:
        writing.execute("ALTER TABLE source RENAME TO taken_away")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await look(pilot, "2")
        assert "This could not be read" in shown
        assert "ctrl+r" in shown


async def test_a_workspace_that_is_only_looked_at_refuses_what_would_change_it(loans: Services) -> None:
    """Adding, scanning and tuning say why not; looking goes on."""
    looking = only_looked_at(loans)
    app = MlopsApp(looking)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        assert "months" in await look(pilot, "2")
        for key in ("n", "s", "t"):
            assert "open for looking only" in await look(pilot, key)
            app.clear_notifications()
            await settled(pilot, 0.1)
        assert app.pane is not None
        assert app.pane.NAME == "data"
    looking.close()
