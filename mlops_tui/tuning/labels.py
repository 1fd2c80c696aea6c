"""Whether two texts name the same class."""

from __future__ import annotations


def same_label(one: str, other: str) -> bool:
    """`1` is the class that a column with gaps holds as 1.0, and `true` the one that Python calls True."""
    if one == other or {one, other} in ({"true", "True"}, {"false", "False"}):
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False
