"""One trial in full, and two side by side: parameters, what they cost, and their folds in pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from mlops_tui.core.ids import short
from mlops_tui.evaluation.corrected import corrected_error
from mlops_tui.plot.spark import sparkline
from mlops_tui.plot.symbols import filled, symbol_set
from mlops_tui.presenters.runs import Section
from mlops_tui.presenters.tune import Scale, milliseconds, objective_value, param_text, scale_of_folds, score, why_ended
from mlops_tui.presenters.words import MISSING, Cell, age, count, counted, duration, one_line, size, state
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.notes import Said

SPARK_CELLS = 40
BAR = 16
"""Cells of a fold's bar."""
Line = tuple[Cell, ...]
_NOTHING = Said()


class Paired(NamedTuple):
    """How two trials differ on the folds that both were scored on: the mean of the differences and its standard error,
    None where there is one fold or none."""

    differences: tuple[float, ...]
    mean: float | None
    error: float | None


def paired(one: Trial, other: Trial, folds: int) -> Paired:
    """The differences one − other, fold by fold; of so many folds each scores 1/(folds − 1) of what it learns from."""
    both = list(zip(one.fold_values or (), other.fold_values or (), strict=False))
    differences = tuple(here - there for here, there in both)
    if not differences:
        return Paired((), None, None)
    mean = math.fsum(differences) / len(differences)
    return Paired(differences, mean, corrected_error(differences, 1 / (folds - 1)) if folds > 1 else None)


def difference_cell(difference: float | None, direction: str) -> Cell:
    """A difference with its sign; good where it is for the better."""
    if difference is None:
        return Cell(MISSING, "dim")
    is_better = difference > 0 if direction == "maximize" else difference < 0
    return Cell(signed(difference), "dim" if difference == 0 else "good" if is_better else "bad")


def signed(number: float) -> str:
    """A difference with its sign, to as many digits as its size bears."""
    magnitude = abs(number)
    if magnitude and (magnitude < 1e-4 or magnitude >= 1e6):
        return f"{number:+.1e}"
    return f"{number:+.4f}" if magnitude < 100 else f"{number:+,.1f}"


def paired_words(found: Paired, one: str, other: str, direction: str) -> Cell:
    """What the differences come to, in one sentence about `one`."""
    if found.mean is None:
        return Cell("No fold was scored for both.", "dim")
    on = f"on {counted(len(found.differences), 'fold')}"
    if found.mean == 0 and not found.error:
        return Cell(f"{one} is as good as {other} {on}.", "dim")
    is_better = found.mean > 0 if direction == "maximize" else found.mean < 0
    told = f"{one} is {'better' if is_better else 'worse'} than {other} by {abs(found.mean):.4g}"
    if found.error is None:
        return Cell(f"{told} {on}.")
    unsure = ", less than twice that error: it may be chance" if abs(found.mean) < 2 * found.error else ""
    return Cell(f"{told} {on}, standard error {found.error:.2g}{unsure}.", "" if unsure else "strong")


def trial_title(study: Study, trial: Trial) -> str:
    """The study's name and the trial's number."""
    return f"{one_line(study.name)} · trial {count(trial.number)}"


def trial_sections(
    study: Study, trial: Trial, best: Trial | None, now: float, *, said: Said = _NOTHING, plain: bool = False
) -> list[Section]:
    """What the trial came to and what is said of it, its parameters, and what it cost."""
    about = [("state", state(trial.state, plain=plain))]
    star = ("*" if plain else "★") + " the study's best"
    is_best = best is not None and best.number == trial.number
    about.append((study.metric, Cell(f"{score(trial.value)}  {star}" if is_best else score(trial.value), "strong")))
    further = zip(study.objectives[1:], (trial.values or [])[1:], strict=False)
    about += [(one.name, Cell(objective_value(one.name, number), "strong")) for one, number in further]
    if (why := why_ended(trial)).text:
        about.append(("why", why))
    if trial.is_hidden:
        about.append(("hidden", Cell("left out of the best, the pictures and what the sampler learns from", "warn")))
    about += [("tags", Cell(one_line(", ".join(said.tags))))] if said.tags else []
    about += [("note", Cell(one_line(said.note, 400)))] if said.note else []
    about += [
        ("family", Cell(trial.family)),
        ("started", Cell(f"{trial.started[:19].replace('T', ' ')} UTC  {age(trial.started, now)}")),
        ("run", Cell(short(trial.run_id), "dim")),
    ]
    cost = [
        ("took", Cell(duration(trial.seconds))),
        ("processor", Cell(duration(trial.cpu_seconds))),
        ("1,000 rows", Cell(milliseconds(trial.predict_seconds))),
        ("memory", Cell(MISSING if trial.peak_bytes is None else size(trial.peak_bytes))),
    ]
    params = [(one_line(key), Cell(param_text(found))) for key, found in trial.params.items()]
    none = "the family's defaults" if study.script is None else "none yet" if trial.state == "running" else "none"
    told = [("", about), ("Parameters", params or [("", Cell(none, "dim"))]), ("Cost", cost)]
    if trial.attributes:
        told.append(
            ("Attributes", [(one_line(key), Cell(one_line(str(found)))) for key, found in trial.attributes.items()])
        )
    return told


def report_lines(reports: Sequence[tuple[int, float]], *, symbols: str = "braille") -> list[Line]:
    """What a trial of an objective of the user's own has reported: a line of it, the last value and how many there are."""
    known = [value for _, value in reports if math.isfinite(value)]
    if not known:
        return [(Cell("It has reported nothing.", "dim"),)]
    step, last = reports[-1]
    return [
        (Cell(sparkline(known, SPARK_CELLS, symbols=symbols), "accent"),),
        (Cell(f"{score(last)} at step {count(step)}", "strong"), Cell(f"of {counted(len(reports), 'report')}", "dim")),
    ]


def fold_lines(study: Study, trial: Trial, best: Trial | None, *, symbols: str = "braille") -> list[Line]:
    """A line a fold: its number, a bar and the value, beside it the best trial's, and the difference; then what the
    differences come to."""
    if not trial.fold_values:
        return [(Cell("No fold was scored yet." if trial.state == "running" else "No fold was scored.", "dim"),)]
    other = best if best is not None and best.number != trial.number and best.fold_values else None
    scale = scale_of_folds([trial] if other is None else [trial, other])
    lines: list[Line] = [
        (Cell("fold", "dim"), Cell(" " * BAR), Cell(f"{study.metric[:9]:>9}", "dim"), *_best_head(other))
    ]
    most = max(len(one.fold_values or ()) for one in (trial, other or trial))
    lines += [_fold_line(place, trial, other, scale, study.direction, symbols) for place in range(most)]
    if other is not None:
        found = paired(trial, other, study.folds)
        lines += [(), (paired_words(found, "This trial", f"trial {count(other.number)}, the best,", study.direction),)]
    return lines


def _best_head(other: Trial | None) -> list[Cell]:
    return [] if other is None else [Cell(f"{f'trial {other.number}':>10}", "dim"), Cell(f"{'difference':>11}", "dim")]


def _fold_line(
    place: int, trial: Trial, other: Trial | None, scale: Scale | None, direction: str, symbols: str
) -> Line:
    here, there = (_at(one, place) for one in (trial, other))
    line = [
        Cell(f"{place + 1:>4}", "dim"),
        Cell(_bar(here, scale, symbols), "accent"),
        Cell(f"{score(here):>9}"),
    ]
    if other is not None:
        delta = difference_cell(None if here is None or there is None else here - there, direction)
        line += [Cell(f"{score(there):>10}", "dim"), Cell(f"{delta.text:>11}", delta.tone)]
    return tuple(line)


def _at(trial: Trial | None, place: int) -> float | None:
    values = (trial.fold_values or ()) if trial is not None else ()
    return values[place] if place < len(values) else None


def _bar(value: float | None, scale: Scale | None, symbols: str) -> str:
    """From a little below the lowest value to the highest."""
    if value is None or scale is None or not math.isfinite(value):
        return " " * BAR
    low, high = scale
    share = 0.1 + 0.9 * (value - low) / (high - low) if high > low else 0.55
    return filled(share, BAR, symbol_set(symbols).rightward).ljust(BAR)


def compared_sections(study: Study, one: Trial, other: Trial, *, plain: bool = False) -> list[tuple[str, list[Line]]]:
    """Two trials side by side: what differs of their parameters first, then their folds, what they cost, and what is the
    same. Each line has a name, both values and, for numbers, the difference one − other."""
    names = [f"trial {count(trial.number)}" for trial in (one, other)]
    results: list[Line] = [
        (Cell(""), Cell(names[0], "strong"), Cell(names[1], "strong"), Cell("difference", "dim")),
        (Cell("state"), state(one.state, plain=plain), state(other.state, plain=plain), Cell("")),
        _numbers(study.metric, one.value, other.value, study.direction),
    ]
    differing, same = _params(one, other)
    found = paired(one, other, study.folds)
    folds = [
        _numbers(f"fold {place + 1}", _at(one, place), _at(other, place), study.direction)
        for place in range(max(len(one.fold_values or ()), len(other.fold_values or ())))
    ]
    sections = [("", results)]
    if differing:
        sections.append(("Different", differing))
    if folds:
        mean = Cell(MISSING if found.mean is None else signed(found.mean), "strong")
        error = Cell(MISSING if found.error is None else f"{found.error:.4f}")
        folds += [
            (Cell("mean of the differences"), Cell(""), Cell(""), mean),
            (Cell("its standard error"), Cell(""), Cell(""), error),
            (paired_words(found, names[0].capitalize(), names[1], study.direction),),
        ]
        sections.append(("Folds", folds))
    sections.append(("Cost", _costs(one, other)))
    if same:
        sections.append(("The same", same))
    return sections


def _numbers(name: str, here: float | None, there: float | None, direction: str) -> Line:
    delta = here - there if here is not None and there is not None else None
    return Cell(name), Cell(score(here)), Cell(score(there)), difference_cell(delta, direction)


def _params(one: Trial, other: Trial) -> tuple[list[Line], list[Line]]:
    """The lines of what differs and of what does not; a parameter that only one has differs."""
    differing: list[Line] = []
    same: list[Line] = []
    keys: Sequence[str] = list(dict.fromkeys([*one.params, *other.params]))
    told: list[tuple[str, Any, Any]] = [("family", one.family, other.family)]
    told += [(key, one.params.get(key, _NONE), other.params.get(key, _NONE)) for key in keys]
    for name, here, there in told:
        line = (Cell(one_line(name)), _param(here), _param(there), Cell(_ratio(here, there), "dim"))
        (same if here == there else differing).append(line)
    return differing, same


_NONE: Any = object()
"""Where a trial has no such parameter."""


def _param(found: Any) -> Cell:
    return Cell(MISSING, "dim") if found is _NONE else Cell(param_text(found))


def _ratio(here: Any, there: Any) -> str:
    """How many times the other's a number is."""
    are_numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (here, there))
    return f"× {here / there:.3g}" if are_numbers and there and here != there and here / there > 0 else ""


def _costs(one: Trial, other: Trial) -> list[Line]:
    rows = (
        ("took", one.seconds, other.seconds, duration),
        ("processor", one.cpu_seconds, other.cpu_seconds, duration),
        ("1,000 rows", one.predict_seconds, other.predict_seconds, milliseconds),
        ("memory", one.peak_bytes, other.peak_bytes, lambda found: MISSING if found is None else size(found)),
    )
    return [
        (Cell(name), Cell(shown(here)), Cell(shown(there)), Cell(_ratio(here, there), "dim"))
        for name, here, there, shown in rows
    ]
