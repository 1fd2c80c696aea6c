"""Runs side by side, as rows and sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from mlops_tui.evaluation.metrics import MAXIMIZE, UNSEEN, direction_by_name
from mlops_tui.presenters.words import MISSING, Cell, one_line, value
from mlops_tui.runs.beside import METRICS, Line, Value

TITLES = {"params": "Parameters", "metrics": "Metrics", "tags": "Tags", "origin": "Origin"}
WIDEST, WHOLE = 60, 1000
"""Characters of a value that are shown, and of those that are looked at."""
LONG, SPARED = 18, 8
"""Texts of more characters go without what they begin with alike, where so many are spared by that."""


def best_of(line: Line) -> int | None:
    """Which of the runs is the best in a metric, by its place; None where the name does not tell which way, or all are alike."""
    way = direction_by_name(line.key) if line.table == METRICS else None
    numbers = {
        place: float(found)
        for place, found in enumerate(line.values)
        if isinstance(found, int | float) and math.isfinite(found)
    }
    others = any(isinstance(found, float) and not math.isfinite(found) for found in line.values)
    if way is None or not numbers or len(set(numbers.values())) + others < 2:
        return None
    return (max if way == MAXIMIZE else min)(numbers, key=lambda place: numbers[place])


def cells(line: Line) -> list[Cell]:
    """What stands in a line for each run; the best of a metric is marked."""
    best = best_of(line)
    texts = parted([shown(found, WHOLE) for found in line.values])
    return [Cell(one_line(text, WIDEST), "good" if place == best else "") for place, text in enumerate(texts)]


def parted(texts: Sequence[str]) -> list[str]:
    """Long texts without the words with which they all begin and end: `… --rate 0.1 …` and `… --rate 0.3 …`."""
    if min(map(len, texts), default=0) <= LONG or len(set(texts)) < 2:
        return list(texts)
    words = [text.split(" ") for text in texts]
    begin = _alike(words)
    if begin and words[0][begin - 1].startswith("-"):
        begin -= 1  # an option stays with its value
    before = " ".join(words[0][:begin])
    rest = [one[begin:] for one in words] if len(before) >= SPARED else words
    end = _alike([one[::-1] for one in rest])
    after = " ".join(rest[0][len(rest[0]) - end :])
    kept = [one[: len(one) - end] for one in rest] if len(after) >= SPARED else rest
    told = zip(kept, rest, words, strict=True)
    return [
        " ".join([*(["…"] if len(rest) < len(whole) else []), *one, *(["…"] if len(one) < len(rest) else [])])
        for one, rest, whole in told
    ]


def _alike(texts: Sequence[Sequence[str]]) -> int:
    """With how many words all begin alike; of the shortest one stays at least."""
    count = sum(1 for _ in takewhile(lambda found: len(set(found)) == 1, zip(*texts, strict=False)))
    return min(count, min(map(len, texts)) - 1)


def shown(found: Value, limit: int = WIDEST) -> str:
    """A value as it is shown, in so many characters at most."""
    if found is None:
        return MISSING
    if isinstance(found, bool):
        return "yes" if found else "no"
    return value(found) if isinstance(found, float) else one_line(str(found), limit)


def sentence(verdict: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A verdict in words: `a is better by 0.013 roc_auc, 95 % between 0.004 and 0.021`."""
    one, other = names[verdict["a"]], names[verdict["b"]]
    if verdict["verdict"] == "unknown":
        return f"{one} and {other} cannot be told apart: {verdict['why']}."
    number = _figures(verdict["interval"])
    low, high = sorted(abs(bound) for bound in verdict["interval"])
    by = f"on {verdict['n']:,} {'rows' if verdict['by'] == 'labels' else verdict['by']}"
    if verdict.get("p") is not None:
        by += f" (McNemar's test, p {verdict['p']:.2g})"
    if verdict["verdict"] == "too_close":
        low, high = verdict["interval"]
        difference = _signed(-verdict["difference"], number)
        return (
            f"{one} and {other} are too close to call {by}: {other} has {difference} {verdict['metric']},"
            f" 95 % between {_signed(-high, number)} and {_signed(-low, number)}."
        )
    better, than = (one, other) if verdict["verdict"] == "better" else (other, one)
    return (
        f"{better} is better than {than} by {number(abs(verdict['difference']))} {verdict['metric']},"
        f" 95 % between {number(low)} and {number(high)}, {by}."
    )


def briefly(verdict: Mapping[str, Any] | None) -> Cell:
    """A verdict on `b` against `a` in a few words, for a column: `better by 0.0130, 0.0042 to 0.0210`."""
    if verdict is None:
        return Cell("", "dim")
    if verdict["verdict"] == "unknown":
        return Cell("not comparable", "dim")
    number = _figures(verdict["interval"])
    low, high = verdict["interval"]
    if verdict["verdict"] == "too_close":
        return Cell(f"too close to call  {_signed(-high, number)} to {_signed(-low, number)}", "dim")
    low, high = sorted(abs(bound) for bound in verdict["interval"])
    is_better = verdict["verdict"] == "worse"  # it is told of `a`
    words = f"{'better' if is_better else 'worse'} by {number(abs(verdict['difference']))}"
    return Cell(f"{words}, {number(low)} to {number(high)}", "good" if is_better else "bad")


def main_metric(of_runs: Sequence[Line]) -> Line | None:
    """The metric that says most of the runs: one that most of them have, whose name tells which way is better, and that it is of
    rows that were not learnt from.
    """
    metrics = [line for line in of_runs if line.table == METRICS]

    def order(line: Line) -> tuple[bool, int, bool]:
        nameless, seen, _ = by_weight(line.key)
        return nameless, -sum(one is not None for one in line.values), seen

    return min(metrics, key=order, default=None)


def by_weight(metric: str) -> tuple[bool, bool, str]:
    """Sorts the names of metrics by what they say: whose name tells which way is better first, of those what is of rows that
    were not learnt from, then by the alphabet.
    """
    return direction_by_name(metric) is None, UNSEEN.search(metric.lower()) is None, metric


def _figures(interval: Sequence[float]) -> Callable[[float], str]:
    """How numbers are written beside an interval: with as many decimals as its width tells apart."""
    width = abs(interval[1] - interval[0])
    decimals = min(8, max(4 if width < 1 else 0, 1 - math.floor(math.log10(width)))) if 0 < width < math.inf else 4
    return lambda number: f"{number:.{decimals}f}"


def _signed(number: float, written: Callable[[float], str]) -> str:
    return f"{'-' if number < 0 else '+'}{written(abs(number))}"


def folded(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """What differs, and how many lines are alike in all runs."""
    found = [line for line in lines if line.differs]
    return found, len(lines) - len(found)
