"""Models, versions and aliases as their readers see them, and the rules of their names."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.registry.formats import SKOPS

CHAMPION, CHALLENGER = "champion", "challenger"
PROBABILITY = "probability"
"""What the column beside a prediction is called."""
PROMOTED, ROLLED_BACK, REGISTERED, LOOKED = "promoted", "rolled_back", "registered", "held_out_looked_at"
RESTORED, DESCRIBED, EXPORTED, REFUSED = "rollback_undone", "described", "exported", "refused"
"""The verbs of this room's events."""
TEST = "test_"
"""What the names of figures on held-out rows begin with, among a version's metrics."""
TRIALS = 20
"""So many are tried where a version is tuned anew and nobody says how many."""

REGISTER_AGAIN = "Put it back from a backup, or register the model again."
"""What helps where a version's file is gone, or is another."""

LONGEST_NAME = 100
_SCHEME = "models:/"
_ALIAS = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class SignatureColumn:
    """A column that the model reads: its kind, the dtype it was trained with, and the categories it has seen.

    `categories` is None where the column is no category, or has too many to keep. `low` and `high` are the least and the
    greatest number of training, `missing` whether training had rows without a value; None of other columns, and of versions that
    were registered before they were kept.
    """

    name: str
    kind: str
    dtype: str
    categories: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    missing: bool | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model reads and says. `classes` are in the order of its probabilities; empty for regression."""

    columns: tuple[SignatureColumn, ...]
    target: str
    task: str
    classes: tuple[Any, ...] = ()
    positive: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the model's order."""
        return tuple(column.name for column in self.columns)

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each column."""
        return {column.name: column.kind for column in self.columns}

    @property
    def is_classifier(self) -> bool:
        """Whether it says classes, with probabilities."""
        return bool(self.classes)

    @property
    def positive_code(self) -> int:
        """Where the positive class stands among the classes; the last one where none was named."""
        if self.positive is None:
            return len(self.classes) - 1
        return [str(label) for label in self.classes].index(str(self.positive))

    @property
    def probabilities(self) -> dict[str, int]:
        """The columns that are written beside a prediction, and the place of the class whose probability each holds: none of numbers,
        one of the positive class, or one a class.
        """
        if len(self.classes) <= 2:
            return {PROBABILITY: self.positive_code} if self.classes else {}
        names = [f"{PROBABILITY}_{label}" for label in self.classes]
        if len({name.casefold() for name in names}) < len(names):  # the engine does not tell `a` from `A`
            names = [f"{name}_{code}" for code, name in enumerate(names)]
        return {name: code for code, name in enumerate(names)}

    def to_json(self) -> str:
        """The signature as the store keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Signature:
        """The signature that `to_json` wrote."""
        read = json.loads(text)
        columns = tuple(_column(column) for column in read.pop("columns"))
        return cls(**{**read, "columns": columns, "classes": tuple(read["classes"])})


def _column(read: dict[str, Any]) -> SignatureColumn:
    seen = read["categories"]
    return SignatureColumn(**{**read, "categories": None if seen is None else tuple(seen)})


@dataclass(frozen=True, slots=True)
class Model:
    """A named model: how many versions it has, the newest, and which alias points where."""

    id: str
    name: str
    task: str
    created: str
    versions: int
    newest: int | None
    aliases: dict[str, int]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version: the file, and all that is needed to load it, to judge it and to make it again.

    `artifact` is the file's sha256; `types` are the Python types that it may hold; `checks` are rows with what the
    model said of them when it was registered; `metrics` are those of training; `aliases` point to it now. `card` is what a
    person says of it, by the names of `gates.CARD_FIELDS`. `parent` is the number of the version whose recipe was fitted anew, on the rows of
    `window` (None: all of the data version) without those that the rule `held_out` holds out; where that is None, as its study says.
    What was registered from a `file` has no run, source and data version. `answers` is the sha256 of what the recipe of one that learnt
    again said of its own rows fold by fold; where that is None, as the run says.
    """

    id: str
    model_id: str
    model: str
    number: int
    run_id: str | None
    study_id: str | None
    source_id: str | None
    data_version: int | None
    family: str
    params: dict[str, Any]
    artifact: str
    size: int
    signature: Signature
    types: tuple[str, ...]
    environment: dict[str, Any]
    metrics: dict[str, float | None]
    checks: dict[str, Any]
    code: dict[str, Any] | None
    created: str
    aliases: tuple[str, ...]
    card: dict[str, str]
    note: str | None
    tags: dict[str, str]
    parent: int | None = None
    window: str | None = None
    held_out: dict[str, Any] | None = None
    format: str = SKOPS
    file: str | None = None
    answers: str | None = None

    @property
    def label(self) -> str:
        """How sentences name it."""
        return f"{printable(self.model)} version {self.number}"

    @property
    def file_words(self) -> str:
        """How sentences name its file."""
        return f"The file of {self.label}"


@dataclass(frozen=True, slots=True)
class Alias:
    """Which version an alias points to. `revision` counts its moves; 0 where it never pointed anywhere."""

    model_id: str
    alias: str
    version: int | None
    revision: int
    moved: str | None


@dataclass(frozen=True, slots=True)
class AliasMove:
    """One move of an alias, read from the events; `overruled` are the gates over which it was promoted."""

    at: str
    actor: str
    verb: str
    alias: str
    before: int | None
    after: int
    why: str | None
    overruled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionSelector:
    """What was asked for: a model, and a version by its number or by an alias, or neither."""

    model: str
    number: int | None = None
    alias: str | None = None


def parse_selector(text: str) -> VersionSelector:
    """`M`, `M@alias`, `M:3`, `models:/M`, `models:/M@alias` or `models:/M/3`.

    Raises:
        UsageError: the text has another form.
    """
    slashed = text.startswith(_SCHEME)
    name, at, alias = text.removeprefix(_SCHEME).partition("@")
    if at:
        if alias.isascii() and alias.isdecimal():
            named = printable(_given(name, text))
            raise UsageError(f"'{printable(text)}' names no alias.", f"Write {named}:{alias} for a version.")
        return VersionSelector(_given(name, text), alias=valid_alias(alias))
    name, mark, number = name.partition("/" if slashed else ":")
    if not mark:
        return VersionSelector(_given(name, text))
    if not (number.isascii() and number.isdecimal()):
        raise UsageError(
            f"'{printable(text)}' names no version.", "Write a number or an alias: churn:3 or churn@champion."
        )
    return VersionSelector(_given(name, text), number=int(number))


def _given(name: str, text: str) -> str:
    if not name:
        raise UsageError(f"'{printable(text)}' names no model.", "Write its name first: churn@champion.")
    return name


def valid_name(name: str) -> str:
    """The name, where a model may have it.

    Raises:
        UsageError: it is empty or too long, could not be written in a selector, or could be taken for a path.
    """
    shown = printable(name[:LONGEST_NAME])
    remedy = "Use letters, digits, spaces, '-', '_' and '.'."
    if not name.strip() or name != name.strip():
        raise UsageError("A model's name is empty, or begins or ends with a space.", remedy)
    if len(name) > LONGEST_NAME:
        raise UsageError(f"The name '{shown}…' is longer than {LONGEST_NAME} characters.", "Choose a shorter one.")
    if not name.isprintable():
        raise UsageError(f"The name '{shown}' has a character that cannot be shown.", remedy)
    if found := next((mark for mark in ("/", "\\", "..", "@", ":") if mark in name), None):
        raise UsageError(f"The name '{shown}' has '{found}' in it, which selectors and paths use.", remedy)
    if name.startswith("-"):
        raise UsageError(f"The name '{shown}' begins with '-', which options do.", remedy)
    return name


def valid_alias(alias: str) -> str:
    """The alias, where a version may have it.

    Raises:
        UsageError: it is not lower-case letters, digits, '-' and '_'.
    """
    if not _ALIAS.fullmatch(alias):
        raise UsageError(
            f"'{printable(alias)}' cannot be an alias.", "Use lower-case letters, digits, '-' and '_': champion."
        )
    return alias


def previous_version(moves: list[AliasMove]) -> int | None:
    """The version that the alias pointed to before the one it points to now; `moves` are oldest first.

    A promotion puts a version on top, a rollback takes it off again: after a rollback the version before it is next. A rollback that
    was undone puts it on top once more.
    """
    stack: list[int] = []
    for move in moves:
        if move.verb in (PROMOTED, RESTORED):
            stack.append(move.after)
        elif stack:
            stack.pop()
    return stack[-2] if len(stack) > 1 else None


def require_why(force: bool, why: str | None) -> None:
    """Raises UsageError where a gate is to be overruled and nobody says why."""
    if force and not (why or "").strip():
        raise UsageError("Forcing a promotion needs a reason.", "Say it with: --force --why TEXT")
