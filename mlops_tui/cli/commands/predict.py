"""`mlops-tui predict`: every row of a file or a source, predicted by a registered model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.presenters.predict import outcome_words
from mlops_tui.serving.model import Ways

SHADOW = "--shadow"


class WithBareShadow(TyperCommand):
    """A command in which `--shadow` may stand without a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        told = list[str]()
        for arg, following in zip(args, [*args[1:], "-"], strict=True):
            told += [arg, ""] if arg == SHADOW and following.startswith("-") else [arg]
        return super().parse_args(ctx, told)


PARSED_BY = WithBareShadow


def predict(
    model: Annotated[str, typer.Argument(metavar="M[@alias|:version]", help="A model; its champion where not said.")],
    given: Annotated[
        Path,
        typer.Option("--in", metavar="FILE|SOURCE", help="A file, or a source, whose newest version is predicted."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Ends in .csv, .parquet, .jsonl or .ndjson.")],
    threshold: Annotated[
        str | None, typer.Option("--threshold", metavar="X|METRIC", help="From which probability on it is positive.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Set bad rows aside, and predict the rest.")
    ] = None,
    shadow: Annotated[
        str | None,
        typer.Option(SHADOW, metavar="[M]", help="Run the challenger, or M, too; keep how far it differs."),
    ] = None,
    unknown_category: Annotated[
        str | None,
        typer.Option("--unknown-category", metavar="POLICY", help="warn or refuse, with a share: refuse:0.05."),
    ] = None,
    out_of_range: Annotated[
        str | None, typer.Option("--out-of-range", metavar="POLICY", help="The same of numbers beyond training's.")
    ] = None,
    missing_value: Annotated[
        str | None,
        typer.Option("--missing-value", metavar="POLICY", help="The same of values that training never lacked."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Writes a file's columns with a prediction, and its probability, beside each row.

    Example: mlops-tui predict churn@champion --in new.csv --out scored.csv
    """
    opened = services()
    ways = Ways(threshold, shadow, rejects, unknown_category, out_of_range, missing_value)
    job = follow(opened.jobs, opened.predictions.start(model, given, out, ways))
    batch: dict[str, Any] = next(iter((job.result or {}).get("batches", [])), {})
    emit(batch, as_json=as_json, render=lambda: "\n".join(outcome_words(batch)))
