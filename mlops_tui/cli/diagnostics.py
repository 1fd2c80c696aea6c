"""What goes to stderr when something is wrong, and every exit code."""

from __future__ import annotations

import json
import sys
import traceback

from mlops_tui.core.errors import MlopsError, UnknownColumn, UsageError

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_FOUND = 3
"""It found what it was asked to look for: drift, a failed check, a gate that refused."""
EXIT_INTERRUPTED = 130


def report(error: MlopsError, *, as_json: bool, debug: bool) -> int:
    """Says what is wrong and what to do, and returns the exit code."""
    if debug:
        traceback.print_exception(error)
    if as_json:
        print(
            json.dumps(
                {"error": {"code": error.code, "title": error.title, "remedy": error.remedy}}, ensure_ascii=False
            )
        )
    else:
        print(f"mlops-tui: {error.title}", file=sys.stderr)
        if error.remedy:
            print(f"           {error.remedy}", file=sys.stderr)
    return EXIT_USAGE if isinstance(error, UsageError | UnknownColumn) else EXIT_FAILED


def unexpected(error: BaseException) -> int:
    """A mistake of ours: one sentence, and how to see the rest."""
    print(f"mlops-tui: something went wrong that should not: {type(error).__name__}: {error}", file=sys.stderr)
    print("           Run it again with --debug for the whole trace.", file=sys.stderr)
    return EXIT_FAILED
