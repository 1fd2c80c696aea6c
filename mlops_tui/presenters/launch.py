"""What a form says about a study that is to be launched."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from mlops_tui.core.clock import seconds_of
from mlops_tui.core.errors import BadTarget, MlopsError, UnknownColumn, UnknownName
from mlops_tui.core.sizes import bytes_of
from mlops_tui.presenters.fields import Fields
from mlops_tui.presenters.words import one_line
from mlops_tui.tuning.model import FAMILIES, FOLDS, KNOWN_FAMILIES, MEDIAN, OWN_PRUNERS, PAIRED, PRUNERS, family_names


def families_by_task(own: Collection[str] = ()) -> str:
    """The families that fit each kind of target, in words, and the user's own."""
    return _by_task(KNOWN_FAMILIES) + (f"; {', '.join(own)}" if own else "")


def usual_families() -> str:
    """The families that are tried unless others are named, in words."""
    both, classes, numbers = _apart(FAMILIES)
    return f"{', '.join(both)}, {' and '.join(classes)} or {' and '.join(numbers)}"


def _by_task(known: Mapping[str, Sequence[str]]) -> str:
    both, classes, numbers = _apart(known)
    return f"{', '.join(both)}; {', '.join(classes)}, or {', '.join(numbers)} for numbers"


def _apart(known: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    """The families that fit both kinds of target, those for classes alone, and those for numbers alone."""
    classes, numbers = known["binary"], known["regression"]
    both = [family for family in classes if family in numbers]
    classes_alone, numbers_alone = (
        [family for family in families if family not in both] for families in (classes, numbers)
    )
    return both, classes_alone, numbers_alone


GUESSED = "guessed"
"""What a field says where the target or the columns' roles decide."""


class Wish(NamedTuple):
    """What a form asks of `Studies.create`, and a sentence for each field that cannot stay so."""

    arguments: dict[str, Any]
    wrong: dict[str, str]


def wish(values: Mapping[str, str], own: Collection[str] = ()) -> Wish:
    """Reads the texts of the launch form; an empty field means the default. `own` are families of the user's own."""
    fields = Fields(values)
    arguments = {
        "trials": fields.whole("trials", 1) or 20,
        "timeout": fields.read("timeout", seconds_of),
        "trial_timeout": fields.read("trial_timeout", seconds_of),
        "trial_memory": fields.read("trial_memory", bytes_of),
        "workers": fields.whole("workers", 1) or 1,
        "seed": fields.whole("seed", 0) or 0,
        "name": fields.text("name"),
        "sampler": values["sampler"],
        **(_own_wish(fields, values) if values["objective"] else _source_wish(fields, values, own)),
    }
    return Wish(arguments, fields.wrong)


NOT_OWN = (
    *(
        "source",
        "target",
        "task",
        "positive",
        "split",
        "families",
        "space",
        "folds",
        "version",
        "ensemble",
        "warm_start",
    ),
)
"""Fields that do not go with an objective of the user's own."""


def _source_wish(fields: Fields, values: Mapping[str, str], own: Collection[str]) -> dict[str, Any]:
    """What is asked of `Studies.create` alone."""
    known, families = [*family_names(), *own], fields.parts("families")
    if unknown := [name for name in families if name not in known]:
        fields.wrong["families"] = f"There is no family '{one_line(unknown[0])}'. Choose from {', '.join(known)}."
    if not values["source"]:
        fields.wrong["objective"] = "There is no source yet: name an objective of your own, or add a source first."
    return {
        "source_selector": values["source"],
        "target": values["target"],
        "task": fields.text("task") if values["task"] != GUESSED else None,
        "split": fields.text("split") if values["split"] != GUESSED else None,
        "positive": fields.text("positive"),
        "metric": fields.text("metric"),
        "families": families or None,
        "version": fields.text("version"),
        "pruner": values["pruner"],
        "folds": fields.whole("folds", 2) or FOLDS,
        "ensemble": values["ensemble"] == "yes",
        "warm_start": fields.text("warm_start"),
    }


def _own_wish(fields: Fields, values: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of `Studies.create_own` alone."""
    directions = fields.parts("direction")
    if unknown := [way for way in directions if way not in ("minimize", "maximize")]:
        fields.wrong["direction"] = f"'{one_line(unknown[0])}' is neither minimize nor maximize."
    return {
        "script": values["objective"],
        "directions": directions,
        "metrics": fields.parts("metric"),
        "pruner": values["pruner"] if values["pruner"] != usual_pruner(values) else None,
    }


def usual_pruner(values: Mapping[str, str]) -> str:
    """The pruner that is taken where none is named."""
    return MEDIAN if values["objective"] else PAIRED


def pruners(values: Mapping[str, str]) -> Mapping[str, str]:
    """Those that go with what is to be tuned, the usual one first."""
    return OWN_PRUNERS if values["objective"] else PRUNERS


OPTIONS = (
    ("target", ""),
    ("task", GUESSED),
    ("positive", ""),
    ("split", GUESSED),
    ("metric", ""),
    ("models", ""),
    ("space", ""),
    ("trials", "20"),
    ("timeout", ""),
    ("trial-timeout", ""),
    ("trial-memory", ""),
    ("workers", "1"),
    ("sampler", "tpe"),
    ("pruner", PAIRED),
    ("folds", str(FOLDS)),
    ("seed", "0"),
    ("name", ""),
    ("version", ""),
    ("warm-start", ""),
)
_MODELS = "models"
"""What the command calls the families."""


def tune_command(values: Mapping[str, str]) -> str:
    """The command that launches the same study; options that keep their default are left out."""
    given = {**values, _MODELS: values["families"].replace(" ", ""), "metric": values["metric"].replace(" ", "")}
    begun, left_out = ["mlops-tui tune", shlex.quote(values["source"])], frozenset[str]()
    if values["objective"]:
        begun = ["mlops-tui tune --objective", shlex.quote(values["objective"])]
        begun += [f"--direction {shlex.quote(way)}" for way in Fields(values).parts("direction")]
        left_out = frozenset({*NOT_OWN, _MODELS})
    usual = {"pruner": usual_pruner(values)}
    options = [
        f"--{option} {shlex.quote(said)}"
        for option, default in OPTIONS
        if (field := option.replace("-", "_")) not in left_out
        and (said := given[field]) not in ("", usual.get(option, default))
    ]
    flags = ["--ensemble"] if values["ensemble"] == "yes" and not values["objective"] else []
    return " ".join([*begun, *options, *flags])


def field_at_fault(error: MlopsError) -> str:
    """The field of the launch form that a refusal of `Studies.create` is about."""
    if isinstance(error, UnknownColumn | BadTarget):
        return "target"
    if isinstance(error, UnknownName) and "study" in error.title:
        return "warm_start"
    words = {
        "the task": "task",
        "positive": "positive",
        "split": "split",
        "begin with": "warm_start",
        "pruner": "pruner",
        "seed": "seed",
        "name of a study": "name",
        "space": "space",
        "parameter": "space",
        "direction": "direction",
        "objective": "metric",
        "time of a trial": "trial_timeout",
        "memory": "trial_memory",
        " trials": "trials",
        " workers": "workers",
        "the time has": "timeout",
        "sampler": "sampler",
        "fold": "folds",
        "family": "families",
        "metric": "metric",
        "study": "name",
        "target": "target",
        "version": "version",
    }
    return next((field for word, field in words.items() if word in error.title.lower()), "source")
