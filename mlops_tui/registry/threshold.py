"""From which probability on a row is called positive: one rule for files, for scripts, and for what serves later."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.registry.model import ModelVersion

USUAL = 0.5
DEFAULT, GIVEN = "default", "given"
TUNED = "threshold_"
"""What the names of tuned thresholds among a version's metrics begin with."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A probability of the positive class, and what it is `of`: the metric that it was tuned for, `default` or `given`."""

    value: float
    of: str

    @property
    def is_tuned(self) -> bool:
        """Whether it says something else than that the more probable class is called."""
        return self.of != DEFAULT

    def shown(self) -> dict[str, Any]:
        """As JSON prints it."""
        return {"value": self.value, "of": self.of}


def tuned_thresholds(version: ModelVersion) -> dict[str, float]:
    """The version's thresholds by the metric that each makes best."""
    found = {name.removeprefix(TUNED): value for name, value in version.metrics.items() if name.startswith(TUNED)}
    return {metric: value for metric, value in found.items() if value is not None}


def threshold_of(version: ModelVersion, asked: str | None = None) -> Threshold | None:
    """The threshold that a version of two classes decides by; None of any other version.

    Unless a number from 0 to 1 or a metric is asked for, it is the one that was tuned for the study's own metric; where that
    metric knows no threshold, as AUC does not, the more probable class is called (0.5, `default`).

    Raises:
        UsageError: what is asked for is neither, or the version does not decide between two classes.
    """
    if len(version.signature.classes) != 2:
        if asked is not None:
            raise UsageError(f"{version.label} does not decide between two classes.", "Leave the threshold out.")
        return None
    tuned = tuned_thresholds(version)
    if asked is not None:
        return _asked(asked, tuned, version)
    own = next((metric for metric in version.metrics if metric in tuned), None)
    return Threshold(USUAL, DEFAULT) if own is None else Threshold(tuned[own], own)


def _asked(asked: str, tuned: dict[str, float], version: ModelVersion) -> Threshold:
    if asked in tuned:
        return Threshold(tuned[asked], asked)
    if asked == DEFAULT:
        return Threshold(USUAL, DEFAULT)
    try:
        value = float(asked)
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        return Threshold(value, GIVEN)
    known = f", or one of its metrics: {', '.join(tuned)}" if tuned else ""
    raise UsageError(
        f"'{printable(asked)}' is no threshold of {version.label}.",
        f"Give a number from 0 to 1, {DEFAULT}{known}.",
    )
