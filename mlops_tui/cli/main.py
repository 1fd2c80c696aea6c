"""The command line: its options, its command, and what becomes of every error."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import mlops_tui
from mlops_tui.cli.context import INVOCATION
from mlops_tui.cli.diagnostics import EXIT_DONE, EXIT_INTERRUPTED, EXIT_USAGE, report, unexpected
from mlops_tui.cli.tree import add_commands
from mlops_tui.core.errors import DiskFull, MlopsError, UsageError
from mlops_tui.store.workspace import find

NAME = "mlops-tui"
MISUSED: type[Exception] = typer.BadParameter.__mro__[2]
"""The root of what the parser raises; Typer gives it no public name, and which library it is from has changed."""


PARSER_WORDS = (
    (r"Input should be a valid integer.*", "It has to be a whole number."),
    (r"Input should be a valid number.*", "It has to be a number."),
    (r"Input should be greater than or equal to (\S+)", r"It has to be \1 or more."),
    (r"Input should be less than or equal to (\S+)", r"It has to be \1 or less."),
    (r"Invalid value for ('[^']*'): It ", r"\1 is given a value that cannot be meant. It "),
)
"""What the parser says of a value, and what is said instead."""


def _show_version(asked: bool) -> None:
    if asked:
        print(f"{NAME} {mlops_tui.__version__}")
        raise typer.Exit


def begin(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Option("--workspace", metavar="DIR", help="The workspace's folder.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Notes the options that stand before the command; without a command the TUI opens on the workspace."""
    INVOCATION.begin(folder, debug=debug)
    if context.invoked_subcommand is None:
        INVOCATION.then_open = find(given=folder).root


def app_for(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line with what the arguments ask for; with every command where they ask for none."""
    app = typer.Typer(
        name=NAME,
        pretty_exceptions_enable=False,
        help="The whole life of a machine-learning model in one terminal, on one file.",
        epilog="Without a command it opens the TUI. Start with: mlops-tui demo",
    )
    app.callback(invoke_without_command=True)(begin)
    add_commands(app, arguments)
    return app


def run(arguments: list[str]) -> tuple[int, Path | None]:
    """Runs one command; returns the exit code, and the workspace to open the TUI on afterwards, if any."""
    try:
        code = typer.main.get_command(app_for(arguments)).main(arguments, prog_name=NAME, standalone_mode=False)
        print(end="", flush=True)  # here, where it can be said that it failed
        return (code if isinstance(code, int) else EXIT_DONE), INVOCATION.then_open
    except (BrokenPipeError, SystemExit):  # nobody reads on, which the parser turns into an exit
        _write_no_more()
        return EXIT_DONE, None
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED, None
    except Exception as error:  # noqa: BLE001 - the edge of the program: nothing may pass as a trace unasked
        return _explained(error, arguments), None
    finally:
        INVOCATION.close()


def _explained(error: Exception, arguments: list[str]) -> int:
    debug = INVOCATION.debug or "--debug" in arguments
    as_json = "--json" in arguments
    if type(error).__name__ == "NoArgsIsHelpError":  # a group without a command: its help was printed
        return EXIT_USAGE
    if isinstance(error, MISUSED):
        return report(_usage(error), as_json=as_json, debug=debug)
    if isinstance(error, MlopsError):
        return report(error, as_json=as_json, debug=debug)
    if isinstance(error, OSError) and error.filename is None and error.errno == errno.ENOSPC:
        _write_no_more()
        full = DiskFull("There is no space left for what is printed.", "Free some, or print it elsewhere.")
        return report(full, as_json=False, debug=debug)
    if debug:
        traceback.print_exception(error)
    return unexpected(error)


def _write_no_more() -> None:
    """Lets what could not be printed go where it fails no second time, when this process ends."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it stays open to the end


def _usage(error: Exception) -> UsageError:
    words = str(getattr(error, "format_message", lambda: str(error))())
    for theirs, ours in PARSER_WORDS:
        words = re.sub(theirs, ours, words)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else NAME
    return UsageError(words or f"'{path}' needs a command.", f"See: {path} --help")
