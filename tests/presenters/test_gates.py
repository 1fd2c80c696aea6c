"""Gates in a check list, in a cell and in sentences."""

from __future__ import annotations

from typing import Any

from mlops_tui.presenters.gates import forced_changes, gate_lines
from mlops_tui.registry.gates import CANNOT_TELL, FAIL, NOT_APPLICABLE, PASS, WARN, GateResult
from mlops_tui.registry.listing import ModelLine, VersionDetail
from mlops_tui.registry.model import Model
from mlops_tui.registry.summary import summed_up


def result(name: str, verdict: str, *, blocking: bool = True, why: str = "because", **more: Any) -> GateResult:
    nothing: dict[str, Any] = dict.fromkeys(("value", "low", "high", "threshold", "n", "n_needed"))
    return GateResult(name, "champion", verdict, blocking, **nothing, why=why, evidence={}, at="", **more)


def detail(*gates: GateResult, waiting: tuple[str, ...] = ()) -> VersionDetail:
    return VersionDetail(None, "", "", "", list(gates), list(waiting), 0, [])  # type: ignore[arg-type]


ASKED = (
    result("memory", PASS),
    result("code_committed", NOT_APPLICABLE),
    result("slices", CANNOT_TELL, on_cannot_tell=WARN),
    result("card", FAIL, blocking=False),
    result("signature", FAIL),
    result("calibration", CANNOT_TELL),
)


def test_what_refuses_is_told_first_and_what_passed_after_it() -> None:
    """While they answer each stays where it is."""
    told = [name for name, _ in gate_lines(detail(*ASKED))]
    assert told == ["signature", "calibration", "slices", "card", "memory", "code committed"]
    asking = [name for name, _ in gate_lines(detail(*ASKED, waiting=("leakage",)))]
    assert asking == [*(one.name.replace("_", " ") for one in ASKED), "leakage"]


def test_a_gate_that_fails_and_only_advises_is_no_alarm() -> None:
    lines = dict(gate_lines(detail(*ASKED)))
    assert (lines["signature"].tone, lines["card"].tone) == ("bad", "warn")
    assert lines["card"].tail == "because; it only advises"
    assert lines["memory"].text == "✓ pass"


def test_gates_that_refuse_for_one_reason_are_told_with_it_once() -> None:
    line = ModelLine(Model("M", "loans", "binary", "", 2, 2, {"champion": 1}), None, None)
    few = [result(name, CANNOT_TELL, why="12 rows are too few") for name in ("slices", "calibration")]
    told = forced_changes(line, 2, [*few, result("leakage", FAIL, why="'id' tells it")])
    assert told.splitlines()[1:] == [
        "slices, calibration cannot tell: 12 rows are too few.",
        "leakage fail: 'id' tells it.",
    ]


def test_the_sum_names_three_that_did_not_pass_the_refusing_ones_first() -> None:
    assert summed_up([one.shown() for one in ASKED]) == (
        "1 of 5 gates pass; signature fail; calibration cannot tell; slices cannot tell; 1 more do not"
    )
