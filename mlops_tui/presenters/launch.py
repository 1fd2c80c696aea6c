"""What a form says about a study that is to be launched."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from mlops_tui.core.clock import seconds_of
from mlops_tui.core.errors import BadTarget, MlopsError, UnknownColumn, UnknownName, UsageError
from mlops_tui.core.sizes import bytes_of
from mlops_tui.presenters.words import one_line
from mlops_tui.tuning.model import FAMILIES, FOLDS, KNOWN_FAMILIES, MEDIAN, OWN_PRUNERS, PAIRED, PRUNERS, family_names


def families_by_task(own: Collection[str] = ()) -> str:
    """The families that fit each kind of target, in words, and the user's own."""
    return _by_task(KNOWN_FAMILIES) + (f"; {', '.join(own)}" if own else "")


def usual_families() -> str:
    """The families that are tried unless others are named, in words."""
    return _by_task(FAMILIES)


def _by_task(known: Mapping[str, Sequence[str]]) -> str:
    classes, numbers = known["binary"], known["regression"]
    both = [family for family in classes if family in numbers]
    only = [", ".join(family for family in families if family not in both) for families in (classes, numbers)]
    return f"{', '.join(both)}; {only[0]}, or {only[1]} for numbers"


class Wish(NamedTuple):
    """What a form asks of `Studies.create`, and a sentence for each field that cannot stay so."""

    arguments: dict[str, Any]
    wrong: dict[str, str]


def wish(values: Mapping[str, str], own: Collection[str] = ()) -> Wish:
    """Reads the texts of the launch form; an empty field means the default. `own` are families of the user's own."""
    if values["objective"]:
        return _own_wish(values)
    known = [*family_names(), *own]
    wrong: dict[str, str] = {}
    families = _parts(values["families"])
    if unknown := [name for name in families if name not in known]:
        wrong["families"] = f"There is no family '{one_line(unknown[0])}'. Choose from {', '.join(known)}."
    arguments = {
        "source_selector": values["source"],
        "target": values["target"],
        "metric": values["metric"] or None,
        "families": families or None,
        "trials": _whole(values, "trials", 1, 20, wrong),
        "timeout": _read(values, "timeout", seconds_of, wrong),
        "trial_timeout": _read(values, "trial_timeout", seconds_of, wrong),
        "trial_memory": _read(values, "trial_memory", bytes_of, wrong),
        "workers": _whole(values, "workers", 1, 1, wrong),
        "seed": _whole(values, "seed", 0, 0, wrong),
        "name": values["name"] or None,
        "version": values["version"] or None,
        "sampler": values["sampler"],
        "pruner": values["pruner"],
        "folds": _whole(values, "folds", 2, FOLDS, wrong),
        "ensemble": values["ensemble"] == "yes",
        "warm_start": values["warm_start"] or None,
    }
    if not values["source"]:
        wrong["objective"] = "There is no source yet: name an objective of your own, or add a source first."
    return Wish(arguments, wrong)


NOT_OWN = ("source", "target", "families", "space", "folds", "version", "ensemble", "warm_start")
"""Fields that do not go with an objective of the user's own."""


def _own_wish(values: Mapping[str, str]) -> Wish:
    """As `wish`, of `Studies.create_own`."""
    wrong: dict[str, str] = {}
    directions = _parts(values["direction"])
    if unknown := [way for way in directions if way not in ("minimize", "maximize")]:
        wrong["direction"] = f"'{one_line(unknown[0])}' is neither minimize nor maximize."
    arguments = {
        "script": values["objective"],
        "directions": directions,
        "metrics": _parts(values["metric"]),
        "trials": _whole(values, "trials", 1, 20, wrong),
        "timeout": _read(values, "timeout", seconds_of, wrong),
        "trial_timeout": _read(values, "trial_timeout", seconds_of, wrong),
        "trial_memory": _read(values, "trial_memory", bytes_of, wrong),
        "workers": _whole(values, "workers", 1, 1, wrong),
        "seed": _whole(values, "seed", 0, 0, wrong),
        "name": values["name"] or None,
        "sampler": values["sampler"],
        "pruner": values["pruner"] if values["pruner"] != usual_pruner(values) else None,
    }
    return Wish(arguments, wrong)


def usual_pruner(values: Mapping[str, str]) -> str:
    """The pruner that is taken where none is named."""
    return MEDIAN if values["objective"] else PAIRED


def pruners(values: Mapping[str, str]) -> Mapping[str, str]:
    """Those that go with what is to be tuned, the usual one first."""
    return OWN_PRUNERS if values["objective"] else PRUNERS


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _whole(values: Mapping[str, str], field: str, least: int, default: int, wrong: dict[str, str]) -> int:
    text = values[field]
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and int(text) >= least):
        wrong[field] = f"A whole number from {least} on is needed."
        return default
    return int(text)


def _read(values: Mapping[str, str], field: str, read: Callable[[str], Any], wrong: dict[str, str]) -> Any:
    try:
        return read(values[field]) if values[field] else None
    except UsageError as error:
        wrong[field] = f"{error.title} {error.remedy}"
        return None


OPTIONS = (
    ("target", ""),
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
        begun += [f"--direction {shlex.quote(way)}" for way in _parts(values["direction"])]
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
        "begin with": "warm_start",
        "pruner": "pruner",
        "seed": "seed",
        "space": "space",
        "parameter": "space",
        "direction": "direction",
        "objective": "metric",
        "time of a trial": "trial_timeout",
        "memory": "trial_memory",
        "sampler": "sampler",
        "fold": "folds",
        "family": "families",
        "metric": "metric",
        "study": "name",
        "target": "target",
        "version": "version",
    }
    return next((field for word, field in words.items() if word in error.title.lower()), "source")
