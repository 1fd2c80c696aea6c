"""What a study has come to, in words: its finalists and the chosen one, an ensemble, thresholds, calibration and slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlops_tui.evaluation.told import Calibration, Threshold
from mlops_tui.presenters.runs import Section
from mlops_tui.presenters.tune import score
from mlops_tui.presenters.words import MISSING, Cell, bar, count, counted, one_line
from mlops_tui.tuning.analysis import Analysis, Ensemble, Slice
from mlops_tui.tuning.model import Finalist, Study
from mlops_tui.tuning.notices import NOT_ANEW

BAR = 20
SAME_ROWS = "same rows, still optimistic"
"""Said of the figures that finalists have: neither cross-validation nor re-check is of rows that were not searched on."""
OF_FINALIST = ("cross-validation", "re-check", "± to the best")


def percent(share: float) -> str:
    """A share as a whole per cent."""
    return f"{100 * share:.0f}%"


def ensemble_words(found: Ensemble | None, metric: str) -> list[str]:
    """An ensemble and how honest its figures are, in sentences; nothing where none was asked for."""
    if found is None:
        return []
    if found.run_id is None:
        return [f"No average of several trials is better than trial {count(found.best_number)} alone."]
    difference = found.across - found.best_value
    error = "" if found.error is None else f" ± {found.error:.2g}"
    told = [
        f"The ensemble averages {counted(len(found.members), 'trial')}: {metric} {score(found.value)} on the rows that"
        f" it was chosen by, which is optimistic.",
        f"Chosen without the fold that it is scored on it has {score(found.across)}, trial {count(found.best_number)} alone"
        f" {score(found.best_value)}: a difference of {difference:+.2g}{error}.",
    ]
    if found.recheck is not None and found.recheck_best is not None:
        difference = found.recheck - found.recheck_best
        error = "" if found.recheck_error is None else f" ± {found.recheck_error:.2g}"
        told.append(
            f"On the folds drawn anew, where its members were fitted once more, it has {score(found.recheck)}, the best"
            f" finalist {score(found.recheck_best)}: a difference of {difference:+.2g}{error}."
        )
    return told


def members_words(found: Ensemble) -> str:
    """Its members with their weights, the heaviest first."""
    return ", ".join(f"{count(one.number)} {one_line(one.family)} {percent(one.weight)}" for one in found.members)


def threshold_words(found: Threshold) -> str:
    """One threshold in a sentence."""
    if found.threshold == 0.5:
        return f"{found.metric} is best from the usual 0.5 on: {score(found.usual)}."
    return (
        f"{found.metric} is best from {found.threshold:.3g} on: {score(found.value)}, against {score(found.usual)} from 0.5 on;"
        f" {score(found.across)} with thresholds chosen on other folds."
    )


def calibration_words(found: Calibration) -> str:
    """How far probabilities are off, in a sentence."""
    return (
        f"Probabilities are off by {100 * found.error:.1f} points on average (expected calibration error); the Brier score is"
        f" {score(found.brier)}."
    )


def calibration_rows(found: Calibration, *, plain: bool = False) -> list[tuple[str, str]]:
    """A line for each bin: its probabilities, and a bar of what came true beside what was said."""
    return [
        (
            f"{one.low:.1f} to {one.high:.1f}",
            f"{bar(one.seen, BAR, plain=plain)} {percent(one.seen):>4} came true, {percent(one.said):>4} said, of"
            f" {counted(one.rows, 'row')}",
        )
        for one in found.bins
    ]


def worst_first(slices: Sequence[Slice], direction: str) -> list[Slice]:
    """The slices by how good the metric is on them; of equals the one with more rows."""
    sign = 1 if direction == "maximize" else -1
    return sorted(slices, key=lambda one: (sign * one.metric, -one.rows, one.column, one.value))


def choice_sections(
    study: Study,
    finalists: Sequence[Finalist],
    families: Mapping[int, str],
    ensemble: Ensemble | None,
    analysis: Analysis | None,
    *,
    plain: bool = False,
) -> list[Section]:
    """Everything that is known once a study has ended; `families` are those of the finalists, by their numbers."""
    sections: list[Section] = []
    if finalists:
        head = ("  trial", Cell("  ".join(OF_FINALIST), "dim"))
        rows = [head, *(_finalist(one, families, plain=plain) for one in finalists)]
        sections.append((f"Finalists: {SAME_ROWS}", rows))
        chosen = next((one for one in finalists if one.chosen), None)
        if chosen is None:
            words = ("", Cell("None: the trial that was chosen is hidden.", "warn"))
        else:
            words = (f"trial {count(chosen.number)}", Cell(one_line(chosen.why or "", 400), "strong"))
        sections.append(("Chosen", [words]))
    elif told := next((notice for notice in study.notices if notice.startswith(NOT_ANEW)), None):
        sections.append(("Finalists", [("", Cell(told, "warn"))]))
    if ensemble is not None:
        pairs = [("", Cell(sentence)) for sentence in ensemble_words(ensemble, study.metric)]
        if ensemble.run_id is not None:
            pairs.append(("members", Cell(members_words(ensemble))))
        sections.append(("Ensemble", pairs))
    if analysis is not None:
        sections += _sections_of(study, analysis, plain=plain)
    return sections


def _finalist(one: Finalist, families: Mapping[int, str], *, plain: bool) -> tuple[str, Cell]:
    mark = ("> " if plain else "→ ") if one.chosen else "  "
    figures = (score(one.value), score(one.recheck), f"{one.error:.2g}")
    text = "  ".join(f"{figure:>{len(title)}}" for figure, title in zip(figures, OF_FINALIST, strict=True))
    return f"{mark}{count(one.number)} {families.get(one.number, MISSING)}", Cell(text, "strong" if one.chosen else "")


def _sections_of(study: Study, found: Analysis, *, plain: bool) -> list[Section]:
    sections: list[Section] = []
    if found.thresholds:
        sections.append(
            (
                f"From which probability on {_positive(study)} is called",
                [("", Cell(threshold_words(one))) for one in found.thresholds],
            )
        )
    if found.calibration is not None:
        bins = [(key, Cell(text)) for key, text in calibration_rows(found.calibration, plain=plain)]
        sections.append(("Calibration", [("", Cell(calibration_words(found.calibration))), *bins]))
    if found.slices:
        whole = [("all rows", Cell(score(found.whole), "dim"))]
        rows = [
            (one_line(f"{one.column} {one.value}", 24), Cell(f"{score(one.metric)}   {counted(one.rows, 'row')}"))
            for one in worst_first(found.slices, study.direction)
        ]
        sections.append((f"{study.metric} by slice, the worst first", [*whole, *rows]))
    return sections


def _positive(study: Study) -> str:
    return one_line(study.positive, 40) if study.positive is not None else "the second class"
