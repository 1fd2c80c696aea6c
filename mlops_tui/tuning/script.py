"""An objective of the user's own: a Python file with a function of Optuna's trial. It is read here, and run by workers alone."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlops_tui.core.code import code_of
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.store.workspace import Workspace
from mlops_tui.tuning.model import HAS_CHANGED, MOST_OBJECTIVES, Objective, Script

FUNCTION = "objective"
"""What the function is called unless another is named."""
VALUE = "value"
_EXAMPLE = "For example: --objective train.py:objective"
_SHAPE = "It takes Optuna's trial and returns a number: def objective(trial)"


def read_script(text: str, folder: Path, workspace: Workspace) -> Script:
    """The objective that `FILE:FUNCTION` names, seen from the folder that it will work in; nothing of it is run.

    Raises:
        UsageError: there is no such file, it is no Python, or it has no such function of one argument.
    """
    name, _, function = text.partition(":") if not Path(text).is_file() else (text, "", "")
    function = function.strip() or FUNCTION
    path = Path(name.strip()).expanduser()
    if not name.strip() or not function.isidentifier():
        raise UsageError(f"'{printable(text)}' is no FILE:FUNCTION.", _EXAMPLE)
    path = folder / path
    source = _source(path, name)
    _check_function(_parsed(source, name), name, function)
    return Script(
        path=workspace.relative(path),
        function=function,
        sha256=hashlib.sha256(source).hexdigest(),
        folder=workspace.relative(folder),
        code=code_of(path.parent),
    )


def check_again(workspace: Workspace, script: Script) -> None:
    """Raises UsageError where the file is gone since, or cannot be an objective any more."""
    path = workspace.absolute(script.path)
    _check_function(_parsed(_source(path, script.path), script.path), script.path, script.function)


def sha256_of(workspace: Workspace, script: Script) -> str | None:
    """The hash of the file as it is now; None where it cannot be read."""
    try:
        return hashlib.sha256(workspace.absolute(script.path).read_bytes()).hexdigest()
    except OSError:
        return None


def change_of(workspace: Workspace, script: Script) -> str | None:
    """A sentence where the file is no longer the one that the study began with."""
    found = sha256_of(workspace, script)
    if found is None or found == script.sha256:
        return None
    return (
        f"{script.name} {HAS_CHANGED}: it was {script.sha256[:8]} and is {found[:8]}. Trials before"
        " and after may not be alike."
    )


def objectives(directions: Sequence[str], names: Sequence[str]) -> list[Objective]:
    """What is made best: by directions, `minimize` where none is given, and by names where they are given.

    Raises:
        UsageError: an unknown direction, a name that is none or is given twice, or not one for each direction.
    """
    ways = list(directions) or ["minimize"] * max(1, len(names))
    for way in ways:
        if way not in ("minimize", "maximize"):
            raise UsageError(f"The direction '{printable(way)}' is not known.", "Choose minimize or maximize.")
    if len(ways) > MOST_OBJECTIVES:
        raise UsageError(f"There cannot be {len(ways)} objectives.", f"Take {MOST_OBJECTIVES} at most.")
    known = list(names) or ([VALUE] if len(ways) == 1 else [f"{VALUE}_{place + 1}" for place in range(len(ways))])
    if len(known) != len(ways):
        raise UsageError(
            f"{len(known)} metrics are named, and there are {len(ways)} directions.", "Give one direction for each."
        )
    if len(set(known)) < len(known) or not all(known):
        raise UsageError("Each metric needs a name of its own.", "For example: --metric loss,seconds")
    return [Objective(name, way) for name, way in zip(known, ways, strict=True)]


def _source(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"There is no file {printable(name)}.", _EXAMPLE) from None
    except IsADirectoryError:
        raise UsageError(f"{printable(name)} is a folder.", _EXAMPLE) from None
    except OSError as error:
        raise UsageError(f"{printable(name)} cannot be read: {error.strerror}.", _EXAMPLE) from None


def _parsed(source: bytes, name: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, name, "exec", dont_inherit=True)
            return ast.parse(source, name)
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(f"{printable(name)}{where}: {error.msg}.", "Mend it, and try again.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{printable(name)} is no Python file: {error}.", _EXAMPLE) from None


def _check_function(tree: ast.Module, name: str, function: str) -> None:
    found = list(_defined(tree.body))
    named = [node for key, node in found if key == function]
    if not named:
        if any(key == "*" for key, _ in found):
            return  # only running it would tell
        functions = [key for key, node in found if isinstance(node, ast.FunctionDef)]
        raise UsageError(
            f"{printable(name)} has no function '{function}'.",
            f"It has: {', '.join(functions)}." if functions else _SHAPE,
        )
    if isinstance(named[-1], ast.Assign | ast.AnnAssign) and isinstance(named[-1].value, ast.Constant):
        raise UsageError(f"'{function}' of {printable(name)} is no function.", _SHAPE)
    if isinstance(named[-1], ast.AsyncFunctionDef):
        raise UsageError(f"The function '{function}' of {printable(name)} is async.", _SHAPE)
    if isinstance(named[-1], ast.FunctionDef) and not _takes_one(named[-1]):
        raise UsageError(f"The function '{function}' of {printable(name)} does not take one argument.", _SHAPE)


def _defined(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """The names that a file gives something to at its top, also within `if`, `try` and `with`."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name):
                        yield part.id, node
        else:
            for field in ("body", "orelse", "finalbody"):
                yield from _defined(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from _defined(handler.body)


def _takes_one(node: ast.FunctionDef) -> bool:
    told = node.args
    most = len(told.posonlyargs) + len(told.args)
    required = most - len(told.defaults)
    named_only = sum(default is None for default in told.kw_defaults)
    return required <= 1 and not named_only and (most >= 1 or told.vararg is not None)
