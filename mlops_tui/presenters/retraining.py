"""Learning a model again: what its form asks, the command that does the same, and how it ended."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.learning import ALL, parse
from mlops_tui.presenters.fields import Fields
from mlops_tui.registry.model import TRIALS
from mlops_tui.registry.summary import summed_up

REFIT, RETUNE = "the same parameters", "tuned anew"


def wrong_retraining(values: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each field that cannot stay so."""
    fields = Fields(values)
    if values["how"] == RETUNE:
        fields.whole("trials", 1)
    try:
        parse(values["window"] or ALL)
    except UsageError as error:
        fields.wrong["window"] = f"{error.title} {error.remedy}"
    return fields.wrong


def retrain_command(selector: str, values: Mapping[str, str]) -> str:
    """The command that does the same."""
    window = "" if values["window"] in ("", ALL) else f" --window {shlex.quote(values['window'])}"
    anew = f" --retune --trials {values['trials'] or TRIALS}" if values["how"] == RETUNE else ""
    return f"mlops-tui retrain {shlex.quote(selector)}{window}{anew}"


def retrained_words(result: dict[str, Any]) -> str:
    """How it ended, in a sentence."""
    name = f"{printable(result['model'])} version {result['version']}"
    would = "let it through" if result["would_be_promoted"] else "refuse it"
    made = f"{name} is the {result['alias']}, made from version {result['parent']}"
    return f"{made}{unchanged_words(result)}. Its gates {would}. {summed_up(result['gates'])}."


def unchanged_words(result: Mapping[str, Any]) -> str:
    """What is said behind it where there was nothing new to learn from."""
    return f", on the same rows as version {result['parent']}: there is nothing new" if result["unchanged"] else ""
