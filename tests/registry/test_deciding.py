"""Whether a version is promoted, by what its gates said and what a person says against them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.registry.gates import REFUSE, VERDICTS, WARN, GateResult, decide, latest


def result(
    verdict: str, *, blocking: bool = True, on_cannot_tell: str = REFUSE, asking: str = "J", name: str = "g"
) -> GateResult:
    figures = (None, None, None, None, None, None)
    return GateResult(name, "champion", verdict, blocking, *figures, "because", {}, "2026", on_cannot_tell, asking)


@pytest.mark.parametrize(
    ("gate", "refuses"),
    [
        (result("pass"), False),
        (result("not_applicable"), False),
        (result("fail"), True),
        (result("cannot_tell"), True),
        (result("cannot_tell", on_cannot_tell=WARN), False),
        (result("fail", on_cannot_tell=WARN), True),
        (result("fail", blocking=False), False),
        (result("cannot_tell", blocking=False), False),
    ],
)
def test_a_gate_that_blocks_refuses_what_fails_and_what_it_cannot_tell(gate: GateResult, refuses: bool) -> None:
    assert gate.refuses is refuses
    assert decide([gate], force=False, why=None).promoted is not refuses


unnamed = st.lists(
    st.builds(
        result, st.sampled_from(VERDICTS), blocking=st.booleans(), on_cannot_tell=st.sampled_from([REFUSE, WARN])
    ),
    max_size=6,
)


@given(unnamed)
def test_force_overrules_all_that_refuse_and_a_reason_those_that_cannot_tell(given_gates: list[GateResult]) -> None:
    """Whatever the gates say: nothing else is overruled, and what was not needed is not said to have been."""
    asked = [replace(gate, name=f"g{place}") for place, gate in enumerate(given_gates)]
    refusing = [gate for gate in asked if gate.refuses]
    assert decide(asked, force=True, why="so").promoted
    assert len(decide(asked, force=True, why="so").overruled) == len(refusing)
    by_reason = decide(asked, force=False, why="so")
    assert by_reason.promoted is all(gate.verdict == "cannot_tell" for gate in refusing)
    assert decide(asked, force=False, why="  ").promoted is not bool(refusing)
    assert by_reason.promoted or not by_reason.overruled
    assert by_reason.promoted is not bool(by_reason.refused_by)


def test_the_latest_are_those_that_were_asked_together_in_their_order() -> None:
    stored = [
        result("pass", name="b", asking="2"),
        result("pass", name="a", asking="2"),
        result("fail", name="a", asking="1"),
    ]
    assert [(gate.name, gate.asking) for gate in latest(stored)] == [("a", "2"), ("b", "2")]
    assert latest([]) == []
