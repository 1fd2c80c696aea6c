"""Studies and trials as rows, as a curve and as words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from mlops_tui.core.ids import short
from mlops_tui.plot.spark import sparkline
from mlops_tui.plot.symbols import symbol_set
from mlops_tui.presenters.words import (
    MISSING,
    Cell,
    age,
    count,
    counted,
    duration,
    one_line,
    size,
    state,
    value,
)
from mlops_tui.tuning.front import coverage, front
from mlops_tui.tuning.listing import ENDED, Point, StudyProgress
from mlops_tui.tuning.model import AS_A_COPY, HAS_CHANGED, OPEN, Objective, Parent, Study, Trial
from mlops_tui.tuning.notes import Said

SPARK = 10
STUDY_TITLES = (
    "state",
    "study",
    "trials",
    "best",
    "best so far",
    "left",
    "workers",
    "metric",
    "source",
    "target",
    "took",
    "started",
    "id",
)


class Curve(NamedTuple):
    """What a study's chart draws: a dot for each ended trial (NaN where it failed), and the best so far as steps."""

    numbers: list[int]
    values: list[float]
    best_numbers: list[int]
    best: list[float]


def curve(points: Sequence[Point], direction: str) -> Curve:
    """The curve of a study; trials that still run are not on it, nor is the baseline beside others: what they differ in could
    not be seen.
    """
    ended = [point for point in points if point.state in ENDED and not point.is_hidden]
    others = [point for point in ended if not point.is_baseline]
    ended = others if any(point.value is not None for point in others) else ended
    drawn = Curve([point.number for point in ended], [_number(point.value) for point in ended], [], [])
    for point in ended:
        if point.value is not None and math.isfinite(point.value):
            before = drawn.best[-1:] or [point.value]
            drawn.best.append(_better(direction)(before[0], point.value))
            drawn.best_numbers.append(point.number)
    if drawn.best and ended[-1].number > drawn.best_numbers[-1]:  # the step goes on over failed trials at the end
        drawn.best_numbers.append(ended[-1].number)
        drawn.best.append(drawn.best[-1])
    return drawn


def curve_of(progress: StudyProgress) -> Curve:
    """The curve of a study: of several objectives there is no best value, and it is the share that the front dominates."""
    if not progress.study.objectives:
        return curve(progress.points, progress.study.direction)
    known = [point for point in progress.points if point.state == "complete" and point.values and not point.is_hidden]
    numbers = [point.number for point in known]
    return Curve([], [], numbers, coverage([progress.study.higher_better(point.values) for point in known]))


def front_points(progress: StudyProgress) -> list[Point]:
    """The points of several objectives that no other one is better than."""
    study, known = progress.study, [point for point in progress.points if point.values and not point.is_hidden]
    return [known[place] for place in front([study.higher_better(point.values) for point in known])]


def objective_value(name: str, number: float | None) -> str:
    """The value of an objective in the unit of its kind: a cost is a time or a size."""
    if number is not None and name == "predict_seconds":
        return milliseconds(number)
    if number is not None and name == "peak_bytes":
        return size(int(number))
    return duration(number) if number is not None and name == "cpu_seconds" else score(number)


def _better(direction: str) -> Any:
    return max if direction == "maximize" else min


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def score(number: float | None) -> str:
    """A metric's value; 1 as 1.0000, so that a column of them lines up."""
    if number is not None and number == int(number or 0) and abs(number) < 100:
        return f"{number:.4f}"
    return value(number)


def best_point(progress: StudyProgress) -> Point | None:
    """The study's best trial so far, the earlier of two that are alike; of several objectives there is none."""
    if progress.study.objectives:
        return None
    seen = [point for point in progress.points if not point.is_hidden]
    known = [point for point in seen if point.value is not None and math.isfinite(point.value)]
    choose = _better(progress.study.direction)
    return choose(known, key=lambda point: point.value) if known else None


def study_cells(progress: StudyProgress, now: float, trend: str, *, symbols: str = "braille") -> tuple[Cell, ...]:
    """The cells that `STUDY_TITLES` names, in that order; `trend` is a line of what `trend_of` tells."""
    study, best = progress.study, best_point(progress)
    told = Cell(score(best.value) if best else MISSING, "strong" if best else "dim")
    if study.objectives and (on_front := front_points(progress)):
        told = Cell(f"front {count(len(on_front))}", "strong")
    return (
        state(study.state, plain=symbols == "ascii"),
        Cell(one_line(study.name)),
        Cell(f"{count(progress.ended)}/{count(study.trials)}"),
        told,
        Cell(trend, "accent"),
        Cell(duration(progress.eta), "" if progress.eta is not None else "dim"),
        workers_cell(progress),
        Cell(one_line(", ".join(one.name for one in study.objectives) or study.metric)),
        Cell(one_line(progress.source)),
        Cell(one_line(study.target), "dim"),
        Cell(duration(progress.worked.until(now) if progress.worked is not None else None), "dim"),
        Cell(age(study.created, now), "dim"),
        Cell(short(study.id), "dim"),
    )


def trend_of(progress: StudyProgress, *, symbols: str = "braille") -> str:
    """The best so far as a sparkline."""
    return sparkline(curve_of(progress).best, SPARK, symbols=symbols)


def workers_cell(progress: StudyProgress) -> Cell:
    """How many workers are at work, of how many were asked for; a warning where some are missing."""
    study = progress.study
    if study.state not in OPEN:
        return Cell(MISSING, "dim")
    return Cell(f"{progress.workers}/{study.workers}", "" if progress.workers >= study.workers else "warn")


def trial_cells(
    trial: Trial,
    params: Sequence[str],
    best: int | None,
    *,
    folds: str = "",
    objectives: Sequence[Objective] = (),
    plain: bool = False,
) -> tuple[Cell, ...]:
    """A star for the study's best trial, or that it is hidden, number, state, value, those of further objectives, its folds as a line, family, how long it took, what it cost
    (processor, the time to predict 1,000 rows, memory), the parameters, and the run's id.
    """
    star = ("*" if plain else "★") if trial.number == best else ""
    mark = Cell("-" if plain else "⊘", "dim") if trial.is_hidden else Cell(star, "accent")
    return (
        mark,
        Cell(count(trial.number)),
        state(trial.state, plain=plain),
        Cell(score(trial.value), "strong" if star else "" if trial.value is not None else "dim"),
        *(
            Cell(objective_value(one.name, number), "strong" if star else "")
            for one, number in zip_longest(objectives[1:], (trial.values or [])[1:])
        ),
        Cell(folds, "accent"),
        Cell(trial.family),
        Cell(duration(trial.seconds), "dim"),
        Cell(duration(trial.cpu_seconds), "dim"),
        Cell(milliseconds(trial.predict_seconds), "dim"),
        Cell(MISSING if trial.peak_bytes is None else size(trial.peak_bytes), "dim"),
        *(Cell(param_text(trial.params[key])) if key in trial.params else Cell(MISSING, "dim") for key in params),
        Cell(short(trial.run_id), "dim"),
    )


Scale = tuple[float, float]


def scale_of_folds(trials: Iterable[Trial], best: Trial | None = None) -> Scale | None:
    """The lowest and the highest value on a fold, so that the folds of several trials can be told by the same levels; with
    a best one, of the half that comes nearest to it: what failed badly does not make all others alike.
    """
    known = [(values, sum(values) / len(values)) for trial in trials if (values := _finite(trial.fold_values))]
    if best is not None and (top := _finite(best.fold_values)):
        mean = sum(top) / len(top)
        known.sort(key=lambda pair: abs(pair[1] - mean))
        known = [*known[: len(known) // 2 + 1], (top, mean)]
    values = [value for some, _ in known for value in some]
    return (min(values), max(values)) if values else None


def _finite(values: Sequence[float] | None) -> list[float]:
    return [value for value in values or () if math.isfinite(value)]


def folds_line(values: Sequence[float] | None, scale: Scale | None, *, symbols: str = "braille") -> str:
    """The values on a trial's folds as levels of a common scale, one cell each; what lies beyond is at its end."""
    if not values or scale is None:
        return ""
    levels, (low, high) = symbol_set(symbols).upward, scale
    span = high - low
    shares = [min(max((value - low) / span, 0.0), 1.0) if span > 0 else 0.5 for value in values if math.isfinite(value)]
    return "".join(levels[round(share * (len(levels) - 1))] for share in shares)


def milliseconds(seconds: float | None) -> str:
    """A short time: 0.42 ms, 12 ms, 1,200 ms."""
    if seconds is None:
        return MISSING
    found = seconds * 1000
    return f"{found:.2f} ms" if found < 10 else f"{found:,.0f} ms"


def why_ended(trial: Trial | None) -> Cell:
    """Why a trial has no value; that one was stopped early is no error."""
    if trial is None or not trial.reason:
        return Cell("")
    return Cell(one_line(trial.reason, 400), "bad" if trial.state == "fail" else "dim")


def param_keys(trials: Sequence[Trial], limit: int) -> list[str]:
    """The parameters that most of the trials have; those of one family stay together, in its own order."""
    counts = Counter(key for trial in trials for key in trial.params)
    return [key for key, _ in counts.most_common(limit)]


def param_text(found: Any) -> str:
    """A parameter's value; numbers to three digits."""
    return f"{found:#.3g}".removesuffix(".") if isinstance(found, float) else one_line(str(found))


def headline(progress: StudyProgress) -> str:
    """How far the study is, and what is best so far, in one line."""
    study, best = progress.study, best_point(progress)
    parts = [f"{count(progress.ended)} of {counted(study.trials, 'trial')}"]
    if progress.running and study.state in OPEN:
        parts.append(f"{progress.running} in work")
    if failed := sum(point.state == "fail" for point in progress.points):
        parts.append(f"{count(failed)} failed")
    if stopped := sum(point.state == "pruned" for point in progress.points):
        parts.append(f"{count(stopped)} stopped early")
    if hidden := sum(point.is_hidden for point in progress.points):
        parts.append(f"{count(hidden)} hidden")
    if best is not None:
        parts.append(f"best {score(best.value)} by trial {count(best.number)}")
    if study.objectives and (on_front := front_points(progress)):
        parts.append(f"{count(len(on_front))} on the Pareto front")
    if progress.eta is not None:
        parts.append(f"{duration(progress.eta)} left")
    baseline = next((point for point in progress.points if point.is_baseline and point.value is not None), None)
    if baseline is not None and not study.objectives:
        parts.append(f"baseline {score(baseline.value)}")
    return " · ".join(parts)


def parent_words(parent: Parent) -> str:
    """Where a study comes from, in one sentence."""
    return f"Goes on from {one_line(parent.name)}: {count(len(parent.trials))} of its {counted(parent.complete, 'complete trial')} came along."


def said_of(said: Said) -> list[str]:
    """The tags and the note of a study in one line; none where there are none."""
    told = [f"[{tag}]" for tag in said.tags] + ([said.note] if said.note else [])
    return [one_line(" ".join(told), 400)] if told else []


def ending(study: Study) -> Cell:
    """Why the study is no longer at work; empty while it is, or where it simply ended."""
    if study.reason is None or study.state in OPEN:
        return Cell("")
    return Cell(one_line(study.reason, 400), "bad" if study.state == "failed" else "warn")


def warning(study: Study) -> Cell:
    """As `ending`; where there is nothing of it, that a column is like a copy of the target, or that the
    file of an objective of the user's own has changed."""
    told = next((notice for notice in study.notices if AS_A_COPY in notice or HAS_CHANGED in notice), "")
    why = ending(study)
    return why if why.text else Cell(one_line(told.partition(". ")[0], 400), "warn")


def title(progress: StudyProgress) -> str:
    """What the study tries to predict, from what, judged by what."""
    study = progress.study
    metric = one_line(" and ".join(one.name for one in study.objectives) or study.metric)
    if study.script is not None:
        return f"{one_line(study.name)}: {metric} of {one_line(progress.source)}"
    source = f"{one_line(progress.source)} v{study.version}"
    return f"{one_line(study.name)}: {metric} for {one_line(study.target)}, from {source}"


def cost_of_cancelling(progress: StudyProgress) -> str:
    """What will be gone when the study is cancelled, in one paragraph."""
    lost = f"{counted(progress.running, 'trial')} in work" if progress.running else "Whatever is in work"
    kept = f" The {counted(progress.ended, 'trial')} that ended stay." if progress.ended else ""
    verb = "are" if progress.running > 1 else "is"
    return (
        f"Its processes are killed at once. {lost} {verb} lost and cannot be brought back.{kept} Resuming the study"
        " starts such trials anew. To let them finish first, stop it instead."
    )
