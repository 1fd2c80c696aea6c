"""Folds that nothing was searched on: drawn by other seeds, and of few groups into fewer folds where no seed gives others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from mlops_tui.core.errors import BadTarget
from mlops_tui.evaluation.splits import Folds

TRIES = 20
"""So many seeds are tried while a fold is one that was searched on; of more groups than a few the first has none."""


def drawn_anew(searched: Folds, draw: Callable[[int, int], Folds], times: int = 1) -> tuple[Folds, int]:
    """Folds that share as few with those that were searched on as can be, and how many those are.

    `draw` makes so many folds, by the seed of that try. As many as before are preferred, then more of them. They are drawn
    so many `times`, one draw's folds after the other's, where there are as many ways that have no fold in common.

    Raises:
        BadTarget: all of them are the same, however they are drawn.
    """
    found, same = _once(searched, draw)
    if same or len(found) != len(searched):
        return found, same
    left, known = times - 1, _scored(searched) | _scored(found)
    for turn in range(TRIES, TRIES + TRIES * left):
        if not left:
            break
        more = draw(len(searched), turn)
        if not _scored(more) & known:
            found, known, left = [*found, *more], known | _scored(more), left - 1
    return found, 0


def _once(searched: Folds, draw: Callable[[int, int], Folds]) -> tuple[Folds, int]:
    known = _scored(searched)
    best: tuple[float, Folds] = (1.0, searched)
    for count in range(len(searched), 1, -1):
        for turn in range(TRIES):
            try:
                found = draw(count, turn)
            except BadTarget:
                break
            share = len(_scored(found) & known) / count
            if share < best[0]:
                best = share, found
            if share == 0:
                return found, 0
    share, found = best
    if share == 1:
        raise BadTarget("There is no other way to draw its folds.", "Add rows of other groups.")
    return found, round(share * len(found))


def about_few_groups(groups: int, searched: int, drawn: int, same: int) -> str | None:
    """What there is to say where so many groups were drawn into `drawn` folds, of which `same` were searched on; nothing
    where they are as many as before, and all others.
    """
    ways = ways_of(groups, searched)
    why = f"{groups} groups go into {searched} folds in {ways:,} {'way' if ways == 1 else 'ways'}"
    if same:
        return f"{same} of the {drawn} folds drawn anew {'is one' if same == 1 else 'are ones'} that was searched on: {why}"
    return f"there were {drawn} folds drawn anew, not {searched}: {why}" if drawn != searched else None


@cache
def ways_of(groups: int, folds: int) -> int:
    """In how many ways so many groups go into so many folds, none of which is empty (Stirling's numbers of the second kind)."""
    if groups == folds or folds == 1:
        return int(groups >= folds)
    return 0 if groups < folds else folds * ways_of(groups - 1, folds) + ways_of(groups - 1, folds - 1)


def _scored(folds: Folds) -> set[bytes]:
    return {scored.tobytes() for _, scored in folds}
