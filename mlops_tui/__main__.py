"""No command: the TUI. A command: the command line. The one module that knows both fronts, and loads only one."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

COMPLETION = "_MLOPS_TUI_COMPLETE"
"""Set by a shell that asks how the line goes on."""
COLLECT_AFTER = 100_000
"""Objects between two collections: loading makes many that stay, and walking them again and again takes its time."""


def main() -> int:
    """Runs the front that is asked for; returns the exit code."""
    gc.set_threshold(COLLECT_AFTER)
    try:
        return _run()
    finally:
        gc.freeze()  # the process ends: nobody needs to walk what it leaves


def _run() -> int:
    if COMPLETION not in os.environ:
        match sys.argv[1:]:
            case []:
                return _front(None)
            case ["--workspace", folder]:  # no command: its parser would double the time to the first frame
                return _front(Path(folder))
    from mlops_tui.cli.main import run

    code, then_open = run(sys.argv[1:])
    return code if then_open is None else _front(then_open)


def _front(workspace: Path | None) -> int:
    """The TUI on that workspace, or on the one where one stands."""
    from mlops_tui.cli.diagnostics import EXIT_INTERRUPTED, report
    from mlops_tui.core.errors import MlopsError, UsageError

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        refusal = UsageError("The TUI needs a terminal.", "Commands need none; see: mlops-tui --help")
        return report(refusal, as_json=False, debug=False)
    try:
        return _open(workspace) if workspace is not None else _open_here()
    except MlopsError as error:
        return report(error, as_json=False, debug=False)
    except (KeyboardInterrupt, EOFError):
        print(file=sys.stderr)
        return EXIT_INTERRUPTED


def _open_here() -> int:
    from mlops_tui.core.errors import NoWorkspace

    try:
        return _open(None)
    except NoWorkspace as error:
        if os.environ.get("MLOPS_WORKSPACE"):
            raise
        return _offer(error)


def _offer(error: Exception) -> int:
    """Asks whether to make a workspace where one stands, and opens it."""
    print(error.args[0])
    answer = input("Create one here? [Y/n] ").strip().lower()
    if answer not in ("", "y", "yes"):
        return 0
    from mlops_tui.bootstrap import create_workspace

    create_workspace(Path.cwd()).close()
    return _open(None)


def _open(workspace: Path | None) -> int:
    from mlops_tui.bootstrap import open_services

    services = open_services(workspace)
    try:
        from mlops_tui.tui.app import run

        run(services)
    finally:
        services.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
