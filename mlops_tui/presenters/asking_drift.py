"""What the form of a comparison asks for: its words as arguments, and as a command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from mlops_tui.monitoring.chunks import BY

ONE_WINDOW, BY_ROWS = "one window", "each N rows"
CHUNKS = (ONE_WINDOW, *(f"each {unit}" for unit in BY), BY_ROWS)
"""What may be looked at: a window, or the whole history in chunks."""

NO_MODEL, BY_COLUMNS = "none", "by its columns"
AS_IT_IS, PIN, UNPIN = "no", "yes, from now on", "let go of the pinned one"
PINNING = (AS_IT_IS, PIN, UNPIN)
"""What becomes of the pinned reference."""
ONE_BY_ONE, AT_ONCE = "one by one", "all of them at once too"
TOGETHER = (ONE_BY_ONE, AT_ONCE)
"""How columns are compared."""

Values = Mapping[str, str]


def chunks_of(values: Values) -> str | None:
    """How the history is cut; None where windows are compared."""
    asked = values["chunks"]
    if asked == ONE_WINDOW:
        return None
    return values["size"] if asked == BY_ROWS else asked.removeprefix("each ")


def arguments(values: Values) -> dict[str, Any]:
    """What `Monitoring.start` takes; a reference that is pinned first is not said once more."""
    return {
        "selector": values["source"],
        "current": [part.strip() for part in values["current"].split(",") if part.strip()],
        "chunks": chunks_of(values),
        "reference": values["reference"] or None,
        "model": None if values["model"] == NO_MODEL else values["model"],
        "training": training_of(values),
        "multivariate": values["together"] == AT_ONCE,
        "sliced": values["sliced"] or None if values["chunks"] == ONE_WINDOW else None,
    }


def training_of(values: Values) -> str | None:
    """The training source that is named, None where the columns are to tell."""
    return None if values["training"] == BY_COLUMNS else values["training"]


def after_pinning(values: Values) -> dict[str, Any]:
    """The same once the reference is pinned: then it goes without saying."""
    return arguments(values) | ({"reference": None, "training": None} if values["pin"] == PIN else {})


def drift_command(values: Values) -> str:
    """The command, or the two of them, that do the same."""
    name = shlex.quote(values["source"] or "N")
    asked = after_pinning(values)
    words = [f"mlops-tui drift {name}"]
    if asked["chunks"] is not None:
        words.append(f"--chunks {shlex.quote(asked['chunks'] or 'N')}")
    elif asked["current"] != ["last:1"]:
        words += [f"--current {shlex.quote(window)}" for window in asked["current"]]
    words += [f"--{key} {shlex.quote(asked[key])}" for key in ("reference", "model", "training") if asked[key]]
    words += ["--multivariate"] * asked["multivariate"]
    words += [f"--slice {shlex.quote(asked['sliced'])}"] if asked["sliced"] else []
    return " && ".join([*_pinning(name, values), " ".join(words)])


def _pinning(name: str, values: Values) -> list[str]:
    if values["pin"] == AS_IT_IS:
        return []
    if values["pin"] == UNPIN:
        return [f"mlops-tui drift {name} --unpin"]
    training = training_of(values)
    of = f" --training {shlex.quote(training)}" if training else ""
    return [f"mlops-tui drift {name} --pin {shlex.quote(values['reference'] or 'W')}{of}"]
