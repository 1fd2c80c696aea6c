"""What may be said behind `:`: a screen and what to show there, or an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_tui.tui.actions import EVERYWHERE, REGISTRY
from mlops_tui.tui.screens import SCREENS

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

SHORT = {"q": "quit", "q!": "quit", "x": "quit", "h": "help", "?": "help"}


def words_to_complete() -> list[str]:
    """Screens first, then actions by their id."""
    everywhere = [action.id.partition(".")[2] for action in REGISTRY.of([EVERYWHERE])]
    others = [action.id for action in REGISTRY.all() if action.scope != EVERYWHERE]
    return [*(screen.name for screen in SCREENS), "theme", *everywhere, *others]


async def run_command(app: MlopsApp, command: str) -> None:
    """Does what was said, or says what is not understood."""
    first, _, rest = command.partition(" ")
    word = SHORT.get(first, first).lower()
    screens = [screen.name for screen in SCREENS if screen.name.startswith(word)]
    known = {action.id for action in REGISTRY.all()}
    if word == "theme" and rest.strip():
        _set_theme(app, rest.strip())
    elif word in known:
        await app.action_do(word)
    elif f"{EVERYWHERE}.{word}" in known:
        await app.action_do(f"{EVERYWHERE}.{word}")
    elif len(screens) == 1 or word in screens:
        pane = await app.go(word if word in screens else screens[0])
        if rest.strip():
            pane.open_named(rest.strip())
    else:
        app.notify(
            f"'{first}' is neither a screen nor an action. Press ? for what there is.", severity="warning", markup=False
        )


def _set_theme(app: MlopsApp, name: str) -> None:
    if name in app.available_themes:
        app.theme = name
    else:
        app.notify(
            f"There is no theme '{name}': {', '.join(sorted(app.available_themes))}.", severity="warning", markup=False
        )
