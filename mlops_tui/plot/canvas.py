"""What a chart is drawn to: cells with a role, which a widget or the command line can paint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from mlops_tui.plot.cells import cell_width, character_width, clean, fit
from mlops_tui.plot.symbols import Symbols


class Span(NamedTuple):
    """Neighbouring cells of one role.

    Roles: "" (none), axis, label, faint, title, series-0 … series-7, reference, current, good, bad, mark.
    """

    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished chart: `height` lines of exactly `width` cells each."""

    lines: tuple[tuple[Span, ...], ...]
    width: int
    height: int

    def text(self) -> str:
        """The picture without its roles, blanks at the ends of the lines kept."""
        return "\n".join("".join(span.text for span in line) for line in self.lines)


class Canvas:
    """A grid of cells to write on; what falls outside is cut off, a wide character cut in half becomes a blank.

    Sizes are in cells; a negative one raises ValueError.
    """

    def __init__(self, width: int, height: int, symbols: Symbols) -> None:
        if width < 0 or height < 0:
            raise ValueError(f"a chart cannot be {width} × {height} cells")
        self.width, self.height, self.symbols = width, height, symbols
        self._characters = [[" "] * width for _ in range(height)]
        self._roles = [[""] * width for _ in range(height)]

    def write(self, row: int, column: int, text: str, role: str = "") -> None:
        """Put the text, made safe, at a cell; blanks in it overwrite too."""
        for character in clean(text, self.symbols.ascii_only):
            cells = character_width(character)
            if cells == 0:
                self._combine(row, column - 1, character)
            elif cells == 2 and not 0 <= column < self.width - 1:
                for half in (column, column + 1):
                    self._put(row, half, " ", role)
            else:
                self._put(row, column, character, role)
                if cells == 2:
                    self._put(row, column + 1, "", role)
            column += cells

    def put(self, cells: Iterable[tuple[int, int, str, str]]) -> None:
        """Put glyphs of the symbol set, each with its row, its column and its role, at cells that no wide character has."""
        characters, roles = self._characters, self._roles
        for row, column, glyph, role in cells:
            characters[row][column], roles[row][column] = glyph, role

    def write_column(self, top: int, column: int, glyphs: Iterable[str], role: str) -> None:
        """Put one glyph under another, from the top down."""
        for row, glyph in enumerate(glyphs, top):
            self.write(row, column, glyph, role)

    def is_blank(self, row: int, column: int, cells: int) -> bool:
        """Nothing but blanks in these cells, all of which are on the canvas."""
        inside = 0 <= row < self.height and column >= 0 and column + cells <= self.width
        return inside and all(character == " " for character in self._characters[row][column : column + cells])

    def picture(self) -> Picture:
        """What was written, as lines of spans."""
        return Picture(tuple(tuple(self._spans(row)) for row in range(self.height)), self.width, self.height)

    def _spans(self, row: int) -> Iterator[Span]:
        characters, start = self._characters[row], 0
        for role, run in groupby(self._roles[row]):
            end = start + len(list(run))
            yield Span("".join(characters[start:end]), role)
            start = end

    def _put(self, row: int, column: int, character: str, role: str) -> None:
        if not (0 <= row < self.height and 0 <= column < self.width):
            return
        characters = self._characters[row]
        if characters[column] == "" and character != "":  # the right half of a wide character goes: so does the left
            characters[column - 1] = " "
        if column + 1 < self.width and characters[column + 1] == "":
            characters[column + 1] = " "
        characters[column], self._roles[row][column] = character, role

    def _combine(self, row: int, column: int, mark: str) -> None:
        if not (0 <= row < self.height and 0 <= column < self.width):
            return
        if self._characters[row][column] == "":
            column -= 1
        self._characters[row][column] += mark


def sentence(text: str, width: int, height: int, symbols: Symbols) -> Picture:
    """A calm sentence in the middle of an otherwise empty picture."""
    canvas = Canvas(width, height, symbols)
    shown = fit(clean(text, symbols.ascii_only), width, symbols.ellipsis)
    canvas.write((height - 1) // 2, (width - cell_width(shown)) // 2, shown, "faint")
    return canvas.picture()
