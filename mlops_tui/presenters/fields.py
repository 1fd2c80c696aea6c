"""The texts of a form's fields as what they stand for; what cannot be read is told by its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError

DIGITS = 16
"""No number that is asked for has so many."""


def path_of(text: str) -> Path:
    """The file or folder that is typed; `~` is one's home, and `~NAME` stays as it is where nobody has that name."""
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
        return Path(text)


class Fields:
    """The texts that a form has, and a sentence for each that cannot stay so, in `wrong`."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.wrong: dict[str, str] = {}

    def text(self, field: str) -> str | None:
        """What is typed; None where nothing is."""
        return self._values[field] or None

    def parts(self, field: str) -> list[str]:
        """What stands between commas."""
        return [part.strip() for part in self._values[field].split(",") if part.strip()]

    def whole(self, field: str, least: int) -> int | None:
        """A whole number; None where nothing is typed, or no such one."""
        text = self._values[field]
        if text and not (text.isascii() and text.isdecimal() and len(text) < DIGITS and int(text) >= least):
            self.wrong[field] = f"A whole number from {least} on is needed."
        return int(text) if text and field not in self.wrong else None

    def required_whole(self, field: str, least: int) -> int | None:
        """As `whole`, of a field that has to be filled in."""
        found = self.whole(field, least)
        if found is None:
            self.wrong[field] = f"A whole number from {least} on is needed."
        return found

    def read(self, field: str, read: Callable[[str], Any]) -> Any:
        """What `read` makes of it, which refuses by a UsageError; None where nothing is typed, or it is refused."""
        try:
            return read(self._values[field]) if self._values[field] else None
        except UsageError as error:
            self.wrong[field] = f"{error.title} {error.remedy}"
            return None
