"""`mlops-tui predict`: every row of a file, predicted by a registered model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.core.printable import printable


def predict(
    model: Annotated[str, typer.Argument(metavar="M[@alias|:version]", help="A model; its champion where not said.")],
    given: Annotated[Path, typer.Option("--in", metavar="FILE", help="The CSV or Parquet file to predict.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The CSV or Parquet file to write.")],
    as_json: AsJson = False,
) -> None:
    """Writes a file's columns with a prediction, and its probability, beside each row.

    Example: mlops-tui predict churn@champion --in new.csv --out scored.csv
    """
    opened = services()
    job = follow(opened.jobs, opened.predictions.start(model, given, out))
    batch: dict[str, Any] = next(iter((job.result or {}).get("batches", [])), {})
    emit(batch, as_json=as_json, render=lambda: _render(batch))


def _render(batch: dict[str, Any]) -> str:
    if not batch:
        return "Stopped before anything was written."
    lines = [f"{batch['rows']:,} rows of {printable(batch['model'])} version {batch['version']} in {batch['out']}."]
    if batch["rejected"]:
        lines.append(f"{batch['rejected']:,} rows have no prediction: the model gave no finite number.")
    lines += [
        f"{rows:,} rows hold a {printable(column)} that training has not seen."
        for column, rows in batch["unknown"].items()
    ]
    return "\n".join(lines)
