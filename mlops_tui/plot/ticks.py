"""Where an axis has its ticks, and what they say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count as count_from
from itertools import pairwise

LARGEST = 1e300  # values beyond count as infinite: differences of larger ones overflow
DATES = (-6e10, 2.5e11)  # seconds since 1970: years that the calendar knows
SMALLEST = 1e-290  # of a logarithmic axis
_SMALLEST_SPAN = 1e-300
_FINEST = 1e-9  # of the values themselves: below it labels would need more digits than a reader compares
_MANTISSAS = (10, 20, 25, 50)
_CLOCK = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAY = 86400
_DAYS = (_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY)
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000)


@dataclass(frozen=True, slots=True)
class Step:
    """The distance between ticks, `units * 10**exponent`: kept in decimal so that 3 steps of 0.1 are 0.3."""

    units: int
    exponent: int

    @property
    def size(self) -> float:
        return self.times(1)

    def times(self, count: int) -> float:
        return float(f"{self.units * count}e{self.exponent}")

    def within(self, low: float, high: float) -> list[float]:
        """Multiples of the step from `low` to `high`, both included."""
        first, last = math.floor(low / self.size) - 1, math.ceil(high / self.size) + 1
        return [value for value in map(self.times, range(first, last + 1)) if low <= value <= high]


def widened(low: float, high: float) -> tuple[float, float]:
    """The limits, pulled apart where they are too near to each other for an axis (a constant series)."""
    size = max(abs(low), abs(high))
    if high - low >= max(size * _FINEST, _SMALLEST_SPAN):
        return low, high
    pad = size * 0.1 if size >= SMALLEST else 1.0
    return low - pad, high + pad


def nice_steps(smallest: float, whole: bool = False) -> Iterator[Step]:
    """Steps of 1, 2, 2.5 and 5 times a power of ten, the finest first that is not below `smallest`, without end."""
    for power in count_from(math.floor(math.log10(smallest)) - 2):
        for mantissa in _MANTISSAS:
            step = Step(mantissa, power)
            if step.size >= smallest and (step.size.is_integer() or not whole):
                yield step


def nice_ticks(low: float, high: float, count: int = 5, whole: bool = False) -> tuple[float, ...]:
    """About `count` (2 to 10) round values from `low` to `high`, at equal distances.

    Limits must be finite, within ±2e300 and apart (see `widened`), else ValueError. With `whole` all are integers, and
    there may be fewer than two where the limits hold fewer.
    """
    if not (-2 * LARGEST <= low < high <= 2 * LARGEST) or widened(low, high) != (low, high):
        raise ValueError(f"an axis cannot run from {low} to {high}")
    count = min(max(count, 2), 9)
    for intervals in range(count, 24):  # a wide step may fit the range but not lie in it twice: take a finer one then
        ticks = next(nice_steps((high - low) / intervals, whole)).within(low, high)
        if len(ticks) >= 2:
            break
    return tuple(ticks)


def log_ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Values to label on a logarithmic axis, limits positive: powers of ten; 1, 2, 5; or, on less, equal distances."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first >= 1:
        stride = max(1, math.ceil((last - first + 1) / max(count, 2)))
        powers = [float(f"1e{power}") for power in range(first, last + 1) if power % stride == 0]
        if last - first >= 2 and len(powers) >= 2:
            return tuple(powers)
    between = [float(f"{m}e{power}") for power in range(first - 1, last + 1) for m in (1, 2, 5)]
    between = [value for value in between if low <= value <= high]
    return tuple(between) if len(between) >= 3 else nice_ticks(low, high, count)


def date_ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Round moments (UTC) between two times in seconds since 1970, from tenths of a second to centuries apart."""
    span = max(high - low, 0.1)
    for step in (*_CLOCK, *_DAYS):
        if span / step <= count:
            origin = 4 * _DAY if step % (7 * _DAY) == 0 else 0  # weeks begin on a Monday; 1970 began on a Thursday
            first, last = math.ceil((low - origin) / step), math.floor((high - origin) / step)
            ticks = (round(float(number * step + origin), 1) for number in range(first, last + 1))
            return tuple(tick for tick in ticks if low <= tick <= high)
    months = next((m for m in _MONTHS if span / (m * 30.4375 * _DAY) <= count), _MONTHS[-1])
    start, end = datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC)
    numbers = range(start.year * 12 // months * months, end.year * 12 + 12, months)
    moments = (datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC).timestamp() for n in numbers if 1 <= n // 12 <= 9999)
    return tuple(moment for moment in moments if low <= moment <= high)


def labels(values: Sequence[float]) -> tuple[str, ...]:
    """The values with as many decimals, the same for all, as their distances need; powers of ten where too long."""
    if not values:
        return ()
    largest = max(abs(value) for value in values)
    gap = min((b - a for a, b in pairwise(values) if b > a), default=largest) or 1.0
    if largest < 1e6 and gap >= 1e-5:
        decimals = _decimals(values, gap)
        return tuple(f"{value:.{decimals}f}" for value in _without_negative_zero(values))
    decimals = _decimals([value / _power(largest) for value in values], gap / _power(largest))
    return tuple("0" if value == 0 else _scientific(value, decimals) for value in values)


def value_label(value: float, ticks: Sequence[float], log: bool = False) -> str:
    """A value beside an axis, with two digits more than the ticks' distance; three in all on a logarithmic axis."""
    if log or len(ticks) < 2:
        return f"{value:.3g}"
    gap = ticks[1] - ticks[0]
    largest = max(abs(value), *map(abs, ticks))
    if largest < 1e6 and gap >= 1e-5:
        if all(number.is_integer() for number in (value, *ticks)):
            return f"{value:.0f}"
        return f"{value or 0.0:.{max(0, 2 - math.floor(math.log10(gap)))}f}"
    return _scientific(value, 3) if value else "0"


def log_labels(values: Sequence[float]) -> tuple[str, ...]:
    """Each value by itself, as short as it goes: on a logarithmic axis equal decimals would be noise."""
    return tuple(f"{value:g}" if 1e-4 <= value < 1e6 else _scientific(value, 0) for value in values)


def date_labels(values: Sequence[float]) -> tuple[str, ...]:
    """The moments (UTC) as clock times, days or months, whichever their distance asks for, and one alone as it is."""
    alone = next((size for size in (_DAY, 60, 1) if all(value % size == 0 for value in values)), 0.1)
    gap = min((b - a for a, b in pairwise(values)), default=alone)
    if gap < 1:
        texts = (datetime.fromtimestamp(value + 0.01, UTC).strftime("%H:%M:%S.%f") for value in values)
        return tuple(text[: len("HH:MM:SS.t")] for text in texts)
    pattern = next(p for limit, p in _PATTERNS if gap >= limit)
    return tuple(datetime.fromtimestamp(value, UTC).strftime(pattern) for value in values)


_PATTERNS = ((365 * _DAY, "%Y"), (28 * _DAY, "%Y-%m"), (_DAY, "%m-%d"), (60, "%H:%M"), (0, "%H:%M:%S"))


def _decimals(values: Iterable[float], gap: float) -> int:
    """The fewest decimals that change no value by more than a hundredth of the gap; 12 at most."""
    values = list(values)
    for decimals in range(12):
        if all(abs(round(value, decimals) - value) <= gap / 100 for value in values):
            return decimals
    return 12


def _power(value: float) -> float:
    return float(f"1e{math.floor(math.log10(value))}")


def _scientific(value: float, decimals: int) -> str:
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _without_negative_zero(values: Iterable[float]) -> list[float]:
    return [value or 0.0 for value in values]
