"""`mlops-tui studies trials` and `importance`: what a study has tried, and what made the difference."""

from __future__ import annotations

import sqlite3
from itertools import zip_longest
from typing import Annotated, Any

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, say, table
from mlops_tui.cli.study_text import params_text
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.presenters.pictures import importance_rows, importance_words
from mlops_tui.presenters.tune import objective_value
from mlops_tui.presenters.words import bar, duration, state, value
from mlops_tui.runs.query import get_run
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.notes import Said, notes_of
from mlops_tui.tuning.query import TRIAL_SORTS, find_study, front_of, page_of_trials
from mlops_tui.tuning.trial_where import EXAMPLE, STATES

StudyName = Annotated[str, typer.Argument(metavar="S", help="A study: its name or a part of its id.")]

KNOWN_STATES = ("complete", "pruned", "fail", "running", "waiting")
BAR = 20


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (trials, importance):
        app.command()(command)


def trials(
    study: StudyName,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help=f"Only those that are {', '.join(KNOWN_STATES)}.")
    ] = None,
    family: Annotated[str | None, typer.Option(metavar="F", help="Only those of a family.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="EXPR", help=f"Only those that it holds for, for example: {EXAMPLE}")
    ] = None,
    pareto: Annotated[
        bool, typer.Option("--pareto", help="Only those that no other one is better than in all of several objectives.")
    ] = False,
    sort: Annotated[
        str, typer.Option(metavar="KEY", help=f"By {', '.join(TRIAL_SORTS)}; by value the best come first.")
    ] = "number",
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists a study's trials.

    Example: mlops-tui studies trials loans-1 --state complete --sort value
    """
    reader = services().store.reader
    tuned = find_study(reader, study)
    if sort not in TRIAL_SORTS:
        raise UsageError(f"Trials are not sorted by '{printable(sort)}'.", f"They are by: {', '.join(TRIAL_SORTS)}.")
    query = _query(state, family, where)
    if pareto:
        query = " and ".join([_on_front(reader, tuned), *([f"({query})"] if query else [])])
    found = page_of_trials(
        reader,
        tuned.id,
        where=query,
        sort=sort,
        descending=tuned.direction == "maximize" if sort == "value" else sort not in ("number", "state", "family"),
        limit=limit + 1,
        offset=offset,
    )
    found, are_more = found[:limit], len(found) > limit
    said = notes_of(reader, tuned).trials
    emit(
        [_trial(trial, said.get(trial.number, Said())) for trial in found],
        as_json=as_json,
        render=lambda: _render_trials(found, tuned),
    )
    if are_more:
        say(f"mlops-tui: there are more trials. Go on with --offset {offset + limit}, or ask for more: --limit N")


def _on_front(reader: sqlite3.Connection, study: Study) -> str:
    """The trials of the front as a query.

    Raises:
        UsageError: the study has one objective.
    """
    if not study.objectives:
        raise UsageError(
            f"Study '{study.name}' has one objective, and so no front.", "Its best come first with: --sort value"
        )
    numbers = ", ".join(str(trial.number) for trial in front_of(reader, study)) or "-1"
    return f"number in ({numbers})"


def _query(state: str | None, family: str | None, where: str | None) -> str:
    """The three options as one query.

    Raises:
        UsageError: there is no such state.
    """
    if state is not None and STATES.get(state, state) not in KNOWN_STATES:
        raise UsageError(f"No trial is '{printable(state)}'.", f"They are: {', '.join(KNOWN_STATES)}.")
    told = [f"{name} = {_quoted(text)}" for name, text in (("state", state), ("family", family)) if text is not None]
    return " and ".join([*told, *([f"({where})"] if where else [])])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def importance(study: StudyName, as_json: AsJson = False) -> None:
    """Shows which parameters decide whether a trial is among the best, by PED-ANOVA.

    Example: mlops-tui studies importance loans-1
    """
    name = find_study(services().store.reader, study).id
    found = services().asking.ask("importance", study=name)
    emit(found, as_json=as_json, render=lambda: _render_importance(found))


def _render_importance(found: dict[str, Any]) -> str:
    rows = [
        (printable(label), f"{share:.2f}", bar(share, BAR, plain=True), printable(note))
        for label, share, note in importance_rows(found)
    ]
    if not rows:
        return "Too few trials to tell yet: a family needs eight that are complete."
    drawn = table(("parameter", "importance", "", "family"), rows, right=("importance",))
    return f"{drawn}\n\n{importance_words(found)}"


def _trial(trial: Trial, said: Said) -> dict[str, Any]:
    return {
        "number": trial.number,
        "run": trial.run_id,
        "state": trial.state,
        "value": trial.value,
        "params": trial.params,
        "family": trial.family,
        "seconds": trial.seconds,
        "reason": trial.reason,
        "fold_values": trial.fold_values or [],
        "cpu_seconds": trial.cpu_seconds,
        "predict_seconds": trial.predict_seconds,
        "peak_bytes": trial.peak_bytes,
        "values": trial.values or [],
        "attributes": trial.attributes,
        "note": said.note or None,
        "tags": list(said.tags),
        "hidden": trial.is_hidden,
    }


def _render_trials(trials: list[Trial], study: Study) -> str:
    reader = services().store.reader
    rows = [
        (
            str(trial.number),
            get_run(reader, trial.run_id).name,
            state(trial.state).text,
            value(trial.value),
            *(
                objective_value(one.name, number)
                for one, number in zip_longest(study.objectives[1:], (trial.values or [])[1:])
            ),
            trial.family,
            duration(trial.seconds),
            params_text(trial),
        )
        for trial in trials
    ]
    further = [one.name for one in study.objectives[1:]]
    first = study.objectives[0].name if study.objectives else "value"
    columns = ("number", "run", "state", first, *further, "family", "took", "parameters")
    return table(columns, rows, right=("number", first, *further, "took"))
