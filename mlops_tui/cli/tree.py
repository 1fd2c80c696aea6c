"""Where each command is; only the module of the one that is asked for is loaded, since all of them take their time."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

COMMANDS = {
    "init": ("workspace", "init"),
    "demo": ("demo", "demo"),
    "status": ("workspace", "status"),
    "data": ("data", "app"),
    "tune": ("studies", "tune"),
    "studies": ("studies", "app"),
    "run": ("run", "run"),
    "runs": ("runs", "app"),
    "models": ("models", "app"),
    "predict": ("predict", "predict"),
    "retrain": ("retrain", "retrain"),
    "drift": ("drift", "drift"),
    "alerts": ("alerts", "app"),
    "watch": ("watch", "watch"),
    "agent": ("watch", "app"),
    "jobs": ("jobs", "app"),
    "events": ("workspace", "events"),
    "backup": ("workspace", "backup"),
    "config": ("workspace", "config"),
}
"""Name → the module under `cli/commands/`, and the function or the group in it; in the order of the help."""

TAKES_THE_REST = frozenset({"run"})
"""What stands behind the first word that is no option of these is not theirs to read."""


def add_commands(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Adds the command that the arguments ask for; all of them where they ask for none that is known."""
    asked = asked_for(arguments)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module, what = COMMANDS[name]
        holding = import_module(f"mlops_tui.cli.commands.{module}")
        found = getattr(holding, what)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            settings = {"allow_interspersed_args": False} if name in TAKES_THE_REST else None
            app.command(name, cls=getattr(holding, "PARSED_BY", None), context_settings=settings)(found)
    if asked not in COMMANDS:
        import_module("mlops_tui.cli.commands.planned").add_to(app)


def asked_for(arguments: Sequence[str]) -> str | None:
    """The first word that is neither an option nor the folder behind `--workspace`."""
    words = iter(arguments)
    for word in words:
        if word == "--workspace":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None
