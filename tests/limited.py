"""Runs Python with less than this process has, as `python limited.py LIMITS -- ARGUMENTS`.

LIMITS are `ordinary` (file permissions hold, as they do not for the superuser) and `files=BYTES` (no file grows
beyond it, so that writing fails as it does on a full disk). Processes that it starts are limited alike.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def limited(*limits: str) -> list[str]:
    """The beginning of a command line: what follows it are Python's own arguments."""
    return [sys.executable, str(Path(__file__).resolve()), *limits, "--"]


def _be_ordinary() -> None:
    if os.geteuid() != 0:
        return
    system = ctypes.CDLL(None, use_errno=True)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if system.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the superuser's rights over files cannot be laid down here")


def _main(arguments: list[str]) -> None:
    at = arguments.index("--")
    for limit in arguments[:at]:
        word, _, number = limit.partition("=")
        if word == "ordinary":
            _be_ordinary()
        elif word == "files":
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
        else:
            raise SystemExit(f"no such limit: {limit}")
    os.execv(sys.executable, [sys.executable, *arguments[at + 1 :]])


if __name__ == "__main__":
    _main(sys.argv[1:])
