"""Four answers, and what each needs to be given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.monitoring.answer import ANSWERS, CONCEPT, COVARIATE, LEAST_INSIDE, NO_CHANGE, OUTSIDE, Evidence, answer

evidence = st.builds(
    Evidence,
    moved=st.none() | st.booleans(),
    inside=st.none() | st.floats(0, 1e6),
    disagrees=st.none() | st.sampled_from(["", "labels say 0.4"]),
)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Evidence(None, None, None), None),
        (Evidence(False, None, None), NO_CHANGE),
        (Evidence(True, None, None), COVARIATE),
        (Evidence(False, None, ""), NO_CHANGE),
        (Evidence(None, None, ""), NO_CHANGE),
        (Evidence(True, 900.0, ""), COVARIATE),
        (Evidence(True, 900.0, "labels say 0.4"), CONCEPT),
        (Evidence(False, 4_900.0, "labels say 0.4"), CONCEPT),
        (Evidence(True, LEAST_INSIDE - 1.0, "labels say 0.4"), OUTSIDE),
        (Evidence(True, LEAST_INSIDE - 1.0, ""), OUTSIDE),
    ],
)
def test_each_answer_has_its_evidence(known: Evidence, expected: str | None) -> None:
    assert answer(known)[0] == expected


@given(evidence)
def test_without_labels_it_is_never_a_concept_shift_and_there_is_always_a_sentence(known: Evidence) -> None:
    found, why = answer(known)
    assert found is None or found in ANSWERS
    assert why
    if known.disagrees is None:
        assert found != CONCEPT
    if found == CONCEPT:
        assert known.disagrees
        assert "labels say 0.4" in why
