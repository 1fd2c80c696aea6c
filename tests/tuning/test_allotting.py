"""Which family has the next turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.tuning.engine.allotting import Turn, chances

FAMILIES = ("cheap", "dear", "other")
turns = st.lists(
    st.builds(
        Turn,
        st.sampled_from(FAMILIES),
        st.none() | st.floats(-1e6, 1e6),
        st.floats(0, 1e4),
    ),
    max_size=30,
)


@given(turns)
def test_every_family_has_a_chance_and_they_add_up_to_one(tried: list[Turn]) -> None:
    found = chances(FAMILIES, tried, {"cheap": 1.0, "dear": 30.0})
    assert (found > 0).all()
    assert found.sum() == pytest.approx(1)


def test_before_anything_was_tried_the_cheaper_has_more_turns() -> None:
    cheap, dear = chances(("cheap", "dear"), [], {"cheap": 1.0, "dear": 30.0})
    assert cheap / dear == pytest.approx(30)


def test_a_dear_family_that_is_far_behind_is_hardly_tried_and_one_that_leads_is() -> None:
    behind = [Turn("cheap", 0.8, 1), Turn("dear", 0.70, 30), Turn("cheap", 0.81, 1), Turn("dear", 0.701, 30)]
    assert chances(("cheap", "dear"), behind, {})[1] < 0.02
    leading = [Turn("cheap", 0.8, 1), Turn("dear", 0.85, 30), Turn("cheap", 0.801, 1), Turn("dear", 0.86, 30)]
    assert chances(("cheap", "dear"), leading, {})[1] > 0.3


def test_a_family_that_does_not_improve_any_more_loses_its_turns_to_one_that_does() -> None:
    tried = [Turn("other", 0.8, 1), Turn("cheap", 0.79, 1)]
    before = chances(("cheap", "other"), tried, {})
    after = chances(("cheap", "other"), [*tried, *[Turn("other", None, 1)] * 20, Turn("cheap", 0.799, 1)], {})
    assert after[0] > before[0]


def test_turns_follow_the_chances_when_a_study_is_played_through() -> None:
    """The better family gets most of the time though it costs ten times as much; the other is not starved."""
    draw = np.random.default_rng(0)
    tried = [Turn("cheap", 0.7, 1.0), Turn("dear", 0.72, 10.0)]
    for _ in range(200):
        family = str(draw.choice(["cheap", "dear"], p=chances(("cheap", "dear"), tried, {})))
        value = draw.normal(0.70, 0.01) if family == "cheap" else draw.normal(0.75, 0.02)
        tried.append(Turn(family, float(value), 1.0 if family == "cheap" else 10.0))
    seconds = {family: sum(turn.seconds for turn in tried if turn.family == family) for family in ("cheap", "dear")}
    assert seconds["dear"] > 3 * seconds["cheap"]
    assert sum(turn.family == "cheap" for turn in tried) > 5
