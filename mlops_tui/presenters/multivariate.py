"""What all columns of two windows say at once, as lines and rows."""

from __future__ import annotations

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.multivariate import Classified, Multivariate, Reconstructed
from mlops_tui.presenters.monitor import verdict
from mlops_tui.presenters.words import Cell, one_line

NAMED = 3
"""So many of the columns that are left out are named."""
TELLING = ("column", "tells")


def lines(found: Multivariate) -> list[str]:
    """A sentence for each figure, then what a reader of them has to know."""
    figures = (("a classifier", found.classifier.why), ("reconstruction", found.reconstruction.why))
    said = [f"All columns at once, by {name}: {one_line(why, 400)}." for name, why in figures]
    if found.left_out:
        named = [f"{printable(one.name)} ({one_line(one.why, 200)})" for one in found.left_out[:NAMED]]
        more = [f"and {len(found.left_out) - NAMED} more"] if len(found.left_out) > NAMED else []
        said.append(f"Left out of these: {', '.join([*named, *more])}.")
    return [*said, *(f"Of these: {one_line(note, 400)}." for note in found.notes)]


def in_short(found: Multivariate, *, plain: bool = False) -> list[tuple[Cell, str]]:
    """The verdict of each figure, and the figure in a few words; where it cannot be told, why."""
    figures = (
        (found.classifier, _classified(found.classifier)),
        (found.reconstruction, _reconstructed(found.reconstruction)),
    )
    return [(verdict(one.drift, one.why, plain=plain), words or one_line(one.why, 400)) for one, words in figures]


def _classified(found: Classified) -> str:
    if found.auc is None or found.error is None:
        return ""
    most = ", ".join(printable(one.name) for one in found.columns[:NAMED])
    return f"AUC {found.auc:.2f} ± {found.error:.2f}, 0.5 by chance{f'; most by {most}' if most else ''}"


def _reconstructed(found: Reconstructed) -> str:
    if found.error is None:
        return ""
    return f"reconstruction {found.error:.2f}, {found.low:.2f} to {found.high:.2f} by chance"


def telling_rows(found: Multivariate) -> list[tuple[str, str]]:
    """The columns that tell most, and by how much the area under the curve falls without each, under `TELLING`."""
    return [(printable(one.name), f"{one.fall:.3f}") for one in found.classifier.columns]
