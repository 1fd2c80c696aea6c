"""Which family has the next turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlops_tui.tuning.engine.allotting import Turn, chances, expected_improvement

FAMILIES = ("cheap", "dear", "other")
turns = st.lists(
    st.builds(
        Turn,
        st.sampled_from(FAMILIES),
        st.lists(st.floats(-1e6, 1e6), max_size=3).map(tuple),
        st.floats(0, 1e4),
    ),
    max_size=30,
)


def one(family: str, value: float, seconds: float) -> Turn:
    return Turn(family, (value,), seconds)


@given(turns)
def test_every_family_has_a_chance_and_they_add_up_to_one(tried: list[Turn]) -> None:
    found = chances(FAMILIES, tried, {"cheap": 1.0, "dear": 30.0})
    assert (found > 0).all()
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize(("lead", "scale", "freedom"), [(0.0, 1.0, 3), (-0.5, 0.2, 4), (-3.0, 1.0, 7), (0.4, 2.0, 12)])
def test_the_expected_improvement_is_the_mean_of_what_is_above_the_best(
    lead: float, scale: float, freedom: int
) -> None:
    above = stats.t.expect(lambda x: max(x, 0.0), args=(freedom,), loc=lead, scale=scale, lb=0)
    assert expected_improvement(lead, scale, freedom) == pytest.approx(above, rel=1e-6)


def test_before_anything_was_tried_the_cheaper_has_more_turns() -> None:
    cheap, dear = chances(("cheap", "dear"), [], {"cheap": 1.0, "dear": 30.0})
    assert cheap / dear == pytest.approx(30)


def test_a_dear_family_that_is_far_behind_is_hardly_tried_and_one_that_leads_has_most_of_the_time() -> None:
    behind = [one("cheap", 0.8, 1), one("dear", 0.70, 30), one("cheap", 0.81, 1), one("dear", 0.701, 30)]
    assert chances(("cheap", "dear"), behind, {})[1] < 0.02
    leading = [one("dear", 0.85, 30), one("dear", 0.86, 30)]
    leading += [one("cheap", 0.8 + 0.001 * (place % 3), 1) for place in range(20)]
    cheap, dear = chances(("cheap", "dear"), leading, {})
    assert dear * 30 > 5 * cheap * 1


def test_a_family_that_costs_nothing_but_cannot_win_takes_a_twentieth_of_the_time_and_no_more() -> None:
    tried = [one("dear", value, 2.0) for value in (0.90, 0.91, 0.92)]
    tried += [one("cheap", 0.6 + 0.001 * place, 0.02) for place in range(40)]
    cheap, dear = chances(("cheap", "dear"), tried, {})
    assert cheap * 0.02 / (cheap * 0.02 + dear * 2.0) == pytest.approx(0.05, abs=0.01)


def test_a_stopped_configuration_is_held_against_the_best_on_the_folds_that_both_have() -> None:
    """The first fold is an easy one: a high value on it alone is not a good configuration."""
    best = Turn("dear", (0.9, 0.7, 0.7), 1.0)
    tried = [best, Turn("dear", (0.89, 0.69, 0.71), 1.0), *[Turn("cheap", (0.8,), 1.0)] * 5]
    assert chances(("cheap", "dear"), tried, {})[0] < 0.2


def test_what_only_fails_keeps_the_least_share() -> None:
    tried = [*[Turn("other", (), 1.0)] * 5, one("cheap", 0.8, 1), one("cheap", 0.79, 1)]
    assert chances(("cheap", "other"), tried, {})[1] == pytest.approx(0.05)


def test_a_family_that_does_not_improve_any_more_loses_its_turns_to_one_that_does() -> None:
    tried = [one("other", 0.8, 1), one("cheap", 0.79, 1)]
    before = chances(("cheap", "other"), tried, {})
    stuck = [one("other", 0.8 - 1e-6 * place, 1) for place in range(20)]
    after = chances(("cheap", "other"), [*tried, *stuck, one("cheap", 0.799, 1), one("cheap", 0.78, 1)], {})
    assert after[0] > before[0]


def test_turns_follow_the_chances_when_a_study_is_played_through() -> None:
    """The better family gets most of the time though it costs ten times as much; the other is not starved."""
    draw = np.random.default_rng(0)
    tried = [one("cheap", 0.7, 1.0), one("dear", 0.72, 10.0)]
    for _ in range(200):
        family = str(draw.choice(["cheap", "dear"], p=chances(("cheap", "dear"), tried, {})))
        value = draw.normal(0.70, 0.01) if family == "cheap" else draw.normal(0.75, 0.02)
        tried.append(one(family, float(value), 1.0 if family == "cheap" else 10.0))
    seconds = {family: sum(turn.seconds for turn in tried if turn.family == family) for family in ("cheap", "dear")}
    assert seconds["dear"] > 3 * seconds["cheap"]
    assert sum(turn.family == "cheap" for turn in tried) > 5


def test_a_dear_family_that_was_tried_once_is_not_judged_by_one_whose_parameters_say_little() -> None:
    """Hundreds of turns that came to nearly the same do not tell how far the other's configurations differ."""
    tried = [one("cheap", 0.9135 - 1e-6 * (place % 7), 0.06) for place in range(300)]
    tried += [one("dear", 0.9072, 9.0), one("other", 0.8923, 17.0)]
    cheap, dear, other = chances(("cheap", "dear", "other"), tried, {}) * (0.06, 9.0, 17.0)
    assert dear > 0.3 * (cheap + dear + other)
    assert dear > 3 * other


def test_a_family_that_keeps_coming_to_the_same_is_held_to_what_it_has_gained() -> None:
    """Its values lie below a ceiling: that none of a hundred was better tells more than how they spread."""
    draw = np.random.default_rng(1)
    ceiling = [one("cheap", 0.9 - abs(float(draw.normal(0, 1e-3))), 1.0) for _ in range(20)]
    more = [one("cheap", 0.9 - 1e-7 - abs(float(draw.normal(0, 1e-3))), 1.0) for _ in range(100)]
    other = [one("other", 0.897, 1.0), one("other", 0.898, 1.0)]
    before = chances(("cheap", "other"), [*ceiling, *other], {})
    after = chances(("cheap", "other"), [*ceiling, *more, *other], {})
    assert after[0] < before[0] / 2
