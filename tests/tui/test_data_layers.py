"""Layers over the Data screen: stepped into and out of by keys, one above the other, and no key means two things."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.footer import KeyLine, chosen
from mlops_tui.tui.screens.data import DataPane
from tests.tui.seeing import look, settled, text_of, until_seen

LAYERS = {
    "preview": ("v",),
    "sql": ("Q",),
    "checks": ("c",),
    "versions": ("V",),
    "correlations": ("m",),
    "file": ("enter", "shift+tab", "enter"),
}


async def test_in_no_layer_does_a_key_mean_two_things(seen_loans: Services) -> None:
    """The layer's own keys, those of its table and those of the screen; every one is in the footer or the overlay."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "down")
        for name, keys in LAYERS.items():
            await _press(pilot, *keys)
            assert isinstance(app.pane, DataPane)
            assert app.pane.top is not None
            assert app.pane.top.id == name
            known = [key for action in app.actions_here() for key in action.keys]
            assert sorted(known) == sorted(set(known)), name
            await _press(pilot, "escape")
            assert app.pane.top is None


@pytest.mark.slow
async def test_the_footer_offers_no_layer_that_is_shown_and_no_mark_that_nothing_is_done_with(
    seen_loans: Services,
) -> None:
    """Nor letters where they are typed into a line; from beneath another layer one can be gone back to by its key."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(160, 50)) as pilot:
        await look(pilot, "2", "down")
        for name, keys in LAYERS.items():
            await _press(pilot, *keys)
            await until_seen(pilot, "esc back")
            offered = _offered(app)
            assert keys[0] not in offered - {"enter"}, name
            assert ("space" in offered) is (name == "versions"), name
            assert not (name == "sql" and {key for key in offered if len(key) == 1})
            assert len(offered) > 1, name
            await _press(pilot, "escape")
        await _press(pilot, "V")
        await until_seen(pilot, "tag", "enter open")
        await _press(pilot, "enter")
        await until_seen(pilot, "whole row")
        assert "V" in _offered(app)


def _offered(app: MlopsApp) -> set[str]:
    return {key for key, _ in chosen(app.query_one(KeyLine)._actions, 400)}


async def test_layers_lie_above_each_other_and_the_focus_comes_back(seen_loans: Services) -> None:
    """A version's rows over the versions; a layer that is asked for again takes the place of the first."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "down", "V", "enter")
        pane = app.pane
        assert isinstance(pane, DataPane)
        assert [layer.id for layer in pane.over] == ["versions", "preview"]
        await until_seen(pilot, "row 1 of 900")
        await look(pilot, "V")
        assert [layer.id for layer in pane.over] == ["versions"]
        await look(pilot, "escape")
        assert app.focused is pane.sources.table
        assert "Columns of months" in text_of(app)


async def test_another_screen_leaves_the_layer_where_it_was(seen_loans: Services) -> None:
    """Coming back, one is in it."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Versions of loans" in await look(pilot, "2", "V")
        await look(pilot, "4")
        assert "Versions of loans" in await look(pilot, "2")
        assert "Sources" in await look(pilot, "escape")


async def test_layers_stand_in_a_tiny_terminal(seen_loans: Services) -> None:
    """They are left before they are filled, and nothing breaks."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(40, 10)) as pilot:
        await look(pilot, "2")
        for keys in LAYERS.values():
            await _press(pilot, *keys, "escape")
        await settled(pilot)
        assert app.is_running


async def _press(pilot: Pilot[None], *keys: str) -> None:
    """Presses keys without waiting for what is read by them."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause(0.05)
