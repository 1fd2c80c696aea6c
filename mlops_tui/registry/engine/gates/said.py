"""What a gate says, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlops_tui.evaluation.paired import Comparison
from mlops_tui.registry.gates import CANNOT_TELL, FAIL, NOT_APPLICABLE, PASS


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict and its figures; `looked` says that it judged by rows that are held out."""

    verdict: str
    why: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    n: int | None = None
    n_needed: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    looked: bool = False


def passes(why: str, **more: Any) -> Said:
    """It passed."""
    return Said(PASS, why, **more)


def fails(why: str, **more: Any) -> Said:
    """It failed."""
    return Said(FAIL, why, **more)


def untold(why: str, **more: Any) -> Said:
    """It cannot tell."""
    return Said(CANNOT_TELL, why, **more)


def not_applicable(why: str) -> Said:
    """There is nothing to ask."""
    return Said(NOT_APPLICABLE, why)


def by_comparison(comparison: Comparison, evidence: dict[str, Any], **more: Any) -> Said:
    """As a comparison of two models on rows says."""
    return Said(
        comparison.verdict,
        comparison.why,
        comparison.difference,
        comparison.low,
        comparison.high,
        comparison.margin,
        comparison.n or None,
        comparison.n_needed,
        evidence,
        **more,
    )
