"""Families of a person's own: Python files that the settings name, each with a `FAMILY` like those beside this one."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from optuna.distributions import BaseDistribution

from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.store.workspace import Workspace
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.families.family import Family, Problem

_SHAPE = "Give it a line FAMILY = Family(…), as docs/tuning.md shows."


def load_own(workspace: Workspace, names: Iterable[str], task: str) -> None:
    """Runs the files of those of these families that are not known yet, and makes them known in this process.

    Raises:
        UsageError: a file is not named, not there, cannot be run, or holds no family that fits.
    """
    unknown = [name for name in names if name not in BY_NAME]
    files = Settings.load(workspace.config).families if unknown else {}
    for name in unknown:
        if name not in files:
            raise UsageError(
                f"There is no family '{name}' here.",
                "Name its file in the table [families] of: mlops-tui config path; or install what it needs.",
            )
        path = workspace.root / files[name]
        family = _family(name, path)
        if task not in family.tasks:
            raise UsageError(
                f"The family '{name}' of {path} does not learn a {task} target.",
                f"Its tasks are: {', '.join(sorted(family.tasks))}.",
            )
        _try(family, path, task)
        BY_NAME[name] = family


def _try(family: Family, path: Path, task: str) -> None:
    """Makes its estimator once: a mistake in it would else fail every trial."""
    try:
        estimator = family.make(family.defaults, Problem(task, 0, 100))
    except Exception as error:  # a person's code may raise anything
        raise UsageError(f"{path}{_line_of(error, path)}: {_words(error)}", "Mend what `make` does.") from error
    if type(estimator).__module__ == _module(family.name):
        raise UsageError(
            f"The estimator {type(estimator).__name__} of {path} is a class of that file.",
            "A registered model is loaded without it: put the class into a package that is installed.",
        )


def _family(name: str, path: Path) -> Family:
    family = getattr(_run(name, path), "FAMILY", None)
    if not isinstance(family, Family):
        raise UsageError(f"{path} has no FAMILY.", _SHAPE)
    if family.name != name:
        raise UsageError(
            f"The family of {path} calls itself '{family.name}', and the settings call it '{name}'.",
            "Let both be the same.",
        )
    for params in (family.defaults, *family.portfolio):
        _check(path, params, family.space)
    return family


def _check(path: Path, params: dict[str, Any], space: dict[str, BaseDistribution]) -> None:
    if params.keys() != space.keys():
        odd = sorted(params.keys() ^ space.keys())
        raise UsageError(
            f"{path} names '{odd[0]}' in its space or in its defaults and portfolio, and not in both.",
            "Each configuration has a value for every parameter of the space.",
        )
    for key, value in params.items():
        if not _lies_in(value, space[key]):
            raise UsageError(f"The {key} {value!r} of {path} lies outside of its space.", f"That is {space[key]}.")


def _lies_in(value: Any, kind: BaseDistribution) -> bool:
    try:
        return bool(kind._contains(kind.to_internal_repr(value)))
    except (TypeError, ValueError):
        return False


def _run(name: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"The family '{name}' has no file {path}.", "Mend its name: mlops-tui config path")
    spec = importlib.util.spec_from_file_location(_module(name), path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is no Python file.", "Its name has to end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno}: {error.msg}.", "Mend that line.") from error
    except Exception as error:  # a person's file may raise anything
        raise UsageError(f"{path}{_line_of(error, path)}: {_words(error)}", "Mend the file.") from error
    return module


def _module(name: str) -> str:
    return f"mlops_tui_family_{name}"


def _line_of(error: Exception, path: Path) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
