"""A study as `studies show` and `studies list` tell it, and as a script reads it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from shlex import quote
from typing import Any

from mlops_tui.cli import choice_text
from mlops_tui.cli.output import table
from mlops_tui.core.printable import printable
from mlops_tui.presenters.analysis import OF_FINALIST, SAME_ROWS
from mlops_tui.presenters.tune import ending, objective_value, parent_words
from mlops_tui.presenters.words import count, counted, one_line, state, value
from mlops_tui.runs.query import get_run
from mlops_tui.tuning.listing import StudyProgress, progress_of
from mlops_tui.tuning.model import CANCELLED, FAILED, INTERRUPTED, PAUSED, STOPPED, Script, Study, Trial
from mlops_tui.tuning.notes import notes_of
from mlops_tui.tuning.query import finalists_of, front_of, studies_after, trial_of_run

MOST_OF_FRONT = 20
RIGHT = ("trial", *OF_FINALIST)


def record(reader: sqlite3.Connection, study: Study) -> dict[str, Any]:
    """A study's keys in JSON."""
    best = trial_of_run(reader, study.best_run) if study.best_run else None
    progress = progress_of(reader, study.id)
    said = notes_of(reader, study).study
    return {
        "study": study.name,
        "id": study.id,
        "source": progress.source if study.script is None else None,
        "version": study.version or None,
        "objective": study.script and _script(study.script),
        "state": study.state,
        "reason": study.reason,
        "target": study.target or None,
        "task": study.task if study.script is None else None,
        "positive": study.positive,
        "split": study.split,
        "metric": study.metric,
        "direction": study.direction,
        "objectives": [{"name": one.name, "direction": one.direction} for one in study.objectives],
        "front": [trial.number for trial in front_of(reader, study)],
        "trials": len(progress.points),
        "ended": progress.ended,
        "asked": study.trials,
        "trial_timeout": study.trial_timeout,
        "trial_memory": study.trial_memory,
        "best": best and {"run": best.run_id, "value": best.value, "params": best.params, "family": best.family},
        "seconds": progress.worked.until(time.time()) if progress.worked is not None else None,
        "notices": study.notices,
        "parent": study.parent
        and {"study": study.parent.name, "id": study.parent.study, "trials": len(study.parent.trials)},
        "continued_by": studies_after(reader, study.id),
        "note": said.note or None,
        "tags": list(said.tags),
        "finalists": [
            {
                "trial": one.number,
                "run": one.run_id,
                "value": one.value,
                "recheck": one.recheck,
                "error": one.error,
                "chosen": one.chosen,
                "why": one.why,
            }
            for one in finalists_of(reader, study.id)
        ],
        **choice_text.record(reader, study),
    }


def _script(script: Script) -> dict[str, Any]:
    return {
        "file": script.path,
        "function": script.function,
        "sha256": script.sha256,
        "folder": script.folder,
        "code": script.code,
    }


def _about_script(script: Script) -> str:
    code = script.code
    at = f", at commit {code['commit'][:8]}{' with changes' if code['dirty'] else ''}" if code else ""
    return f"Objective {script.path}:{script.function}, {script.sha256[:8]}{at}; it works in {'the workspace' if script.folder == '.' else script.folder}"


def sentences(reader: sqlite3.Connection, progress: StudyProgress, *, slices: bool = False) -> str:
    """What `studies show` says; with `slices` also the tables of them."""
    study = progress.study
    told = " and ".join(one.name for one in study.objectives) or study.metric
    lines = [f"{study.name}: {state(study.state).text}, {_done(progress)} trials by {told}."]
    if why := ending(study).text:
        lines.append(why)
    if study.script is not None:
        lines.append(_about_script(study.script))
    if study.parent is not None:
        lines.append(parent_words(study.parent))
    if later := studies_after(reader, study.id):
        lines.append(f"It goes on in: {', '.join(later)}")
    said = notes_of(reader, study).study
    if said.tags:
        lines.append(f"Tags: {', '.join(said.tags)}")
    if said.note:
        lines.append(f"Note: {one_line(said.note)}")
    if progress.ended < study.trials and study.state in (PAUSED, STOPPED, FAILED, CANCELLED, INTERRUPTED):
        lines.append(f"Let it go on with: mlops-tui studies resume {quote(study.name)}")
    best = trial_of_run(reader, study.best_run) if study.best_run else None
    if best:
        run = get_run(reader, best.run_id).name
        of = "" if study.script is not None else f"{best.family} with "
        lines.append(f"Best {value(best.value)} by run {run}: {of}{params_text(best)}.")
        if study.script is None:
            lines += _choice(reader, progress) or [_register(run, progress.source)]
            lines += choice_text.lines(reader, study, progress.source, slices=slices)
    lines += _front(reader, progress)
    return "\n".join(line if "\n" in line else printable(line) for line in [*lines, *study.notices])


def _front(reader: sqlite3.Connection, progress: StudyProgress) -> list[str]:
    """The trials that no other one is better than, as a table; nothing of a study with one objective."""
    study = progress.study
    found = front_of(reader, study)
    if not found:
        return []
    names = [one.name for one in study.objectives]
    rows = [
        (
            str(trial.number),
            *(objective_value(name, number) for name, number in zip(names, trial.values or (), strict=True)),
            trial.family,
            params_text(trial),
        )
        for trial in found[:MOST_OF_FRONT]
    ]
    lines = [
        f"On the Pareto front are {counted(len(found), 'trial')}: none of them is better than another in all objectives.",
        table(("trial", *names, "family", "parameters"), rows, right=("trial", *names)),
    ]
    if len(found) > MOST_OF_FRONT:
        lines.append(f"See all of them: mlops-tui studies trials {quote(study.name)} --pareto")
    if study.script is None:
        run = get_run(reader, found[0].run_id).name
        example = f"mlops-tui models register {quote(run)} --name {quote(progress.source)}"
        lines.append(f"Choose one and register it, for example: {example}")
    return lines


def _choice(reader: sqlite3.Connection, progress: StudyProgress) -> list[str]:
    """The finalists as a table, and which of them is chosen; nothing before the study has ended."""
    found = finalists_of(reader, progress.study.id)
    if not found:
        return []
    chosen = found[0]
    trials = {one.number: trial_of_run(reader, one.run_id) for one in found}
    rows = [
        (
            "→" if one.chosen else "",
            str(one.number),
            value(one.value),
            value(one.recheck),
            value(one.error),
            trial.family if (trial := trials[one.number]) else "",
        )
        for one in found
    ]
    lines = [
        f"Finalists: {SAME_ROWS}",
        table(("", "trial", *OF_FINALIST, "family"), rows, right=RIGHT),
    ]
    if not chosen.chosen:
        return [*lines, "None is chosen: the trial that was is hidden."]
    run = get_run(reader, chosen.run_id).name
    return [*lines, f"Chosen is trial {chosen.number}: {chosen.why}.", _register(run, progress.source)]


def _register(run: str, source: str) -> str:
    return f"Register it with: mlops-tui models register {quote(run)} --name {quote(source)}"


def _done(progress: StudyProgress) -> str:
    return f"{count(progress.ended)}/{count(progress.study.trials)}"


def listing(reader: sqlite3.Connection, studies: Sequence[Study]) -> str:
    """Studies as a table."""
    rows = [
        (
            study.name,
            state(study.state).text,
            ", ".join(one.name for one in study.objectives) or study.metric,
            value(study.best_value) if not study.objectives else f"front {len(front_of(reader, study))}",
            _done(progress_of(reader, study.id)),
        )
        for study in studies
    ]
    return table(("study", "state", "metric", "best", "trials"), rows, right=("best", "trials"))


def params_text(trial: Trial) -> str:
    """A trial's parameters in one line."""
    return ", ".join(f"{key} {_shown(number)}" for key, number in trial.params.items()) or "none"


def _shown(parameter: Any) -> str:
    return value(parameter) if isinstance(parameter, float) else printable(str(parameter))
