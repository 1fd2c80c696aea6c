"""How many rows tell a margin, and how often some do: one-sided, at 95 %, of two models that are as good as each other."""

from __future__ import annotations

import math
from statistics import NormalDist

CONFIDENCE = 0.95
POWER = 0.80
_NORMAL = NormalDist()
Z, Z_OF_POWER = _NORMAL.inv_cdf(CONFIDENCE), _NORMAL.inv_cdf(POWER)


def rows_needed(spread: float, margin: float) -> int | None:
    """Rows for a power of 80 % where the true difference is 0: ((z.95 + z.80) · spread / margin)².

    `spread` is the standard deviation of the difference a row. None where there is no spread or no margin.
    """
    if spread <= 0 or margin <= 0:
        return None
    return math.ceil(((Z + Z_OF_POWER) * spread / margin) ** 2)


def spread_of(needed: int, margin: float) -> float:
    """The spread of which `rows_needed` rows tell that margin."""
    return math.sqrt(needed) * margin / (Z + Z_OF_POWER)


def power(rows: int, margin: float, spread: float) -> float:
    """How often `rows` rows tell that a model is no worse by `margin`, where it is as good."""
    if rows <= 0 or spread <= 0:
        return 0.0 if rows <= 0 else 1.0
    return _NORMAL.cdf(margin * math.sqrt(rows) / spread - Z)
