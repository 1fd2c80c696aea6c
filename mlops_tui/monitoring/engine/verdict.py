"""When a column has drifted, and why, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlops_tui.monitoring.detail import Brought
from mlops_tui.monitoring.engine.homogeneity import NONE, Inflation, beyond_chance
from mlops_tui.monitoring.model import MIN_BLOCKS, ColumnDrift

RATE = 0.01
"""False discovery rate over all tests of a report (Benjamini and Hochberg)."""

FLOOR = 0.1
"""Smallest effect that counts: standard deviations, Jensen–Shannon distance, difference of a share."""

TOLD = 1.1
"""A variance so many times that of independent rows is worth a word."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One effect of a column and the test beside it; both must hold for a drift."""

    effect: float
    moved: str
    """The effect in words, such as `moved by 0.62 standard deviations`."""
    test: str
    """Name of the test."""
    p: float | None
    """None where the test could not be made."""
    sizes: tuple[int, int]
    """Rows tested on either side."""
    brought: Brought
    """The effect by its measure, as it is told where it makes a drift."""
    inflation: Inflation = NONE
    """What the test reckoned with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A column measured and not yet judged; `refusal` says why its values cannot be, `note` ends the sentence."""

    column: ColumnDrift
    evidence: tuple[Evidence, ...] = ()
    refusal: str | None = None
    note: str = ""


def judge(findings: Sequence[Finding], rate: float = RATE) -> tuple[ColumnDrift, ...]:
    """A drift needs an effect of at least `FLOOR` and a test that stands among all tests of all columns at that false discovery rate."""
    p_values = [evidence.p for finding in findings for evidence in finding.evidence if evidence.p is not None]
    stands = iter(beyond_chance(p_values, rate))
    columns = []
    for finding in findings:
        verdicts = [None if evidence.p is None else next(stands) for evidence in finding.evidence]
        drift, why = _verdict(finding, verdicts, f"Benjamini–Hochberg at {100 * rate:g}% over {_count(p_values)}")
        brought = tuple(evidence.brought for evidence in _found(finding, verdicts)) if drift else ()
        columns.append(replace(finding.column, drift=drift, why=why, brought_by=brought))
    return tuple(columns)


def _found(finding: Finding, stands: Sequence[bool | None]) -> list[Evidence]:
    """What of it makes a drift."""
    judged = zip(finding.evidence, stands, strict=True)
    return [evidence for evidence, stood in judged if stood and evidence.effect >= FLOOR]


def _verdict(finding: Finding, stands: Sequence[bool | None], rule: str) -> tuple[bool | None, str]:
    blocks, found = finding.column.blocks or 0, _found(finding, stands)
    if found:
        parts = [
            f"{one.moved} (floor {FLOOR}) and the {one.test} test is beyond chance"
            f" ({_test(one, rule, blocks)}) at {_sizes(one.sizes)} rows"
            for one in found
        ]
        return True, "; ".join(parts) + finding.note + _caveat(blocks)
    if finding.refusal:
        return None, finding.refusal
    # What comes nearest to a drift is what the sentence is about.
    evidence, stood = max(zip(finding.evidence, stands, strict=True), key=lambda pair: pair[0].effect)
    test = _test(evidence, rule, blocks)
    if evidence.effect < FLOOR:
        though = f", though the {evidence.test} test is beyond chance ({test})" if stood else ""
        return False, f"{evidence.moved}, below the floor of {FLOOR}{though}, at {_sizes(evidence.sizes)} rows"
    if stood is None:
        why = f"cannot tell: {evidence.moved}, but no value is frequent enough for the {evidence.test} test"
        return None, f"{why} at {_sizes(evidence.sizes)} rows{finding.note}"
    within = f"the {evidence.test} test is within chance ({test})"
    return False, f"{evidence.moved} (floor {FLOOR}), but {within} at {_sizes(evidence.sizes)} rows"


def _test(evidence: Evidence, rule: str, blocks: int) -> str:
    """The p, the rule, and the variance where more than independent rows make was reckoned with."""
    factor = evidence.inflation.factor
    inflated = f"; with {factor:.3g} times the variance of independent rows, as {blocks:,} blocks of the reference vary"
    return f"{_p(evidence.p)}; {rule}{inflated if factor >= TOLD else ''}"


def _caveat(blocks: int) -> str:
    return "" if blocks >= MIN_BLOCKS else "; rows taken for independent, as how files vary is unknown"


def _p(p: float | None) -> str:
    return "no p" if p is None else "p < 1e-12" if p < 1e-12 else f"p = {p:.2g}"


def _sizes(sizes: tuple[int, int]) -> str:
    return f"{sizes[0]:,} against {sizes[1]:,}"


def _count(p_values: Sequence[float]) -> str:
    return "1 test" if len(p_values) == 1 else f"{len(p_values)} tests"
