"""The characters that charts are made of: braille, half blocks, or plain ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbols:
    """One set of characters.

    `weights[y][x]` is the bit of a dot within a cell, `glyphs[code]` the character for the sum of the bits that are
    set. `rightward` are bars growing to the right by equal parts of a cell, the last one full; `leftward` the same to
    the left; `halves` those to the right in as many parts as `leftward` has. `upward` are the levels of a sparkline.
    `quarters[code]` is the character whose front fills the quarters of a cell that the bits of the code name: 1 the upper left,
    2 the upper right, 4 the lower left, 8 the lower right; a blank where there is none. `shades` go from dark to bright.
    `point` stands for single points where the dots of a cell are too coarse to tell them from a line.
    """

    name: str
    weights: tuple[tuple[int, ...], ...]
    glyphs: str
    rightward: str
    halves: str
    leftward: str
    upward: str
    quarters: str
    shades: str
    point: str
    mark: str
    hollow: str
    missing: str
    vertical: str
    horizontal: str
    tick_left: str
    tick_down: str
    corner: str
    rule: str
    dashed_down: str
    dashed_across: str
    ellipsis: str
    dash: str
    ascii_only: bool = False


def _braille_glyphs() -> str:
    return " " + "".join(chr(0x2800 + code) for code in range(1, 256))


# The Linux console's fonts have code page 437's blocks: halves, but neither eighths nor braille.
SETS: dict[str, Symbols] = {
    "braille": Symbols(
        name="braille",
        weights=((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)),
        glyphs=_braille_glyphs(),
        rightward="▏▎▍▌▋▊▉█",
        halves="▌█",
        leftward="▐█",
        upward="▁▂▃▄▅▆▇█",
        quarters=" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█",
        shades=" ░▒▓█",
        point="",
        mark="◆",
        hollow="○",
        missing="×",
        vertical="│",
        horizontal="─",
        tick_left="┤",
        tick_down="┬",
        corner="└",
        rule="│",
        dashed_down="┊",
        dashed_across="┈",
        ellipsis="…",
        dash="—",
    ),
    "block": Symbols(
        name="block",
        weights=((0x01,), (0x02,)),
        glyphs=" ▀▄█",
        rightward="▌█",
        halves="▌█",
        leftward="▐█",
        upward="_▄█",
        quarters="   ▀ ▌    ▐ ▄  █",
        shades=" ░▒▓█",
        point="•",
        mark="◆",
        hollow="o",
        missing="x",
        vertical="│",
        horizontal="─",
        tick_left="┤",
        tick_down="┬",
        corner="└",
        rule="│",
        dashed_down="│",
        dashed_across="·",
        ellipsis="~",
        dash="-",
    ),
    "ascii": Symbols(
        name="ascii",
        weights=((0x01,), (0x02,)),
        glyphs=" '.:",
        rightward="#",
        halves="#",
        leftward="#",
        upward="_.-=*#",
        quarters=" " * 16,
        shades=" .:-=+*#%@",
        point="o",
        mark="*",
        hollow="o",
        missing="x",
        vertical="|",
        horizontal="-",
        tick_left="+",
        tick_down="+",
        corner="+",
        rule="|",
        dashed_down=":",
        dashed_across="-",
        ellipsis="~",
        dash="-",
        ascii_only=True,
    ),
}


def symbol_set(name: str) -> Symbols:
    """The set of that name; ValueError for another name than braille, block or ascii."""
    try:
        return SETS[name]
    except KeyError:
        raise ValueError(f"no symbol set {name!r}; there are {', '.join(SETS)}") from None


def detect(env: Mapping[str, str], encoding: str | None) -> str:
    """The richest set that the terminal can be trusted to show.

    `MLOPS_SYMBOLS` decides where it names a set. Else the output's encoding does, and where it is not known the locale
    (`LC_ALL`, `LC_CTYPE`, `LANG`, the first one set): anything but UTF-8 gets ASCII. The Linux console gets blocks.
    """
    wish = env.get("MLOPS_SYMBOLS", "").strip().lower()
    if wish in SETS:
        return wish
    locale = next((env[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if env.get(name)), "")
    if env.get("TERM") == "dumb" or not _is_utf8(encoding or locale):
        return "ascii"
    return "block" if env.get("TERM") == "linux" else "braille"


def filled(length: float, cells: int, steps: str) -> str:
    """A bar of `length` (0 to 1) of `cells` cells; what is above zero is never invisible."""
    parts = round(min(max(length, 0.0), 1.0) * cells * len(steps))
    if length > 0 and cells > 0:
        parts = max(parts, 1)
    full, part = divmod(parts, len(steps))
    return steps[-1] * full + (steps[part - 1] if part else "")


def _is_utf8(name: str) -> bool:
    return "utf8" in name.lower().replace("-", "")
