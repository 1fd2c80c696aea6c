"""`mlops-tui runs …`: what was tried, with which parameters, and what came of it."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from mlops_tui.cli.commands.planned import plan
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, table
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import shorten
from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import MISSING, one_line, state, value
from mlops_tui.runs.expression import COLUMNS
from mlops_tui.runs.model import Run
from mlops_tui.runs.service import Runs
from mlops_tui.runs.where import field

app = typer.Typer(no_args_is_help=True, help="Runs: list, show, tag and note what was tried.")

SHOWN_METRICS = 4
"""How many metrics the table shows where no columns are named."""

RunName = Annotated[str, typer.Argument(metavar="R", help="A run: its name, or a part of its id.")]


@app.command("list")
def list_(
    where: Annotated[str | None, typer.Option("--where", metavar="EXPR", help="Only runs that match.")] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="KEY", help="By a column, metrics.K or params.K.")
    ] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    columns: Annotated[str | None, typer.Option("--columns", metavar="A,B", help="Columns of the table.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists runs, the newest or the largest first.

    Example: mlops-tui runs list --where "metrics.auc > 0.9 and status != 'failed'" --sort metrics.auc
    """
    chosen = _chosen(columns)
    found = _runs().page(where=where, sort=sort, descending=not ascending, limit=limit, offset=offset)
    emit(
        [_record(run) for run in found], as_json=as_json, render=lambda: _render_list(found, chosen or _default(found))
    )


@app.command()
def show(run: RunName, as_json: AsJson = False) -> None:
    """Shows one run with all that was logged.

    Example: mlops-tui runs show brave-otter-12
    """
    found = _runs().find(run)
    emit(_whole(found), as_json=as_json, render=lambda: _render_run(found))


@app.command()
def tag(
    run: RunName,
    tags: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…", help="Tags to set.")],
    as_json: AsJson = False,
) -> None:
    """Sets tags on a run.

    Example: mlops-tui runs tag brave-otter-12 stage=candidate
    """
    found = _runs().tag(run, dict(_pair(text) for text in tags))
    emit(_whole(found), as_json=as_json, render=lambda: f"{printable(found.name)}: {_pairs(found.tags)}")


@app.command()
def note(
    run: RunName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note; an empty one takes it away.")],
    as_json: AsJson = False,
) -> None:
    """Writes a note on a run, in place of the one before.

    Example: mlops-tui runs note brave-otter-12 "overfits after step 40"
    """
    found = _runs().note(run, text)
    emit(_whole(found), as_json=as_json, render=lambda: f"{printable(found.name)}: {one_line(found.note or 'no note')}")


for _verb in ("compare", "diff", "log", "export", "delete", "restore"):
    plan(app, _verb, f"runs {_verb}", "What is there: mlops-tui runs list|show|tag|note")


def _runs() -> Runs:
    return Runs(services().store)


def _pair(text: str) -> tuple[str, str]:
    key, sign, content = text.partition("=")
    if not sign or not key:
        raise UsageError(f"'{printable(text)}' is not a tag.", "Write it as KEY=VALUE, for example stage=candidate.")
    return key, content


def _record(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "experiment": run.experiment,
        "params": dict(run.params),
        "metrics": dict(run.metrics),
        "special": {key: value(number) for key, number in run.metrics.items() if not math.isfinite(number)},
        "tags": dict(run.tags),
        "started": run.started,
        "ended": run.ended,
    }


def _whole(run: Run) -> dict[str, Any]:
    return {**_record(run), "origin": run.origin, "study": run.study_id, "host": run.host, "note": run.note}


def _chosen(columns: str | None) -> list[str]:
    names = [name.strip() for name in (columns or "").split(",") if name.strip()]
    for name in names:
        field(name)
    return names


def _default(runs: list[Run]) -> list[str]:
    metrics = list(dict.fromkeys(key for run in runs for key in run.metrics))[:SHOWN_METRICS]
    return ["id", "name", "status", "experiment", "started", *(f"metrics.{key}" for key in metrics)]


def _render_list(runs: list[Run], columns: list[str]) -> str:
    ids = shorten(run.id for run in runs)
    rows = [[_cell(run, name, ids[run.id]) for name in columns] for run in runs]
    numbers = [name for name in columns if name.startswith("metrics.")]
    return table(
        [printable(name) for name in columns], rows, right=numbers, empty="No run matches, or there is none yet."
    )


def _cell(run: Run, column: str, shown_id: str) -> str:
    name = field(column)
    if name.table:
        found = getattr(run, name.table).get(name.key)
        return MISSING if found is None else one_line(found) if isinstance(found, str) else value(found)
    if column in ("id", "status"):
        return shown_id if column == "id" else state(run.status).text
    text = getattr(run, COLUMNS[name.key])
    if text is None:
        return MISSING
    return _when(text) if column in ("started", "ended") else one_line(text)


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _render_run(run: Run) -> str:
    lines = [
        ("run", f"{run.name}  {run.id}"),
        ("status", state(run.status).text),
        ("experiment", run.experiment),
        ("started", _when(run.started)),
        ("ended", _when(run.ended) if run.ended else MISSING),
        ("note", run.note or MISSING),
        ("tags", _pairs(run.tags) or MISSING),
        *((f"params.{key}", str(given)) for key, given in run.params.items()),
        *((f"metrics.{key}", value(number)) for key, number in run.metrics.items()),
    ]
    width = max(len(printable(name)) for name, _ in lines)
    return "\n".join(f"{printable(name).ljust(width)}  {one_line(text)}" for name, text in lines)


def _pairs(tags: Any) -> str:
    return ", ".join(f"{printable(key)}={one_line(text)}" for key, text in tags.items())
