"""A panel alone on the screen, by one key wherever the focus is."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.screens.data import DataPane
from tests.tui.seeing import look, settled, text_of


@pytest.mark.slow
async def test_the_panel_with_the_focus_has_the_whole_screen(seen_loans: Services) -> None:
    """From the first line to the keys; also a list that is empty, for which the screen itself has the focus."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.why_no_maximise() == "There is no more of it than is shown."
        for keys in (("1", "shift+tab"), ("4",), ("2",), ("tab",), ("enter",)):
            await look(pilot, *keys)
            panel = app.panel_here()
            assert panel is not None
            await look(pilot, "plus")
            assert panel.region.size == (80, 23), panel
            assert text_of(app).split("\n")[0].startswith("╭─")
            assert (await look(pilot, "plus")).startswith(" mlops-tui")


async def test_whoever_goes_on_from_a_panel_alone_sees_where_it_leads(seen_loans: Services) -> None:
    """What is opened, a layer and another screen: none of them is hidden behind it. The overlay's key is the same."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "plus", "enter")
        assert isinstance(app.pane, DataPane)
        assert app.focused is app.pane.columns.table
        assert "Columns of loans" in text_of(app)
        await look(pilot, "plus", "V")
        assert "Versions of loans" in text_of(app)
        shown = await look(pilot, "plus")
        assert "2 Data" not in shown
        assert "Versions of loans" in shown
        assert "3 Tune" in await look(pilot, "4")
        await look(pilot, "2", "question_mark", *"whole", "enter")
        assert app.screen.maximized is app.pane.top
        await look(pilot, "escape")
        assert app.pane.top is not None
        assert app.screen.maximized is None
