"""`mlops-tui tune` and `mlops-tui studies …`: launching, watching and steering studies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from mlops_tui.cli.commands import study_notes, study_removing, study_steering, study_trials
from mlops_tui.cli.commands.study_trials import StudyName
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, say, to_json
from mlops_tui.cli.progress import follow
from mlops_tui.cli.study_text import listing, record, sentences
from mlops_tui.core.clock import seconds_of
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.core.sizes import bytes_of
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.metrics import COSTS, METRICS
from mlops_tui.presenters.launch import usual_families
from mlops_tui.presenters.steering import limits_words, workers_words
from mlops_tui.registry.power import power_of, power_words
from mlops_tui.tuning.earlier import EARLIER, told
from mlops_tui.tuning.listing import progress_of
from mlops_tui.tuning.model import (
    FOLDS,
    OPEN,
    PAIRED,
    SAMPLERS,
    Study,
    about_workers,
    family_names,
)
from mlops_tui.tuning.problem import SPLITS, TASKS
from mlops_tui.tuning.query import find_study, find_trial, get_study, list_studies
from mlops_tui.tuning.space import params_of, read_space, space_of_study

app = typer.Typer(no_args_is_help=True, help="Studies: what was tuned, and how far it is.")

FAMILY_NAMES = ", ".join(family_names())
KNOWN_SAMPLERS = "; ".join(f"{name}, {words}" for name, words in SAMPLERS.items())
KNOWN_METRICS = ", ".join(METRICS)


def _either(names: Mapping[str, str]) -> str:
    return ", ".join(names)


def tune(
    source: Annotated[str | None, typer.Argument(metavar="N", help="A source.")] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            metavar="FILE:FUNCTION",
            help="In place of a source: a Python function of Optuna's trial, which workers run in this folder.",
        ),
    ] = None,
    direction: Annotated[
        list[str] | None,
        typer.Option(help="What is best for --objective: minimize or maximize; once for each value that it returns."),
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="A version: its number, or a tag; else the newest.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The column to predict; else the source's own.")] = None,
    task: Annotated[
        str | None, typer.Option(help=f"What the target is: {_either(TASKS)}; else it is guessed, and said why.")
    ] = None,
    positive: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Which of two classes is the positive one; else the second.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help=f"How rows become folds: {_either(SPLITS)}; else as the columns' roles say."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help=f"What is made best, of {KNOWN_METRICS}; else the task's own; after a comma what"
            f" is to be small besides, of {', '.join(COSTS)}. For --objective what its values are called."
        ),
    ] = None,
    models: Annotated[
        str | None, typer.Option(help=f"Families, with commas between, of {FAMILY_NAMES}; else {usual_families()}.")
    ] = None,
    trials: Annotated[int, typer.Option(help="Until there are so many.")] = 20,
    timeout: Annotated[str | None, typer.Option(help="No new trial after this time: 90s, 10m, 2h.")] = None,
    trial_timeout: Annotated[
        str | None, typer.Option(help="A trial that takes longer has failed: 60s, 5m; else it takes what it takes.")
    ] = None,
    trial_memory: Annotated[
        str | None, typer.Option(help="A trial whose process holds more memory has failed: 2GB, 500MB.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes at work.")] = 1,
    sampler: Annotated[str, typer.Option(help=f"How configurations are drawn: {KNOWN_SAMPLERS}.")] = "tpe",
    pruner: Annotated[
        str | None,
        typer.Option(
            help="When a trial is stopped early: paired, once it cannot catch up with the best; or none. For --objective:"
            " median, hyperband or none, by what it reports."
        ),
    ] = None,
    folds: Annotated[
        int | None, typer.Option(help=f"Parts of the rows, each of which is scored once; {FOLDS} unless said.")
    ] = None,
    space: Annotated[
        Path | None,
        typer.Option(
            "--space", metavar="FILE", help="Ranges in place of the families' own, as `studies space` prints them."
        ),
    ] = None,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Ends with an average of its best trials, which can be registered too.")
    ] = False,
    warm_start: Annotated[
        str | None,
        typer.Option(
            metavar="S",
            help=f"Tries the best trials of this study after the defaults; '{EARLIER}': of any on these columns.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed and one worker give the same trials.")] = 0,
    name: Annotated[str | None, typer.Option(help="The study's name.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return at once; the job goes on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tunes model families on a source, in a job of its own.

    Example: mlops-tui tune loans --trials 30; or: mlops-tui tune --objective train.py:objective --direction maximize
    """
    here = services()
    common: dict[str, Any] = {
        "trials": trials,
        "timeout": seconds_of(timeout) if timeout is not None else None,
        "workers": workers,
        "seed": seed,
        "name": name,
        "sampler": sampler,
        "trial_timeout": seconds_of(trial_timeout) if trial_timeout is not None else None,
        "trial_memory": bytes_of(trial_memory) if trial_memory is not None else None,
    }
    metrics = _listed(metric)
    if objective is not None:
        given = {"N": source, "--version": version, "--target": target, "--models": models, "--folds": folds}
        given |= {"--task": task, "--positive": positive, "--split": split}
        _refuse_with_objective({**given, "--space": space, "--ensemble": ensemble or None, "--warm-start": warm_start})
        study = here.studies.create_own(
            objective, Path.cwd(), directions=direction or (), metrics=metrics, pruner=pruner, **common
        )
    elif source is None:
        raise UsageError("Nothing is said to be tuned.", "Name a source, or say --objective train.py:objective")
    elif direction:
        raise UsageError("A metric of a source has its own direction.", "Leave --direction out.")
    else:
        study = here.studies.create(
            source,
            version=version,
            target=target,
            task=task,
            positive=positive,
            split=split,
            metric=metric,
            families=_listed(models) or None,
            pruner=pruner or PAIRED,
            folds=folds if folds is not None else FOLDS,
            space=read_space(space) if space is not None else None,
            ensemble=ensemble,
            warm_start=warm_start,
            **common,
        )
    if target is None and study.notices and "is a guess" in study.notices[0]:
        say(study.notices[0])
    if study.warm_start:
        say(told(study.warm_start))
    if study.script is None:
        say(_power(study))
    job_id = here.studies.launch(study)
    if detach:
        say(f"It goes on by itself. Follow it with: mlops-tui jobs log {short(job_id)} -f")
    else:
        follow(here.jobs, job_id)
    _show(study.id, as_json=as_json)


def _power(study: Study) -> str:
    """What the gates will be able to tell of its models."""
    here = services()
    source, settings = get_source(here.store.reader, study.source_id), here.settings
    found = power_of(
        here.store.reader, source, study.metric, share=settings.held_out_share, margin=settings.gate_margin
    )
    return power_words(found, study.metric)


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _refuse_with_objective(given: dict[str, Any]) -> None:
    """Raises UsageError where something is said that an objective of the user's own decides itself."""
    said = next((option for option, value_ in given.items() if value_ is not None), None)
    if said is not None:
        what = "A source" if said == "N" else f"The option {said}"
        raise UsageError(
            f"{what} does not go with --objective.",
            "The function reads its own data, and draws from a space of its own.",
        )


@app.command("list")
def list_(
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists studies, the newest first.

    Example: mlops-tui studies list
    """
    reader = services().store.reader
    found = list_studies(reader, limit=limit, offset=offset)
    emit([record(reader, study) for study in found], as_json=as_json, render=lambda: listing(reader, found))


@app.command()
def show(
    study: StudyName,
    slices: Annotated[
        bool,
        typer.Option("--slices", help="Also the metric by each value of a category, and how probabilities came true."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Shows one study and its best trial.

    Example: mlops-tui studies show loans-1
    """
    _show(find_study(services().store.reader, study).id, as_json=as_json, slices=slices)


@app.command()
def space(study: StudyName, as_json: AsJson = False) -> None:
    """Prints what a study searches, as Optuna's JSON of distributions; `tune --space` and `optuna ask` read it.

    Example: mlops-tui studies space loans-1 > space.json
    """
    found = find_study(services().store.reader, study)
    searched = found.space if found.script is not None else space_of_study(found.families, found.space)
    emit(searched, as_json=as_json, render=lambda: to_json(searched))


@app.command()
def resume(study: StudyName, as_json: AsJson = False) -> None:
    """Lets a study go on until it has as many trials as it was given.

    Example: mlops-tui studies resume loans-1
    """
    _steer("resume", study, "goes on", as_json=as_json)


@app.command()
def pause(study: StudyName, as_json: AsJson = False) -> None:
    """Begins no new trial.

    Example: mlops-tui studies pause loans-1
    """
    _steer("pause", study, "is paused", as_json=as_json)


@app.command()
def stop(study: StudyName, as_json: AsJson = False) -> None:
    """Finishes the running trials, then ends.

    Example: mlops-tui studies stop loans-1
    """
    _steer("stop", study, "is stopping", as_json=as_json)


@app.command()
def cancel(study: StudyName, as_json: AsJson = False) -> None:
    """Kills the study's processes; running trials are lost.

    Example: mlops-tui studies cancel loans-1
    """
    _steer("cancel", study, "is being cancelled", as_json=as_json)


@app.command()
def extend(
    study: StudyName,
    trials: Annotated[int | None, typer.Option(help="So many in all.")] = None,
    timeout: Annotated[str | None, typer.Option(help="So long in all: 90s, 10m, 2h.")] = None,
    as_json: AsJson = False,
) -> None:
    """Gives a study more trials or more time, while it runs or after it has ended; then `studies resume` lets it go on.

    Example: mlops-tui studies extend loans-1 --trials 100
    """
    here = services()
    found = find_study(here.store.reader, study)
    seconds = seconds_of(timeout) if timeout is not None else None
    extended = here.studies.extend(found, trials=trials, timeout=seconds)
    emit(record(here.store.reader, extended), as_json=as_json, render=lambda: printable(limits_words(found, extended)))
    if extended.state not in OPEN:
        say(f"Let it go on with: mlops-tui studies resume {quote(extended.name)}")


@app.command()
def workers(
    study: StudyName,
    count_: Annotated[int, typer.Argument(metavar="W", help="Processes at work.")],
    as_json: AsJson = False,
) -> None:
    """Gives a study more or fewer workers; one that is too many finishes its trial.

    Example: mlops-tui studies workers loans-1 2
    """
    here = services()
    found = find_study(here.store.reader, study)
    changed = here.studies.set_workers(found, count_)
    emit(record(here.store.reader, changed), as_json=as_json, render=lambda: printable(workers_words(found, changed)))
    for words in about_workers(changed.workers):
        say(words)


@app.command()
def enqueue(
    study: StudyName,
    given: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE …", help="Parameters of one family.")] = None,
    like: Annotated[int | None, typer.Option("--like", metavar="T", help="Begin with those of this trial.")] = None,
    as_json: AsJson = False,
) -> None:
    """Has a configuration tried next; what it leaves open is drawn. `model=FAMILY` says of which family it is.

    Example: mlops-tui studies enqueue loans-1 model=hgb learning_rate=0.05
    """
    here = services()
    found = find_study(here.store.reader, study)
    wanted = _like(found, like) if like is not None else {}
    wanted |= dict(_pair(text) for text in given or ())
    family = wanted.pop("model", None) if found.script is None else None
    number, tried = here.studies.enqueue(found, wanted, family)
    shown = {"study": found.name, "trial": number, "params": tried}
    words = ", ".join(f"{key} {value_}" for key, value_ in tried.items())
    emit(shown, as_json=as_json, render=lambda: f"Trial {number} of {printable(found.name)} is in the queue: {words}.")


def _pair(text: str) -> tuple[str, str]:
    key, sign, found = text.partition("=")
    if not (key and sign):
        raise UsageError(f"'{printable(text)}' is no KEY=VALUE.", "For example: learning_rate=0.05")
    return key, found


def _like(study: Study, number: int) -> dict[str, str]:
    trial = find_trial(services().store.reader, study, number)
    drawn = params_of(study, trial.family)
    params = {key: str(value_) for key, value_ in trial.params.items() if key in drawn}
    return params if study.script is not None else {"model": trial.family, **params}


study_trials.add_to(app)
study_notes.add_to(app)
study_removing.add_to(app)
study_steering.add_to(app)


def _steer(verb: str, selector: str, words: str, *, as_json: bool) -> None:
    here = services()
    study = find_study(here.store.reader, selector)
    getattr(here.studies, verb)(study)
    steered = record(here.store.reader, get_study(here.store.reader, study.id))
    emit(steered, as_json=as_json, render=lambda: f"Study '{printable(study.name)}' {words}.")


def _show(study_id: str, *, as_json: bool, slices: bool = False) -> None:
    reader = services().store.reader
    progress = progress_of(reader, study_id)
    emit(record(reader, progress.study), as_json=as_json, render=lambda: sentences(reader, progress, slices=slices))
