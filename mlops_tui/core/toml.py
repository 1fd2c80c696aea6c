"""TOML that a person wrote: what it says, or the sentence about the line that cannot be read."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from mlops_tui.core.errors import UsageError

_AT_LINE = re.compile(r"^(.*) \(at line (\d+), column \d+\)$")


def parsed(text: str, where: str) -> dict[str, Any]:
    """What the text says; `where` names its file in sentences.

    Raises:
        UsageError: it is no TOML, said with the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.match(str(error))
        at, words = (f"{where}, line {found[2]}", found[1]) if found else (where, str(error))
        raise UsageError(f"{at}: this is not TOML: {words}.", "Mend that line.") from None
