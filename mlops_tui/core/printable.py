"""Names from files and people, made safe for a terminal."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """The text with control, format and surrogate characters written as escapes."""
    if text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def last_written(line: str) -> str:
    """What stands in a line in the end, where it is written over as a progress bar is, with blanks for tabs."""
    return printable(line.rstrip("\r").rpartition("\r")[2].expandtabs(4))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    if unicodedata.category(character) == "Cs":
        return "\ufffd"
    return character.encode("unicode_escape").decode("ascii")
