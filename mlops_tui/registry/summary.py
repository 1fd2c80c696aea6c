"""What gates came to together, in one sentence: kept as the reason of a promotion that nobody gave one for, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.registry.gates import NOT_APPLICABLE, PASS


def summed_up(gates: Sequence[Mapping[str, Any]]) -> str:
    """How many passed, and which did not; gates as `GateResult.shown` gives them."""
    asked = [gate for gate in gates if gate["verdict"] != NOT_APPLICABLE]
    passed = sum(gate["verdict"] == PASS for gate in asked)
    others = [f"{spoken(gate['name'])} {spoken(gate['verdict'])}" for gate in asked if gate["verdict"] != PASS]
    return f"{passed} of {len(asked):,} gate{'' if len(asked) == 1 else 's'} pass" + (
        f"; {', '.join(others)}" if others else ""
    )


def spoken(name: str) -> str:
    """A gate's name, or a verdict, as sentences say it."""
    return printable(name).replace("_", " ")
