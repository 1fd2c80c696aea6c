"""What a person says of a run or of a model version, as the fields of a form and as the commands that say the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Protocol

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.presenters.fields import Fields
from mlops_tui.presenters.words import NOTHING_CHANGED
from mlops_tui.runs.model import Run


def pair(text: str) -> tuple[str, str]:
    """A tag and its value from `key=value`.

    Raises:
        UsageError: it is written otherwise.
    """
    key, sign, content = text.partition("=")
    if not sign or not key:
        raise UsageError(f"'{printable(text)}' is not a tag.", "Write it as KEY=VALUE, for example stage=candidate.")
    return key, content


def tags_given(texts: Sequence[str], removed: Sequence[str]) -> dict[str, str]:
    """The tags that a command sets, from `key=value` each.

    Raises:
        UsageError: none is set and none taken away, or one is written otherwise.
    """
    if not texts and not removed:
        raise UsageError("No tag is named.", "Give KEY=VALUE, or --remove KEY.")
    return dict(map(pair, texts))


class Said(Protocol):
    """A run or a model version: both have a note and tags."""

    @property
    def note(self) -> str | None:
        """What was written on it."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags by their keys."""


def _in_a_line(run: Said) -> dict[str, str]:
    """The tags that can be written with commas between them; others are left as they are."""
    return {
        key: text
        for key, text in run.tags.items()
        if f"{key}{text}".isprintable() and "," not in f"{key}{text}" and "=" not in key and key == key.strip()
    }


def note_fields(run: Said) -> dict[str, str]:
    """What is said of a run as the form's fields have it."""
    return {"note": run.note or "", "tags": ", ".join(f"{key}={text}" for key, text in _in_a_line(run).items())}


def tag_changes(values: Mapping[str, str], run: Said) -> tuple[dict[str, str], list[str]]:
    """The tags that are to be set, and those to be taken away.

    Raises:
        UsageError: one is not written as `key=value`.
    """
    wanted = dict(map(pair, Fields(values).parts("tags")))
    set_now = {key: text for key, text in wanted.items() if run.tags.get(key, None) != text}
    return set_now, [key for key in _in_a_line(run) if key not in wanted]


def run_note_commands(values: Mapping[str, str], run: Run) -> str:
    """The commands that say the same, or what is wrong."""
    try:
        return "\n".join(note_commands(values, run, "runs", shlex.quote(run.name))) or NOTHING_CHANGED
    except UsageError as error:
        return f"{error.title} {error.remedy}"


def note_commands(values: Mapping[str, str], of: Said, room: str, named: str) -> list[str]:
    """The commands of that room that write the note and the tags; `named` is how it is named there.

    Raises:
        UsageError: a tag is not written as `key=value`.
    """
    added, removed = tag_changes(values, of)
    commands = []
    if values["note"] != (of.note or "").strip():
        first, *more = values["note"].splitlines() or [""]
        commands.append(f"mlops-tui {room} note {named} {shlex.quote(first + (' …' if more else ''))}")
    if added or removed:
        parts = [shlex.quote(f"{key}={text}") for key, text in added.items()]
        parts += [f"--remove {shlex.quote(key)}" for key in removed]
        commands.append(f"mlops-tui {room} tag {named} {' '.join(parts)}")
    return commands
