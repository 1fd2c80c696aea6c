"""Choosing what runs are judged by."""

from __future__ import annotations

from mlops_tui.evaluation.metrics import METRICS, MINIMIZE
from mlops_tui.tui.dialogs.picking import ToldScreen

OWN = ""
"""The answer where it is to be their own."""


class MetricScreen(ToldScreen):
    """The answer is the name of a metric, or `OWN`."""

    TITLE_WORDS = "Judge the runs by"
    NOTHING_WORDS = "their own"

    def __init__(self, now: str | None) -> None:
        told = {OWN: "what they were scored by"} if now is not None else {}
        for metric in METRICS.values():
            way = "the smaller, the better" if metric.direction == MINIMIZE else "the larger, the better"
            told[metric.name] = f"{', '.join(metric.scorers)}; {way}"
        super().__init__(told)
