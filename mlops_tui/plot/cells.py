"""How many terminal cells a text takes, and texts made safe to lay out."""

from __future__ import annotations

import unicodedata

_REPLACEMENT = "\ufffd"
_IN_ASCII = str.maketrans(
    {**dict(zip("–—−…×·•→←’“”", '---~x.*><\'""', strict=True)), "≥": ">=", "≤": "<="}  # > alone says something else
)


def clean(text: str, ascii_only: bool = False) -> str:
    """The text without anything a terminal would obey or misplace.

    White space of any kind becomes a blank, other characters that cannot be printed become U+FFFD, and variation
    selectors, which change a character's width on some terminals only, are dropped. With `ascii_only` letters lose
    their accents, dashes and the like become their nearest sign, and what is left outside ASCII becomes `?`.
    """
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)
    kept = "".join(_visible(character) for character in text if not "\ufe00" <= character <= "\ufe0f")
    return _in_ascii(kept) if ascii_only else kept


def cell_width(text: str) -> int:
    """Cells taken by a clean text: East Asian wide characters take two, combining marks none."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def character_width(character: str) -> int:
    """0, 1 or 2 cells."""
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """The clean text in at most `width` cells, its end replaced by the ellipsis where it is too long."""
    if cell_width(text) <= width:
        return text
    if width < 1:
        return ""
    kept, used = "", 0
    for character in text:
        used += character_width(character)
        if used > width - 1:
            break
        kept += character
    return kept.rstrip() + ellipsis


def left(text: str, width: int, ellipsis: str = "…") -> str:
    """Exactly `width` cells, the text at the left."""
    text = fit(text, width, ellipsis)
    return text + " " * (width - cell_width(text))


def right(text: str, width: int, ellipsis: str = "…") -> str:
    """Exactly `width` cells, the text at the right."""
    text = fit(text, width, ellipsis)
    return " " * (width - cell_width(text)) + text


def centre(text: str, width: int, ellipsis: str = "…") -> str:
    """Exactly `width` cells, the text in the middle."""
    text = fit(text, width, ellipsis)
    return left(" " * ((width - cell_width(text)) // 2) + text, width, ellipsis)


def _in_ascii(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_IN_ASCII))
    return "".join(c if c.isascii() else "?" for c in apart if not unicodedata.combining(c))


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() else _REPLACEMENT
