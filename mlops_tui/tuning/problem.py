"""What is to be learnt of a target: the task, the positive class and how rows are split; chosen by a person, or guessed.

Each is said in a sentence with its reason, and what does not fit the target or the source is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import BadTarget, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.evaluation.metrics import BINARY, MULTICLASS, REGRESSION
from mlops_tui.tuning.labels import same_label

CLASSES_AT_MOST = 20
"""An integer target with so many different values or fewer is a class."""
CLASSES_NAMED = 10
TASKS = {
    BINARY: "two classes, one of which is the positive one",
    MULTICLASS: "three classes or more",
    REGRESSION: "a number",
}
"""What a target can be."""
STRATIFIED, GROUP, TIME, PLAIN = "stratified", "group", "time", "plain"
SPLITS = {
    STRATIFIED: "class by class, each fold with the classes' shares",
    GROUP: "the rows of one group stay together",
    TIME: "forward in time",
    PLAIN: "at random",
}
"""How rows become folds."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The task and the split of a study; `positive` is None where nobody has said which of two classes it is: the second
    one. `about_task` and `about_split` say them with their reasons.
    """

    task: str
    positive: str | None
    split: str
    about_task: str
    about_split: str


def problem_of(
    source: Source,
    target: str,
    column: Mapping[str, Any],
    folds: int,
    *,
    task: str | None = None,
    split: str | None = None,
    positive: str | None = None,
) -> Problem:
    """What is asked for, and what the target and the columns' roles say where nothing is; `column` is the target's profile.

    Raises:
        UsageError: what is asked for does not fit.
        BadTarget: a class has fewer rows than there are folds, or a number is infinite.
    """
    guessed = _guessed_task(column)
    if task is not None and task != guessed:
        _refuse_task(task, target, column)
    chosen = task or guessed
    if chosen == REGRESSION and (infinite := column.get("infinite") or 0):
        raise BadTarget(
            f"The target '{printable(target)}' is infinite in {infinite:,} {'row' if infinite == 1 else 'rows'}.",
            "Mend them, or leave those rows out.",
        )
    if chosen != REGRESSION:
        _refuse_rare(target, column, folds)
    found, whose = _positive(source, target, column, chosen, positive)
    words = _about_task(chosen, guessed, target, column, is_asked=task is not None)
    words += _about_positive(found, whose, column) if chosen == BINARY else "."
    usual = _guessed_split(source, chosen)
    if split is not None and split != usual:
        _refuse_split(split, source, chosen, target)
    return Problem(chosen, found, split or usual, words, _about_split(source, split or usual, usual, chosen))


def _guessed_task(column: Mapping[str, Any]) -> str:
    kind, distinct = column["kind"], column["distinct"] or 0
    if kind == "numeric" or (kind == "integer" and distinct > CLASSES_AT_MOST):
        return REGRESSION
    return BINARY if distinct == 2 else MULTICLASS


def _refuse_task(task: str, target: str, column: Mapping[str, Any]) -> None:
    kind, distinct = column["kind"], column["distinct"] or 0
    name, is_number = printable(target), kind in ("numeric", "integer")
    if task not in TASKS:
        raise UsageError(f"The task '{printable(task)}' is not known.", f"Choose one of: {', '.join(TASKS)}.")
    if task == REGRESSION and not is_number:
        raise UsageError(
            f"The task cannot be regression: '{name}' is of kind {kind}, and holds no numbers.",
            f"Leave --task out, or say --task {_guessed_task(column)}.",
        )
    if task == BINARY and distinct != 2:
        raise UsageError(
            f"The task cannot be binary: '{name}' has {_about(column)} different values, not two.",
            f"Say --task {REGRESSION if kind == 'numeric' else MULTICLASS}.",
        )
    if task == MULTICLASS and distinct == 2:
        raise UsageError(f"The task cannot be multiclass: '{name}' has two different values.", "Say --task binary.")
    whole = all(float(column[end]).is_integer() for end in ("min", "max") if column[end] is not None)
    if task != REGRESSION and kind == "numeric" and (not whole or distinct > CLASSES_AT_MOST):
        what = f"{_about(column)} different numbers" if whole else "numbers that are not whole"
        raise UsageError(
            f"The task cannot be {task}: '{name}' holds {what}, which are no classes.", "Say --task regression."
        )


def _about(column: Mapping[str, Any]) -> str:
    distinct = column["distinct"] or 0
    return f"{distinct:,}" if distinct <= CLASSES_AT_MOST else f"about {distinct:,}"


def _refuse_rare(target: str, column: Mapping[str, Any], folds: int) -> None:
    """Raises BadTarget where not every class can be in every fold, as far as the profile knows; else the job finds it."""
    distinct, labelled, name = column["distinct"] or 0, column["count"], printable(target)
    if distinct > CLASSES_AT_MOST and distinct * folds > labelled:
        raise BadTarget(
            f"The target '{name}' has about {distinct:,} classes in {labelled:,} rows: not every one can be in each of {folds}"
            " folds.",
            "Choose another target, or, where it holds numbers, --task regression.",
        )
    counts = {item["value"]: item["count"] for item in column["top"] or ()}
    if counts and not column["other"] and (fewest := min(counts.values())) < folds:
        rarest = next(label for label, count in counts.items() if count == fewest)
        fewer = f", or take fewer folds: --folds {fewest}" if fewest > 2 else ""
        raise BadTarget(
            f"The class '{printable(str(rarest))}' of the target '{name}' is in {fewest} {'row' if fewest == 1 else 'rows'}, fewer than"
            f" the {folds} folds.",
            f"Add rows of that class, or leave its rows out{fewer}.",
        )


def _labels(column: Mapping[str, Any]) -> list[str]:
    """The two classes in order, as far as the profile knows them."""
    if column["top"]:
        return sorted(str(item["value"]) for item in column["top"])
    return [f"{column[end]:g}" for end in ("min", "max") if column[end] is not None]


def _positive(
    source: Source, target: str, column: Mapping[str, Any], task: str, asked: str | None
) -> tuple[str | None, str]:
    """The positive class, and who says so."""
    if task != BINARY:
        if asked is not None:
            raise UsageError(f"A {task} target has no positive class.", "Leave --positive out.")
        return None, ""
    whose, wanted = "as was asked for", asked
    if asked is None and source.positive is not None and target == source.target:
        whose, wanted = "as the source says", source.positive
    if wanted is None:
        return None, "the second in order"
    known = _labels(column)
    found = next((label for label in known if same_label(label, wanted)), None)
    if found is None:
        raise UsageError(
            f"The positive class '{printable(wanted)}' is none of the target '{printable(target)}'.",
            f"Choose one of: {', '.join(printable(label) for label in known)}.",
        )
    return found, whose


def _about_task(task: str, guessed: str, target: str, column: Mapping[str, Any], *, is_asked: bool) -> str:
    name = printable(target)
    holds = f"holds numbers, {_about(column)} different ones"
    if not (task == REGRESSION and column["kind"] in ("numeric", "integer")):
        holds = f"has {_about(column)} different values"
    if not is_asked:
        return f"The task is {task}: '{name}' {holds}"
    guess = "" if task == guessed else f", and would be {guessed} else"
    return f"The task is {task}, as was asked for: '{name}' {holds}{guess}"


def _about_positive(positive: str | None, whose: str, column: Mapping[str, Any]) -> str:
    named = positive if positive is not None else next(iter(_labels(column)[1:2]), None)
    return "." if named is None else f". The positive class is '{printable(named)}', {whose}."


def _guessed_split(source: Source, task: str) -> str:
    if source.time_column is not None:
        return TIME
    if source.group_column is not None:
        return GROUP
    return PLAIN if task == REGRESSION else STRATIFIED


def _refuse_split(split: str, source: Source, task: str, target: str) -> None:
    if split not in SPLITS:
        raise UsageError(f"The split '{printable(split)}' is not known.", f"Choose one of: {', '.join(SPLITS)}.")
    columns = {TIME: source.time_column, GROUP: source.group_column}
    if split in columns and columns[split] is None:
        raise UsageError(
            f"The split cannot be by {split}: no column of source '{source.name}' has the role {split}.",
            f"Give one the role: mlops-tui data schema {source.name} --role COLUMN={split}",
        )
    if split == STRATIFIED and task == REGRESSION:
        raise UsageError(
            f"The split cannot be stratified: '{printable(target)}' holds numbers, not classes.", "Say --split plain."
        )


def _about_split(source: Source, split: str, usual: str, task: str) -> str:
    together = f"rows of one '{source.group_column}'"
    words = {
        TIME: f"Folds go forward in time, by '{source.time_column}'",
        GROUP: f"Folds keep the {together} together",
        STRATIFIED: "Folds keep the shares of the classes",
        PLAIN: "Folds are drawn at random",
    }[split]
    if split == TIME and source.group_column is not None:
        words += f", and learn from none of the {together} that they score"
    if split == usual:
        return words + "."
    asked = f"{words}, as was asked for"
    if usual == TIME:
        return f"{asked}; rows have a time, '{source.time_column}', and figures are too good where later rows tell of earlier ones."
    if usual == GROUP:
        return f"{asked}; figures are too good where {together} tell of each other."
    return f"{asked}."
