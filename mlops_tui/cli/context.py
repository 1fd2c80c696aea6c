"""The services of this invocation, opened on first use and closed at its end."""

from __future__ import annotations

from pathlib import Path

from mlops_tui.bootstrap import Services, open_services


class Invocation:
    """What the options before the command said, and what was opened since."""

    def __init__(self) -> None:
        self.workspace: Path | None = None
        self.debug = False
        self.then_open: Path | None = None
        """The workspace that the TUI is to open when the command is done."""
        self.opened: Services | None = None

    def begin(self, workspace: Path | None, *, debug: bool = False) -> None:
        """Notes the options of a new invocation."""
        self.close()
        self.workspace = workspace
        self.debug = debug
        self.then_open = None

    def close(self) -> None:
        """Closes what was opened."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None


INVOCATION = Invocation()


def services() -> Services:
    """The services of the workspace that this invocation means; jobs that died meanwhile are written down first."""
    if INVOCATION.opened is None:
        INVOCATION.opened = open_services(INVOCATION.workspace)
        INVOCATION.opened.overview.settle()
    return INVOCATION.opened
