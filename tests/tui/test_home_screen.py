"""Home: cards that are true, the level, the next step, what happened last."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.screens.home import ActivityPanel, StageCard
from tests.tui.filling import add_job, add_runs
from tests.tui.seeing import settled, text_of


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_home_shows_what_is_there_and_what_comes_next(services: Services, size: tuple[int, int]) -> None:
    """Counts, the level and its next step with the screen that does it; nothing is cut off."""
    add_runs(services, 1234)
    add_job(services, "Tune loans", "running", total=10)
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, 0.2)
        shown = text_of(app)
        for words in ("1,234 runs", "123 failed", "1 open job", "Level 0 of 2", "2  Name a source", "job Tune loans"):
            assert words in shown
        for card in app.query(StageCard):
            assert card.card is not None
            assert card.card.next in shown


async def test_cards_are_walked_with_arrows_and_opened_with_enter(services: Services) -> None:
    """Right twice is Runs; down goes a row down, at last to what happened."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("right", "l", "enter")
        await settled(pilot)
        assert app.pane is not None
        assert app.pane.NAME == "runs"
        await pilot.press("1")
        await settled(pilot)
        focused = app.focused
        assert isinstance(focused, StageCard)
        await pilot.press("j")
        assert isinstance(app.focused, StageCard)
        assert app.focused.region.y > focused.region.y


async def test_an_empty_workspace_says_what_would_be_here(services: Services) -> None:
    """No panel is blank."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Nothing has happened yet." in text_of(app)
        assert "nothing yet" in text_of(app)


async def test_an_event_leads_to_what_it_is_about(services: Services) -> None:
    """Enter on the event of a job shows the jobs screen with the cursor on that job."""
    wanted = add_job(services, "Scan loans")
    add_job(services, "Tune loans")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        app.query_one(ActivityPanel).table.focus()
        await pilot.press("G", "enter")
        await settled(pilot, 0.8)
        assert app.pane is not None
        assert app.pane.NAME == "jobs"
        assert app.pane.copied() == wanted


async def test_the_newest_event_stays_in_sight_until_the_cursor_is_taken_elsewhere(services: Services) -> None:
    """On the first row the cursor stays on what came last; on another it goes with its row."""
    for number in range(12):
        add_job(services, f"Scan {number}")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        table = app.query_one(ActivityPanel).table
        table.focus()
        for number in range(12, 30):
            add_job(services, f"Scan {number}")
        await settled(pilot, 0.5)
        assert (table.cursor, table.scroll_offset.y) == (0, 0)
        assert "Scan 29" in text_of(app)
        await pilot.press("j")
        before = table.row
        add_job(services, "Scan 30")
        await settled(pilot, 0.5)
        assert (table.row, table.cursor) == (before, 2)
