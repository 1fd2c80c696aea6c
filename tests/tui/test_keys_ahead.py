"""Keys that are typed before the dialog that they are meant for is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.events import Key
from textual.widgets import Input

from mlops_tui.bootstrap import Services
from mlops_tui.core.errors import UsageError
from mlops_tui.jobs.query import list_jobs
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Field, Form
from mlops_tui.tui.screens import tune
from tests.tui.seeing import settled, until_seen
from tests.tui.test_tune_screen import at_tune
from tests.tui.tuned import add_source, add_study


def burst(app: MlopsApp, *keys: str) -> None:
    """Types keys faster than any of them has had its effect, as a terminal hands over what was waiting."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Has the launch form's read wait until it is let go."""
    go, read = threading.Event(), tune.list_sources

    def waiting(*given: Any) -> Any:
        assert go.wait(10)
        return read(*given)

    monkeypatch.setattr(tune, "list_sources", waiting)
    return go


async def test_keys_typed_before_the_form_is_there_are_the_forms(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study under the form is neither paused nor stopped by them, and they arrive in the field that they are for."""
    add_source(services)
    add_study(services)
    go = held(monkeypatch)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        burst(app, "n", "tab", "tab", "tab", "p", "s")
        await pilot.pause()
        await pilot.press("x")
        go.set()
        await until_seen(pilot, "Tune a source")
        assert isinstance(app.screen, Form)
        assert app.screen.query_one("#field-positive", Input).value == "psx"
        await pilot.press("y")
        assert app.screen.query_one("#field-positive", Input).value == "psxy"
        assert [job.wanted for job in list_jobs(services.store.reader)] == [None]


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        (("L", "5", "tab", "9", "0", "s"), "timeout", "90s"),
        (("L", "5"), "trials", "5"),
        (("N", "p", "s"), "low", None),
    ],
)
async def test_keys_typed_at_once_after_the_key_of_a_form_are_the_forms(
    services: Services, keys: tuple[str, ...], field: str, value: str | None
) -> None:
    """Whether the form needs a read or not: no other screen is gone to, and no study is paused."""
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_tune(pilot)
        burst(app, *keys)
        await settled(pilot)
        await pilot.pause(0.1)
        assert app.pane is pane
        assert isinstance(app.screen, Form)
        assert value in (None, app.screen.query_one(f"#field-{field}", Input).value)
        assert [job.wanted for job in list_jobs(services.store.reader)] == [None]


async def test_a_question_that_is_answered_in_the_same_burst_is_answered(services: Services) -> None:
    """What is left is left: the way out of cancelling has the focus."""
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        burst(app, "x", "enter", "L", "escape", "x", "tab", "enter")
        await settled(pilot)
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 1
        assert [job.wanted for job in list_jobs(services.store.reader)] == ["cancel"]


async def test_keys_go_on_to_the_screen_once_one_of_them_has_left_the_form(services: Services) -> None:
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        burst(app, "n", "tab", "escape", "8")
        await until_seen(pilot, "tune loans-1")
        assert app.pane is not None
        assert app.pane.id == "jobs"
        assert not isinstance(app.screen, Form)
        await pilot.press("3")
        assert app.pane.id == "tune"


def _fails() -> None:
    raise UsageError("It cannot be read.")


@pytest.mark.parametrize("read", [_fails, lambda: None])
async def test_keys_for_a_dialog_that_never_comes_are_for_nobody(services: Services, read: Callable[[], None]) -> None:
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        app.ask_after(read, lambda _: None)
        burst(app, "p", "s")
        await settled(pilot)
        assert [job.wanted for job in list_jobs(services.store.reader)] == [None]
        await pilot.press("8")
        assert app.pane is not None
        assert app.pane.id == "jobs"


async def test_a_key_that_leaves_the_form_while_it_is_handed_on_is_the_last_that_waits(services: Services) -> None:
    add_source(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        form = Form("Asked", [Field("one", "One")], "Do")
        app.ask_after(lambda: None, lambda _: app.push_screen(form))
        burst(app, *"abc", "enter")
        await settled(pilot)
        await pilot.pause()
        assert not isinstance(app.screen, Form)
        await pilot.press("8")
        assert app.pane is not None
        assert app.pane.id == "jobs"


async def test_what_is_typed_right_behind_a_key_that_empties_the_field_stands_in_it(services: Services) -> None:
    app = MlopsApp(services)
    async with app.run_test() as pilot:
        app.push_screen(Form("An alias", [Field("alias", "Alias", "challenger")], "Set"))
        await settled(pilot)
        burst(app, "ctrl+u", *"last", "left", "X")
        await settled(pilot)
        assert app.screen.query_one("#field-alias", Input).value == "lasXt"
