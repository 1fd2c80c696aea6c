"""What a person says of a run, as the fields of a form and as the commands that say the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

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


def _in_a_line(run: Run) -> dict[str, str]:
    """The tags that can be written with commas between them; others are left as they are."""
    return {
        key: text
        for key, text in run.tags.items()
        if f"{key}{text}".isprintable() and "," not in f"{key}{text}" and "=" not in key and key == key.strip()
    }


def run_fields(run: Run) -> dict[str, str]:
    """What is said of a run as the form's fields have it."""
    return {"note": run.note or "", "tags": ", ".join(f"{key}={text}" for key, text in _in_a_line(run).items())}


def run_tag_changes(values: Mapping[str, str], run: Run) -> tuple[dict[str, str], list[str]]:
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
        added, removed = run_tag_changes(values, run)
    except UsageError as error:
        return f"{error.title} {error.remedy}"
    name, commands = shlex.quote(run.name), []
    if values["note"] != (run.note or "").strip():
        first, *more = values["note"].splitlines() or [""]
        commands.append(f"mlops-tui runs note {name} {shlex.quote(first + (' …' if more else ''))}")
    if added or removed:
        parts = [shlex.quote(f"{key}={text}") for key, text in added.items()]
        parts += [f"--remove {shlex.quote(key)}" for key in removed]
        commands.append(f"mlops-tui runs tag {name} {' '.join(parts)}")
    return "\n".join(commands) or NOTHING_CHANGED
