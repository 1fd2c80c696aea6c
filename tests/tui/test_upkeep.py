"""What the app does at intervals, whatever screen is on top."""

from __future__ import annotations

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from tests.tui.seeing import settled


async def test_a_change_that_is_noticed_while_the_app_closes_is_told_to_nobody(services: Services) -> None:
    """Timers may fire once more when the screens are gone already."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
    assert not app.screen_stack
    app.notice(frozenset({"metrics"}))
    app._age()
