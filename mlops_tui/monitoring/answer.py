"""What kind of change a file is, in four named answers: what moved, and whether the odds of a given row are what they were."""

from __future__ import annotations

from dataclasses import dataclass

NO_CHANGE, COVARIATE, CONCEPT, OUTSIDE = "no_change", "covariate_shift", "concept_shift", "cannot_tell"
ANSWERS = (NO_CHANGE, COVARIATE, CONCEPT, OUTSIDE)
LEAST_INSIDE = 100
"""Of fewer rows inside the support of what was learnt from nothing is said of the odds."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a file. `moved` says whether its inputs are others than those that were learnt from; None where that is not known.

    `inside` is how many of its rows, as good as unweighted ones, lie where rows were learnt from (None: nothing was weighted, all count).
    With labels enough `disagrees` says in a sentence by what the labels differ there from what was expected, empty where they do
    not; None without labels.
    """

    moved: bool | None
    inside: float | None
    disagrees: str | None


def answer(known: Evidence) -> tuple[str | None, str]:
    """One of `ANSWERS` and a sentence; None where nothing can be said. Without labels it is never a concept shift."""
    if known.disagrees is None:
        if known.moved is None:
            return None, "its inputs were not compared, and there are no labels"
        if known.moved:
            return COVARIATE, "its inputs moved; labels will tell whether the odds did too"
        return NO_CHANGE, "its inputs did not move; labels will tell whether the odds did"
    if known.inside is not None and known.inside < LEAST_INSIDE:
        return (
            OUTSIDE,
            f"its rows lie outside of what was learnt from: only {known.inside:,.0f} are as good as rows from there, {LEAST_INSIDE} are needed",
        )
    if known.disagrees:
        where = ", also on rows like those that were learnt from" if known.moved else ""
        return CONCEPT, f"{known.disagrees}{where}"
    if known.moved:
        return COVARIATE, "its inputs moved, and on rows like those that were learnt from labels are as expected"
    return NO_CHANGE, "labels are as expected"
