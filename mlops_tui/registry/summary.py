"""What gates came to together, in one sentence: kept as the reason of a promotion that nobody gave one for, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.registry.gates import NOT_APPLICABLE, PASS

_TOLD = 3


def summed_up(gates: Sequence[Mapping[str, Any]]) -> str:
    """How many passed, and which did not, refusing ones first; gates as `GateResult.shown` gives them."""
    asked = [gate for gate in gates if gate["verdict"] != NOT_APPLICABLE]
    passed = sum(gate["verdict"] == PASS for gate in asked)
    others = sorted((gate for gate in asked if gate["verdict"] != PASS), key=lambda gate: not gate["refuses"])
    told = [f"{spoken(gate['name'])} {spoken(gate['verdict'])}" for gate in others[:_TOLD]]
    told += [f"{len(others) - _TOLD} more do not"] if len(others) > _TOLD else []
    return f"{passed} of {len(asked):,} gate{'' if len(asked) == 1 else 's'} pass" + "".join(f"; {one}" for one in told)


def spoken(name: str) -> str:
    """A gate's name, or a verdict, as sentences say it."""
    return printable(name).replace("_", " ")
