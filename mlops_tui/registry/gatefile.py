"""The file of a model's gates, `.mlops/gates/NAME.toml`: a table for each gate that is not as it is by itself."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mlops_tui.core import toml
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.registry.gates import COMMON, KINDS, OWN_KEYS, OWN_WAYS, Gate, Kind, gate_of
from mlops_tui.store.artifact import replace
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace, let_git_see

FOLDER = "gates"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def place(workspace: Workspace, model: str) -> Path:
    """Where the gates of the model of that name are, if it has a file."""
    return workspace.home / FOLDER / f"{model}.toml"


def read(workspace: Workspace, model: str) -> tuple[Gate, ...]:
    """The gates of a model: those that every model has, as its file changes them, then its own.

    Raises:
        UsageError: the file is broken, said with the line and the key.
    """
    path = place(workspace, model)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{_said(path)} cannot be read: {error}.", "Save it as UTF-8 text.") from error
    return parsed(text, _said(path))


def parsed(text: str, where: str) -> tuple[Gate, ...]:
    """The gates that the text means; `where` names it in sentences.

    Raises:
        UsageError: it is no such text.
    """
    told = toml.parsed(text, where)
    own = [name for name in told if name not in KINDS]
    return tuple(_gate(name, told.get(name, {}), text, where) for name in (*KINDS, *own))


def _gate(name: str, said: Any, text: str, where: str) -> Gate:
    if not isinstance(said, dict) or not _NAME.fullmatch(name):
        raise UsageError(
            f"{where}, line {_line_of(text, name, None)}: '{printable(name)}' means nothing here.",
            "Each gate is a table of its own: [name], its keys below.",
        )
    try:
        return gate_of(name, said)
    except UsageError as error:
        key = error.title.split("'")[1]
        line = _line_of(text, name, None if key == name else key)
        raise UsageError(f"{where}, line {line}: {error.title}.", error.remedy) from None


def _line_of(text: str, name: str, key: str | None) -> int:
    """The line of a gate's key, else the one that its table begins in."""
    lines = text.split("\n")
    header = re.compile(rf"\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*\]")
    begin = next((at for at, line in enumerate(lines) if header.match(line)), None)
    if begin is None:
        return next((at for at, line in enumerate(lines, 1) if name in line), 1)
    if key is None:
        return begin + 1
    named = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((at for at in range(begin, len(lines)) if named.match(lines[at])), begin) + 1


def chosen(gates: Collection[Gate], also: Collection[str] = ()) -> list[Gate]:
    """Those that are asked: at every promotion, or because they are named.

    Raises:
        UsageError: a name that no gate has.
    """
    names = [gate.name for gate in gates]
    for name in also:
        if name not in names:
            raise UsageError(f"There is no gate '{printable(name)}'.", f"Gates: {', '.join(names)}.")
    return [gate for gate in gates if gate.asked or gate.name in also]


def write(workspace: Workspace, model: str) -> Path:
    """Writes the file with every gate as it is by itself, as comments, where the model has none yet; returns its place."""
    path = place(workspace, model)
    if path.exists():
        return path
    with translated(path):
        path.parent.mkdir(exist_ok=True)
        let_git_see(workspace)
        temporary = path.with_name(f".{secrets.token_hex(4)}.tmp")
        temporary.write_text(template(model), "utf-8")
        replace(temporary, path)
    return path


def template(model: str) -> str:
    """The file as it begins: what may be said of each gate, and what is where nothing is said."""
    tables = "\n".join(_table(kind) for kind in KINDS.values())
    common = "\n".join(f"#   {key} = …   {it.words}" for key, it in COMMON.items())
    own = "\n".join(f"#   {key} = …   {it.words}" for key, it in OWN_KEYS.items())
    return f"""\
# Gates of the model {printable(model)}. Each is asked before a version becomes the champion, and says one of:
# pass, fail, cannot tell (too few rows, mostly), not applicable.
#
# Every gate is as it stands here in comments until a line says otherwise. Each may have:
{common}
#
# A failed gate that is blocking refuses; --force --why TEXT overrules it, and that is kept. Where it cannot tell and
# on_cannot_tell is "refuse", --why TEXT alone is enough.

{tables}
# Gates of your own are further tables, each with one of {", ".join(OWN_WAYS)}:
{own}
#
# [no_minors_refused]
# words = "nobody under 18 is refused"
# sql = "SELECT count(*) FROM rows WHERE age < 18 AND prediction = 'refuse'"
# most = 0
"""


def _table(kind: Kind) -> str:
    lines = [f"# {kind.words}", f"[{kind.name}]"]
    lines += [f"# {key} = {_value(it.default)}   # {it.words}" for key, it in kind.keys.items()]
    lines += [
        f"# {key} = {_value(value)}"
        for key, value in (("blocking", kind.blocking), ("on_cannot_tell", kind.on_cannot_tell), ("asked", kind.asked))
    ]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if value is None:
        return "…"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _said(path: Path) -> str:
    return f"{path.parent.name}/{printable(path.name)}"
