"""A chart before it is drawn: for a terminal, in cells, or for a page, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mlops_tui.plot.canvas import Picture
from mlops_tui.plot.heat import heat_map
from mlops_tui.plot.line import Mark, Series, line_chart
from mlops_tui.plot.parallel import Lines, Upright, parallel_coordinates


class Figure(Protocol):
    """What has a title and can be drawn."""

    @property
    def title(self) -> str:
        """What stands above it."""
        ...

    def draw(self, width: int, height: int, symbols: str) -> Picture:
        """It in so many cells."""
        ...


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines, steps and points over a common x; see `line_chart`."""

    title: str
    series: Sequence[Series]
    x_label: str = ""
    log_x: bool = False
    log_y: bool = False
    x_dates: bool = False
    marks: Sequence[Mark] = ()

    def draw(self, width: int, height: int, symbols: str) -> Picture:
        """It in so many cells."""
        return line_chart(
            self.series,
            width,
            height,
            symbols=symbols,
            x_label=self.x_label,
            log_x=self.log_x,
            log_y=self.log_y,
            x_dates=self.x_dates,
            marks=self.marks,
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """Values by two names, the first row below; see `heat_map`. `are_counts` are written into their cells."""

    title: str
    values: Sequence[Sequence[float | None]]
    names: tuple[Sequence[str], Sequence[str]]
    titles: tuple[str, str]
    are_counts: bool = False

    def draw(self, width: int, height: int, symbols: str) -> Picture:
        """It in so many cells."""
        return heat_map(
            self.values, self.names, self.titles, width, height, symbols=symbols, are_counts=self.are_counts
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """Lines across upright axes; see `parallel_coordinates`."""

    title: str
    axes: Sequence[Upright]
    groups: Sequence[Lines]

    def draw(self, width: int, height: int, symbols: str) -> Picture:
        """It in so many cells."""
        return parallel_coordinates(self.axes, self.groups, width, height, symbols=symbols)
