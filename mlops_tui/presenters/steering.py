"""What the forms say that steer a study: other limits and workers, and a configuration that is to be tried next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import NamedTuple

from mlops_tui.core.clock import seconds_of
from mlops_tui.core.errors import MlopsError, UsageError
from mlops_tui.overview.removing import Removal
from mlops_tui.presenters.fields import Fields
from mlops_tui.presenters.words import NOTHING_CHANGED, counted, size
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.narrowing import Searched, cost_words, narrowed
from mlops_tui.tuning.notes import Said
from mlops_tui.tuning.space import Space, in_words


class Limits(NamedTuple):
    """What is to be otherwise, None where a thing stays; and a sentence for each field that cannot stay so."""

    trials: int | None
    timeout: float | None
    workers: int | None
    wrong: dict[str, str]


def limits(values: Mapping[str, str], study: Study) -> Limits:
    """Reads the texts of the form; what says the same as before stays."""
    fields = Fields(values)
    trials, workers = (fields.required_whole(field, 1) for field in ("trials", "workers"))
    timeout = fields.read("timeout", seconds_of)
    if not values["timeout"] and study.timeout is not None:
        fields.wrong["timeout"] = "It can be longer, not endless."
    return Limits(
        trials if trials != study.trials else None,
        timeout if timeout != study.timeout else None,
        workers if workers != study.workers else None,
        fields.wrong,
    )


def time_text(seconds: float | None) -> str:
    """A time as the field takes it."""
    if seconds is None:
        return ""
    unit, size = next(
        (unit, size) for unit, size in (("h", 3600), ("m", 60), ("s", 1)) if seconds % size == 0 or size == 1
    )
    return f"{seconds / size:g}{unit}"


def limits_commands(values: Mapping[str, str], study: Study) -> str:
    """The commands that do the same."""
    asked, name = limits(values, study), shlex.quote(study.name)
    extended = f" --trials {asked.trials}" if asked.trials is not None else ""
    extended += f" --timeout {shlex.quote(values['timeout'])}" if asked.timeout is not None else ""
    commands = [f"mlops-tui studies extend {name}{extended}"] if extended else []
    commands += [f"mlops-tui studies workers {name} {asked.workers}"] if asked.workers is not None else []
    return "\n".join(commands) or NOTHING_CHANGED


def limits_words(before: Study, after: Study) -> str:
    """What is otherwise in a study's limits, in one sentence."""
    told = []
    if after.trials != before.trials:
        told.append(f"have {after.trials:,} trials in all, {before.trials:,} before")
    if after.timeout != before.timeout:
        known = f", {time_text(before.timeout)} before" if before.timeout is not None else ""
        told.append(f"take {time_text(after.timeout)} in all{known}")
    return (
        f"Study '{after.name}' may {'; and '.join(told)}."
        if told
        else f"Study '{after.name}' has these limits already."
    )


def workers_words(before: Study, after: Study) -> str:
    """What is otherwise in a study's workers, in one sentence."""
    if after.workers == before.workers:
        return f"Study '{after.name}' has {counted(after.workers, 'worker')} already."
    return f"Study '{after.name}' has {counted(after.workers, 'worker')}, {before.workers:,} before."


def limit_at_fault(error: MlopsError) -> str:
    """The field that a refusal is about."""
    words = {"trials": "trials", "time": "timeout", "worker": "workers"}
    return next((field for word, field in words.items() if word in error.title.lower()), "trials")


def drawn_from(space: Space) -> dict[str, str]:
    """What each parameter may be, in words."""
    return {name: f"{in_words(kind)}; empty is drawn" for name, kind in space.items()}


def given_text(trial: Trial | None, space: Space) -> dict[str, str]:
    """The trial's values of these parameters, as they are typed."""
    return {name: str(trial.params[name]) for name in space if trial is not None and name in trial.params}


def queue_command(values: Mapping[str, str], study: Study, family: str | None) -> str:
    """The command that puts the same configuration into the queue."""
    model = [] if family is None else [f"model={family}"]
    given = [shlex.quote(f"{name}={text}") for name, text in values.items() if text]
    return " ".join(["mlops-tui studies enqueue", shlex.quote(study.name), *model, *given])


def narrow_words(values: Mapping[str, str], known: Searched) -> str:
    """What narrowing a range costs the sampler, and the command that does it; or what is wrong with it."""
    try:
        found = narrowed(known, values["range"], values["low"], values["high"])
    except UsageError as error:
        return error.title
    if found.before == found.after:
        return NOTHING_CHANGED
    ends = [values["low"], values["high"]]
    line = ["mlops-tui studies narrow", *map(shlex.quote, (known.study.name, found.name, *ends))]
    return f"{cost_words(found, known.study.sampler)}\n{' '.join(line)}"


def said_fields(said: Said) -> dict[str, str]:
    """What is said as the form's fields have it."""
    return {"note": said.note, "tags": ", ".join(said.tags)}


def tag_changes(values: Mapping[str, str], said: Said) -> tuple[list[str], list[str]]:
    """The tags that are to be added, and those to be taken away."""
    wanted = Fields(values).parts("tags")
    return [tag for tag in wanted if tag not in said.tags], [tag for tag in said.tags if tag not in wanted]


def note_commands(values: Mapping[str, str], study: Study, trial: int | None, said: Said) -> str:
    """The commands that say the same."""
    name, of = shlex.quote(study.name), "" if trial is None else f" --trial {trial}"
    added, removed = tag_changes(values, said)
    commands = []
    if values["note"] != said.note.strip():
        first, *more = values["note"].splitlines() or [""]
        commands.append(f"mlops-tui studies note {name} {shlex.quote(first + (' …' if more else ''))}{of}")
    if added or removed:
        parts = [*map(shlex.quote, added), *(f"--remove {shlex.quote(tag)}" for tag in removed)]
        commands.append(f"mlops-tui studies tag {name} {' '.join(parts)}{of}")
    return "\n".join(commands) or NOTHING_CHANGED


def removal_words(gone: Removal) -> str:
    """What goes with a study."""
    files = f", {size(gone.bytes)} of predictions and matrices" if gone.bytes else ""
    return f"{counted(gone.trials, 'trial')}, {counted(gone.runs, 'run')}{files}"
