"""`mlops-tui retrain`: a model's recipe on what its source has now, as a challenger."""

from __future__ import annotations

import shlex
from typing import Annotated, Any

import typer

from mlops_tui.cli import models_text
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say
from mlops_tui.cli.progress import follow
from mlops_tui.core.clock import seconds_of
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.data.learning import ALL
from mlops_tui.presenters.retraining import unchanged_words
from mlops_tui.registry.model import TRIALS
from mlops_tui.registry.summary import spoken


def retrain(
    model: Annotated[str, typer.Argument(metavar="M[@alias|:version]", help="A model; its champion where not said.")],
    window: Annotated[
        str,
        typer.Option("--window", metavar="W", help="What is learnt from: all, last:N (files), or since:2026-03-31."),
    ] = ALL,
    retune: Annotated[bool, typer.Option("--retune", help="Tune anew, beginning with its parameters.")] = False,
    trials: Annotated[
        int | None, typer.Option("--trials", metavar="K", help=f"With --retune: so many, else {TRIALS}.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="TIME", help="With --retune: 90s, 10m, 2h.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for its end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fits a model's recipe on what its source has now, makes that the challenger, and asks its gates; nothing is promoted.

    Example: mlops-tui retrain churn --window last:6
    """
    if not retune and (trials, timeout) != (None, None):
        raise UsageError("--trials and --timeout go with --retune alone.", "Say --retune too, or leave them out.")
    opened = services()
    seconds = None if timeout is None else seconds_of(timeout)
    job_id = opened.models.retrain(
        model, window, retune=retune, trials=TRIALS if trials is None else trials, timeout=seconds
    )
    if detach:
        say(f"It goes on by itself. Follow it with: mlops-tui jobs log {short(job_id)} -f")
        emit({"job": job_id}, as_json=as_json, render=lambda: f"job {short(job_id)}")
        return
    result = follow(opened.jobs, job_id).result or {}
    emit(result, as_json=as_json, render=lambda: _render(result))


def _render(result: dict[str, Any]) -> str:
    name = f"{printable(result['model'])} version {result['version']}"
    head = (
        f"{name} is the {result['alias']}, made from version {result['parent']} on {result['window']} of data version"
    )
    selector = f"{shlex.quote(result['model'])} {result['version']}"
    if result["would_be_promoted"] and result["unchanged"]:
        would = "Its gates let it through."
    elif result["would_be_promoted"]:
        would = f"It would be promoted: mlops-tui models promote {selector}"
    else:
        refusing = ", ".join(spoken(gate["name"]) for gate in result["gates"] if gate["refuses"])
        would = f"It would not be promoted: refused by {refusing}."
    return "\n".join(
        [
            f"{head} {result['data_version']}{unchanged_words(result)}.",
            *models_text.gate_lines(result["gates"]),
            would,
        ]
    )
