"""Search spaces in Optuna's own JSON of distributions, which `optuna ask --search-space` takes; no engine is needed.

{"hgb.learning_rate": {"name": "FloatDistribution", "attributes": {"low": 0.01, "high": 0.3, "log": true}}}
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.tuning.model import Study

Space = dict[str, dict[str, Any]]
"""Distributions by the names that parameters have in Optuna's tables, `FAMILY.parameter`."""

FLOAT, INT, CHOICES = "FloatDistribution", "IntDistribution", "CategoricalDistribution"
WORDS = {FLOAT: "a range of numbers", INT: "a range of whole numbers", CHOICES: "a set of choices"}
ATTRIBUTES: dict[str, dict[str, Any]] = {
    FLOAT: {"step": None, "low": None, "high": None, "log": False},
    INT: {"log": False, "step": 1, "low": None, "high": None},
    CHOICES: {"choices": None},
}
"""By kind, in Optuna's order, with what holds where one is left out."""
_HOW = "One to begin with is printed by: mlops-tui studies space S"


@cache
def known_spaces() -> dict[str, Space]:
    """Every family's own distributions by the family and the parameter, as `make docs` writes them down."""
    spaces: dict[str, Space] = json.loads(Path(__file__).with_name("spaces.json").read_text("utf-8"))
    return spaces


def own_space(family: str) -> Space:
    """A family's own distributions; none where it is the user's own, which only a worker loads."""
    return {f"{family}.{key}": kind for key, kind in known_spaces().get(family, {}).items()}


def space_of_study(families: Collection[str], given: Space) -> Space:
    """What a study searches: its families' own distributions, with those that it was given in their place."""
    whole = {name: kind for family in families for name, kind in own_space(family).items()}
    return whole | {name: kind for name, kind in given.items() if family_of(name) in families}


def params_of(study: Study, family: str) -> Space:
    """What a family's parameters are drawn from, by their own names; of an objective of the user's own, as far as its trials
    have shown it."""
    if study.script is not None:
        return study.space
    whole = space_of_study([family], study.space)
    return {name.partition(".")[2]: kind for name, kind in whole.items()}


def joint(known: dict[str, Any] | None, found: dict[str, Any]) -> dict[str, Any]:
    """One distribution that has the values of both; the one that was found where they are of different kinds."""
    if known is None or known == found or known["name"] != found["name"]:
        return found
    here, there = known["attributes"], found["attributes"]
    if found["name"] == CHOICES:
        return {
            "name": CHOICES,
            "attributes": {"choices": [*here["choices"], *(c for c in there["choices"] if c not in here["choices"])]},
        }
    ends = {"low": min(here["low"], there["low"]), "high": max(here["high"], there["high"])}
    return {"name": found["name"], "attributes": {**there, **ends}}


def family_of(name: str) -> str:
    """The family that a parameter belongs to."""
    return name.partition(".")[0]


def read_space(path: Path) -> Space:
    """The distributions in a file.

    Raises:
        UsageError: there is no such file, it is no JSON, or a distribution in it cannot be.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.", _HOW) from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}, line {error.lineno}: it is no JSON: {error.msg}.", _HOW) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", _HOW) from None
    if not isinstance(found, dict):
        raise UsageError(f"{path} holds no object of parameters.", _HOW)
    return {name: _distribution(name, entry) for name, entry in found.items()}


def check_space(given: Space, families: Collection[str]) -> list[str]:
    """A sentence for each parameter that goes beyond its family's own values.

    Raises:
        UsageError: a family is not among these, it has no such parameter, or that is of another kind.
    """
    told = []
    for name, kind in given.items():
        family = family_of(name)
        if family not in families:
            raise UsageError(
                f"The space names '{name}', and '{family}' is none of the study's families.",
                f"They are: {', '.join(families)}.",
            )
        if family in known_spaces():
            own = fitting(name, kind, own_space(family))
            if _goes_beyond(kind, own):
                told.append(
                    f"Parameter {name} is searched {in_words(kind)}; its family's own values are {in_words(own)}."
                )
    return told


def fitting(name: str, kind: dict[str, Any], own: Space) -> dict[str, Any]:
    """The family's own distribution of a parameter.

    Raises:
        UsageError: it has no such parameter, or one of another kind.
    """
    if name not in own:
        known = ", ".join(own) or "none"
        raise UsageError(f"There is no parameter '{name}'.", f"Those of its family: {known}.")
    if kind["name"] != own[name]["name"]:
        raise UsageError(
            f"Parameter '{name}' is {WORDS[own[name]['name']]}, and the space gives {WORDS[kind['name']]}.",
            f"Give it as {own[name]['name']}.",
        )
    return own[name]


def in_words(kind: dict[str, Any]) -> str:
    """A distribution's values in words."""
    attributes = kind["attributes"]
    if kind["name"] == CHOICES:
        return "among " + ", ".join(map(str, attributes["choices"]))
    return f"from {attributes['low']:g} to {attributes['high']:g}"


def _goes_beyond(kind: dict[str, Any], own: dict[str, Any]) -> bool:
    given, known = kind["attributes"], own["attributes"]
    if kind["name"] == CHOICES:
        return any(choice not in known["choices"] for choice in given["choices"])
    return bool(given["low"] < known["low"] or given["high"] > known["high"])


def _distribution(name: str, entry: Any) -> dict[str, Any]:
    kind = entry.get("name") if isinstance(entry, dict) else None
    attributes = entry.get("attributes") if isinstance(entry, dict) else None
    if kind not in ATTRIBUTES or not isinstance(attributes, dict):
        raise UsageError(
            f"Parameter '{name}' of the space is no distribution with a name and attributes.",
            f"The names are: {', '.join(ATTRIBUTES)}.",
        )
    known = ATTRIBUTES[kind]
    if unknown := [key for key in attributes if key not in known]:
        raise UsageError(
            f"Parameter '{name}' of the space has an attribute '{unknown[0]}', which no {kind} has.",
            f"It has: {', '.join(known)}.",
        )
    whole = {key: attributes.get(key, default) for key, default in known.items()}
    if why := _wrong(kind, whole):
        raise UsageError(f"Parameter '{name}' of the space {why}.", "Mend it in the file.")
    return {"name": kind, "attributes": whole}


def _wrong(kind: str, attributes: Mapping[str, Any]) -> str | None:
    """Why a distribution cannot be, in words that follow its name."""
    if kind == CHOICES:
        choices = attributes["choices"]
        fits = isinstance(choices, list) and choices and all(_is_plain(choice) for choice in choices)
        return None if fits else "has no list of choices: words, numbers, true, false or null"
    low, high, step, log = (attributes[key] for key in ("low", "high", "step", "log"))
    numbers = [low, high, *([] if step is None else [step])]
    if not all(_is_number(number, whole=kind == INT) for number in numbers):
        return f"needs {'whole numbers' if kind == INT else 'numbers'} as low and high, and as step where there is one"
    if low > high:
        return f"has a low of {low:g} above its high of {high:g}"
    if step is not None and step <= 0:
        return f"has a step of {step:g}, and it has to be above zero"
    if not isinstance(log, bool):
        return "has a log that is neither true nor false"
    if log and low <= 0:
        return f"is searched by its logarithm, and its low of {low:g} is not above zero"
    if log and step not in (None, 1):
        return "is searched by its logarithm and has a step, which do not go together"
    return None


def _is_plain(choice: Any) -> bool:
    return choice is None or isinstance(choice, str | bool) or _is_number(choice)


def _is_number(value: Any, *, whole: bool = False) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return math.isfinite(value)
