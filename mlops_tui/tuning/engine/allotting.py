"""Which family's turn it is: the one that is likely to improve on the best by the most for a second of its time.

What a family's next configuration will come to is told by its better half so far, as Student's t tells it with a variance
that the other families have a say in. The expected improvement by it (Jones, Schonlau and Welch 1998), for the seconds that
its turns take (Snoek, Larochelle and Adams 2012, section 3.2), is its claim to time. A family that keeps coming to the same
has reached what it can do, which no bell-shaped curve knows: what is expected of it is held to what it has gained of late. A
small part of the time goes to all alike, so that none is left out for good: what a family can do is not known before it was tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln, stdtr

ALIKE = 0.1
"""The part of the time that is shared out evenly."""
PRIOR = 3
"""The say of the other families in a family's variance, in degrees of freedom."""
LATEST = 10
"""So many of a family's last turns tell what the next one takes."""
FAITH = 5
"""The say of what is expected of a family beside what it has gained, in turns."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A configuration that was tried: its values on the folds that it was scored on, in their order, the higher the better
    (none where it failed), and the seconds that it took.
    """

    family: str
    values: tuple[float, ...]
    seconds: float


@dataclass(slots=True)
class _Course:
    """How far each of a family's configurations was behind the best (0) on the folds that both were scored on; how many
    failed; what each took.
    """

    leads: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def better_half(self) -> np.ndarray:
        return np.sort(self.leads)[::-1][: max(3, math.ceil(len(self.leads) / 2))]

    @property
    def cost(self) -> float:
        return float(np.mean(self.seconds[-LATEST:]))

    @property
    def late(self) -> int:
        """How many turns its later half are."""
        return len(self.leads) // 2

    @property
    def gained(self) -> float:
        """How much better its best has become in the later half of its turns."""
        return max(self.leads) - max(self.leads[: len(self.leads) - self.late])

    def gain(self, spread: float) -> float:
        """What the next configuration is expected to be better by than the best; `spread` is that of the other families."""
        half = self.better_half
        if not half.size:
            return 0.0
        freedom = half.size - 1 + PRIOR
        variance = (float(np.square(half - half.mean()).sum()) + PRIOR * spread**2) / freedom
        expected = expected_improvement(float(half.mean()), math.sqrt(variance * (1 + 1 / half.size)), freedom)
        expected = min(expected, (FAITH * expected + self.gained) / (FAITH + self.late))
        return expected * len(self.leads) / (len(self.leads) + self.failed)


def expected_improvement(lead: float, scale: float, freedom: float) -> float:
    """The mean of what is above 0 of `lead + scale × t`, t being Student's of so many degrees of freedom (more than 1)."""
    if scale <= 0:
        return max(lead, 0.0)
    z = lead / scale
    log_peak = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    density = math.exp(log_peak - (freedom + 1) / 2 * math.log1p(z * z / freedom))
    return max(0.0, scale * ((freedom + z * z) / (freedom - 1) * density + z * float(stdtr(freedom, z))))


def chances(families: Sequence[str], turns: Iterable[Turn], costs: Mapping[str, float]) -> np.ndarray:
    """The chance of each family to have the next turn; they add up to 1.

    `costs` are what a configuration of each family costs, relative to each other, where none was tried yet.
    """
    courses = _courses(families, list(turns))
    unit = _seconds_a_unit(courses, costs)
    taken = [course.cost if course.seconds else unit * costs.get(family, 1.0) for family, course in courses.items()]
    seconds = np.maximum(taken, 1e-3)
    spread = _spread(courses)
    untried = expected_improvement(0.0, spread, PRIOR)
    gains = [course.gain(spread) if course.seconds else untried for course in courses.values()]
    speeds = np.array(gains) / seconds
    total = float(speeds.sum())
    is_told = 0 < total < math.inf
    shares = (speeds / total if is_told else 1 / len(seconds)) * (1 - ALIKE) + ALIKE / len(seconds)
    turns_a_second = shares / seconds
    return np.asarray(turns_a_second / turns_a_second.sum())


def _courses(families: Sequence[str], turns: Sequence[Turn]) -> dict[str, _Course]:
    folds = max((len(turn.values) for turn in turns), default=0)
    whole = [turn.values for turn in turns if turn.values and len(turn.values) == folds]
    best = max(whole, key=lambda values: sum(values), default=())
    courses = {family: _Course() for family in families}
    for turn in turns:
        if (course := courses.get(turn.family)) is None:
            continue
        course.seconds.append(turn.seconds)
        if turn.values:
            course.leads.append(sum(turn.values) / len(turn.values) - sum(best[: len(turn.values)]) / len(turn.values))
        else:
            course.failed += 1
    return courses


def _spread(courses: Mapping[str, _Course]) -> float:
    """How far configurations differ: the root of the mean of the variances of the families' better halves, however many each
    has had, and of the variance of the bests of the two families that lead. So a family that parameters say little
    to does not speak for those that were tried once.
    """
    halves = [course.better_half for course in courses.values()]
    variances = [float(np.var(half, ddof=1)) for half in halves if half.size > 1]
    bests = sorted((max(course.leads) for course in courses.values() if course.leads), reverse=True)
    if len(bests) > 1:
        variances.append((bests[0] - bests[1]) ** 2 / 2)
    return math.sqrt(float(np.mean(variances))) if variances else 0.0


def _seconds_a_unit(courses: Mapping[str, _Course], costs: Mapping[str, float]) -> float:
    tried = [course.cost / costs.get(family, 1.0) for family, course in courses.items() if course.seconds]
    return float(np.median(tried)) if tried else 1.0
