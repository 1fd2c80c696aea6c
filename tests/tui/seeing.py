"""What is on the screen, as text."""

from __future__ import annotations

import contextlib
import difflib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select
from textual.worker import WorkerFailed

from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tui.panels.table_panel import FILTER_REST_SECONDS
from mlops_tui.tui.screens.data_parts import REST_SECONDS

SIZES = [(80, 24), (160, 50)]
"""Columns and lines of the terminals that a screen is looked at in."""

WALKED = [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.slow)]
"""The same for long walks by keys, which the narrow terminal tells more about."""


def text_of(app: MlopsApp) -> str:
    """The screen's lines, blanks at the ends kept."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def words_of(app: MlopsApp) -> str:
    """The words of the dialog, or of the screen where there is none, in one line with single blanks, without frames."""
    region = next((dialog.region for dialog in app.screen.query(".dialog")), app.screen.region)
    strips = app.screen._compositor.render_strips()[region.y : region.bottom]
    shown = " ".join(strip.crop(region.x, region.right).text for strip in strips)
    return " ".join("".join(" " if char in "│┃╭╮╰╯─━" else char for char in shown).split())


async def settled(pilot: Pilot[None], seconds: float = 0.0) -> None:
    """Waits until no read is under way, no panel waits for the cursor to rest, and what that brought is drawn."""
    await pilot.pause(seconds)
    for _ in range(3):
        with contextlib.suppress(WorkerFailed):  # what could not be read is said on the screen
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        while _is_resting(pilot):
            await pilot.pause(0.01)


LONGEST_REST = max(REST_SECONDS, FILTER_REST_SECONDS)


def _is_resting(pilot: Pilot[None]) -> bool:
    """Whether a panel reads as soon as the cursor, or what is typed, has rested for a while."""
    timers = [timer for widget in pilot.app.screen.walk_children(with_self=True) for timer in widget._timers]
    return any(
        timer._repeat == 0 and timer._interval <= LONGEST_REST and timer._task is not None and not timer._task.done()
        for timer in timers
    )


async def look(pilot: Pilot[None], *keys: str) -> str:
    """Presses keys, each once the one before has had its effect; returns what is then on the screen."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return text_of(pilot.app)  # type: ignore[arg-type]


async def fill_form(pilot: Pilot[None], **values: str) -> None:
    """Puts texts into the fields of the dialog and sends it off."""
    form = pilot.app.screen
    assert isinstance(form, Form)
    for name, text in values.items():
        field = form.query_one(f"#field-{name}")
        assert isinstance(field, Input | Select)
        field.value = text
    await look(pilot, "ctrl+s")


async def until_seen(pilot: Pilot[None], *words: str, seconds: float = 10.0, settle: bool = True) -> str:
    """Waits until all words are on the screen, and returns it; fails where they do not come in that time.

    With `settle` the screen is returned once all that was read is drawn, when words that stand for a moment may be gone.
    """
    deadline = time.monotonic() + seconds
    while not all(word in text_of(pilot.app) for word in words):  # type: ignore[arg-type]
        shown = text_of(pilot.app)  # type: ignore[arg-type]
        assert time.monotonic() < deadline, f"{words} did not come into sight:\n{shown}"
        await pilot.pause(0.05)
    if settle:
        await settled(pilot)
    return text_of(pilot.app)  # type: ignore[arg-type]


async def looks_as_kept(pilot: Pilot[None], name: str, seconds: float = 10.0) -> None:
    """Waits until the screen equals `screens/NAME.txt` beside this file; fails with the difference where it never does.
    Blanks at the ends of lines are left out, and the first line too, which says where the workspace lies.

    MLOPS_KEEP_SCREENS=1 in the environment writes the file instead: look at it before it is committed.
    """
    kept = Path(__file__).parent / "screens" / f"{name}.txt"
    if os.environ.get("MLOPS_KEEP_SCREENS") == "1":
        kept.parent.mkdir(exist_ok=True)
        shown = ""
        while (now := _to_keep(pilot)) != shown:
            shown = now
            await settled(pilot, 0.5)
        kept.write_text(shown, "utf-8")
    expected, deadline = kept.read_text("utf-8"), time.monotonic() + seconds
    while (shown := _to_keep(pilot)) != expected and time.monotonic() < deadline:
        await settled(pilot, 0.05)
    if shown != expected:
        lines = (text.splitlines() for text in (expected, shown))
        pytest.fail("\n".join(difflib.unified_diff(*lines, kept.name, "shown", lineterm="")), pytrace=False)


def _to_keep(pilot: Pilot[None]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text_of(pilot.app).split("\n")[1:])  # type: ignore[arg-type]


async def until(pilot: Pilot[None], claim: Callable[[], object], seconds: float = 90.0) -> None:
    """Lets the screen live until the claim holds."""
    for _ in range(int(seconds / 0.2)):
        if claim():
            return
        await pilot.pause(0.2)
    raise AssertionError("it did not come about in time:\n" + text_of(pilot.app))  # type: ignore[arg-type]
