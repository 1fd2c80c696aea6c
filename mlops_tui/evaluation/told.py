"""What is told of probabilities on rows that were not learnt from: thresholds and calibration, as plain records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which probability on the positive class is called, to make a metric best; means over the folds: `value` with it,
    `usual` with 0.5, and `across` with thresholds that were chosen on the other folds, which is no longer optimistic.
    """

    metric: str
    threshold: float
    value: float
    usual: float
    across: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The rows whose probability lies from `low` to `high`: what was said of them on average, and the share that came true."""

    low: float
    high: float
    rows: int
    said: float
    seen: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far probabilities are from what came true: `error` is the expected calibration error, the distances of the bins, each
    weighing what its rows do (Naeini et al. 2015), `brier` the Brier score. `bins` are those that have rows.
    """

    error: float
    brier: float
    bins: tuple[Bin, ...]
