"""Commands that are planned and not there yet: each says so and exits 2, whatever follows it."""

from __future__ import annotations

from typing import Annotated

import typer

from mlops_tui.core.errors import NotBuilt

COMMANDS = {
    "undo": "See what was done: mlops-tui events",
    "gc": "Nothing is deleted meanwhile.",
    "doctor": "See what is here: mlops-tui status",
}

UNREAD = {"ignore_unknown_options": True, "allow_interspersed_args": False}
Anything = Annotated[list[str] | None, typer.Argument(metavar="…", help="Not read yet.")]


def add_to(app: typer.Typer) -> None:
    """Adds the planned commands."""
    for name, remedy in COMMANDS.items():
        plan(app, name, name, remedy)


def plan(app: typer.Typer, name: str, words: str, remedy: str) -> None:
    """Adds one command that says it is not built."""

    def refuse(given: Anything = None) -> None:
        raise NotBuilt(f"`mlops-tui {words}` is not built yet.", remedy)

    app.command(name, context_settings=UNREAD, help="Not built yet.")(refuse)
