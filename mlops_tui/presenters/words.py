"""Words, digits and glyphs that every screen and command writes alike."""

from __future__ import annotations

import math
from typing import NamedTuple

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.printable import printable

MISSING = "–"
NOTHING_CHANGED = "nothing changed yet"
"""What a form says in place of a command."""

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86400.0


class Cell(NamedTuple):
    """Text and its tone: "", dim, strong, good, bad, warn or accent. A tone never stands alone for a state. What stands in a section
    may have a dim `tail` behind it.
    """

    text: str
    tone: str = ""
    tail: str = ""


class Sign(NamedTuple):
    """How a state is shown: a glyph, its plain twin for poor terminals, and a tone."""

    glyph: str
    plain: str
    tone: str


SIGNS = {
    "waiting": Sign("○", "o", "dim"),
    "queued": Sign("○", "o", "dim"),
    "running": Sign("▶", ">", "accent"),
    "asking": Sign("▶", ">", "accent"),
    "paused": Sign("‖", "=", "warn"),
    "stopping": Sign("◐", "~", "warn"),
    "stopped": Sign("■", "#", "dim"),
    "pruned": Sign("◌", "-", "dim"),
    "done": Sign("✓", "+", "good"),
    "finished": Sign("✓", "+", "good"),
    "complete": Sign("✓", "+", "good"),
    "failed": Sign("✗", "x", "bad"),
    "fail": Sign("✗", "x", "bad"),
    "cancelled": Sign("⊘", "/", "dim"),
    "interrupted": Sign("⊘", "/", "warn"),
    "lost": Sign("?", "?", "warn"),
    "taken_in": Sign("✓", "+", "good"),
    "quarantined": Sign("▲", "!", "warn"),
    "pass": Sign("✓", "+", "good"),
    "cannot_tell": Sign("?", "?", "warn"),
    "not_applicable": Sign("–", "-", "dim"),
}
UNKNOWN_SIGN = Sign("·", ".", "dim")


def state(name: str, *, plain: bool = False) -> Cell:
    """A state as glyph and word."""
    sign = SIGNS.get(name, UNKNOWN_SIGN)
    return Cell(f"{sign.plain if plain else sign.glyph} {name.replace('_', ' ')}", sign.tone)


def duration(seconds: float | None) -> str:
    """A stretch of time in at most two units: 0.4s, 12s, 3m 20s, 2h 05m, 4d 3h."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 10 * SECOND:
        return f"{max(seconds, 0.0):.1f}s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < DAY:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"


def remaining(seconds: float | None) -> str:
    """The time that is probably left, in whole seconds: an estimate has no tenths."""
    return f"{max(round(seconds), 0)}s" if seconds is not None and seconds < 10 * SECOND else duration(seconds)


def age(moment: str | None, now: float) -> str:
    """How long ago a moment of the store was, coarse enough to stay true for a while; `now` in seconds since 1970."""
    if moment is None:
        return MISSING
    seconds = now - to_seconds(moment)
    if seconds < MINUTE:
        return "just now"
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if seconds >= unit:
            return f"{int(seconds // unit)}{name} ago"
    return "just now"


def between(started: str | None, ended: str | None, now: float) -> float | None:
    """Seconds from the start to the end, or until now where there is no end yet."""
    if started is None:
        return None
    return (now if ended is None else to_seconds(ended)) - to_seconds(started)


def count(number: int | None) -> str:
    """A whole number with its thousands apart."""
    return MISSING if number is None else f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and its noun: 1 source, 2 sources."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def value(number: float | None, special: str | None = None) -> str:
    """A measured number with as many decimals as its size bears, so that a column of them lines up; whole numbers as they
    are; `special` for nan and the infinities.
    """
    if special is not None:
        return special
    if number is None:
        return MISSING
    if not math.isfinite(number):
        return {math.inf: "inf", -math.inf: "-inf"}.get(number, "nan")
    if number == int(number) and abs(number) < 1e6:
        return str(int(number))
    magnitude = abs(number)
    if magnitude < 1e-3 or magnitude >= 1e6:
        return f"{number:.2e}"
    return f"{number:.4f}" if magnitude < 100 else f"{number:.2f}"


def size(number: int) -> str:
    """A number of bytes in binary units."""
    amount = float(number)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def bar(share: float, width: int, *, plain: bool = False) -> str:
    """A progress bar of exactly `width` cells; `share` is clipped to 0..1."""
    share = min(max(share, 0.0), 1.0)
    if plain:
        full = round(share * width)
        return "#" * full + "." * (width - full)
    eighths = round(share * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width, "·")


def minute(moment: str) -> str:
    """A moment of the store to the minute."""
    return moment[:16].replace("T", " ")


def one_line(text: str, limit: int = 200) -> str:
    """Text of unknown origin as one printable line."""
    joined = " ".join(text.split())
    return printable(joined if len(joined) <= limit else joined[: limit - 1] + "…")


def in_middle(text: str, limit: int) -> str:
    """Text of no more characters than that: names that begin alike are told apart by their ends."""
    tail = (limit - 1) // 2
    return text if len(text) <= limit else f"{text[: limit - 1 - tail]}…{text[-tail:]}"


def initial(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
