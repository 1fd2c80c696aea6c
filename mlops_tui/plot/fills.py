"""The signs that lanes are filled with; apart from the lanes, which need NumPy."""

from __future__ import annotations

FILLS = {
    True: {"full": "#|", "half": "--", "open": "..", "cross": "xx"},
    False: {"full": "█▊", "half": "▒▒", "open": "░░", "cross": "╳╳"},
}
"""A cell of a stretch and its last one, for ASCII and for the others: kinds are told without colour too."""
