"""Copying: to the terminal's clipboard where it takes it, else into a file whose place is said."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_tui.presenters.words import counted
from mlops_tui.tui.terminal import copy_sequence

if TYPE_CHECKING:
    from textual.app import App


def copy_text(app: App[Any], text: str, folder: Path) -> str:
    """Copies the text; returns the sentence that says where to."""
    sequence = copy_sequence(text, os.environ)
    if sequence is not None and app._driver is not None:
        app._driver.write(sequence)
        what = f"“{text}”" if len(text) <= 40 and "\n" not in text else counted(text.count("\n") + 1, "line")
        return f"Copied {what}."
    place = folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())
    path = place / "copied.txt"
    path.write_text(text, "utf-8")
    return f"Too long for the clipboard: written to {path}."
