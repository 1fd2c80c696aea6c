"""Choosing what runs are judged by."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widgets.option_list import Option

from mlops_tui.evaluation.metrics import METRICS, MINIMIZE
from mlops_tui.tui.dialogs.picking import PickScreen

OWN = ""
"""The answer where it is to be their own."""


class MetricScreen(PickScreen[str | None]):
    """The answer is the name of a metric, or `OWN`."""

    TITLE_WORDS = "Judge the runs by"
    HINT = "type to filter · enter takes it · esc closes"

    def __init__(self, now: str | None) -> None:
        super().__init__()
        self._told = {OWN: "what they were scored by"} if now is not None else {}
        for metric in METRICS.values():
            way = "the smaller, the better" if metric.direction == MINIMIZE else "the larger, the better"
            self._told[metric.name] = f"{', '.join(metric.scorers)}; {way}"

    def options(self, words: list[str]) -> Iterable[Option]:
        for name, told in self._told.items():
            shown = name or "their own"
            if all(word in f"{shown} {told}".lower() for word in words):
                yield Option(Content.assemble((shown.ljust(22), "bold"), (f"  {told}", "$text-muted")), id=name or "-")

    def chosen(self, option_id: str) -> None:
        self.dismiss(OWN if option_id == "-" else option_id)
