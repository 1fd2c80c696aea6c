"""`mlops-tui runs …`: what was tried, with which parameters, and what came of it."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_tui import presenters
from mlops_tui.cli import artifact_text, runs_text
from mlops_tui.cli.context import services
from mlops_tui.cli.log_tail import LogTail
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, say
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.overview.lineage import Lineage, lineage
from mlops_tui.presenters.beside import folded
from mlops_tui.presenters.difference import parts
from mlops_tui.presenters.run_groups import group_record
from mlops_tui.presenters.run_note import tags_given
from mlops_tui.presenters.runs import frequent_keys, lineage_lines
from mlops_tui.presenters.words import one_line, value
from mlops_tui.runs.beside import METRICS, lines
from mlops_tui.runs.difference import difference
from mlops_tui.runs.expression import TABLES, Name, show_name
from mlops_tui.runs.grouping import CONFIG, fields, page_of_groups, parameters
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import (
    artifacts_of,
    find_artifact,
    get_run,
    inputs_of,
    log_of_run,
    runs_within,
    sources_with,
    unknown,
    why_ended,
)
from mlops_tui.runs.service import Runs
from mlops_tui.runs.where import field, names_in
from mlops_tui.store.artifact import verified
from mlops_tui.tuning.query import versions_between

app = typer.Typer(no_args_is_help=True, help="Runs: list, show, tag and note what was tried; its log and its files.")

SHOWN_METRICS = 4
"""How many metrics the table shows where no columns are named."""

SAMPLE = 64
"""Of so many of the newest runs it is looked which metrics most of them have."""
EACH_TWO = 5
"""Of more runs each is compared with the first alone."""

RunName = Annotated[str, typer.Argument(metavar="R", help="A run: its name, or a part of its id.")]


@app.command("list")
def list_(
    where: Annotated[str | None, typer.Option("--where", metavar="EXPR", help="Only runs that match.")] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="KEY", help="By a column, metrics.K or params.K.")
    ] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    columns: Annotated[str | None, typer.Option("--columns", metavar="A,B", help="Columns of the table.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Those that were deleted.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists runs, the newest or the largest first.

    Example: mlops-tui runs list --where "metrics.auc > 0.9 and status != 'failed'" --sort metrics.auc
    """
    chosen = _chosen(columns)
    _say_unknown([*(field(name) for name in [*chosen, *([sort] if sort else [])]), *names_in(where)])
    found = _runs().page(where=where, sort=sort, descending=not ascending, limit=limit, offset=offset, deleted=deleted)
    emit(
        [_record(run) for run in found],
        as_json=as_json,
        render=lambda: runs_text.listed(found, chosen or _default(found)),
    )


@app.command()
def groups(
    by: Annotated[
        str, typer.Argument(metavar="KEYS", help="params.K, tags.K, a field, or config: every parameter but the seed.")
    ],
    where: Annotated[str | None, typer.Option("--where", metavar="EXPR", help="Only runs that match.")] = None,
    metrics: Annotated[str | None, typer.Option("--metrics", metavar="A,B", help="Of which metrics.")] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="KEY", help="By runs, value, or metrics.K: its mean.")
    ] = None,
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Groups runs, and tells the mean of each metric with its standard deviation: over seeds, say.

    Example: mlops-tui runs groups config --where "experiment = 'churn'" --sort metrics.auc
    """
    reader, wanted = services().store.reader, fields(by)
    names = [part.strip() for part in by.split(",")]
    newest = _runs().page(where=where, limit=SAMPLE)
    keys = [key.strip() for key in metrics.split(",")] if metrics else frequent_keys(newest, SHOWN_METRICS)[0]
    by_metric = [field(sort)] if sort and "." in sort else []
    grouped_by = [name for name in wanted if isinstance(name, Name)]
    _say_unknown([*(Name("metrics", key) for key in keys), *by_metric, *grouped_by, *names_in(where)])
    found = page_of_groups(
        reader, wanted, metrics=keys, where=where, sort=sort, descending=not ascending, limit=limit, offset=offset
    )
    emit(
        [group_record(wanted, group, names) for group in found],
        as_json=as_json,
        render=lambda: runs_text.grouped(wanted, found, keys, parameters(reader, where) if CONFIG in wanted else []),
    )


@app.command()
def show(run: RunName, as_json: AsJson = False) -> None:
    """Shows one run with all that was logged.

    Example: mlops-tui runs show brave-otter-12
    """
    found = _runs().find(run)
    way = lineage(services().store.reader, found)
    owned = _belongings(found, way)
    reader = services().store.reader
    above = None if found.parent is None else get_run(reader, found.parent).name
    emit(
        {**_whole(found), **owned},
        as_json=as_json,
        render=lambda: runs_text.whole(found, {**owned, "above": above}, lineage_lines(way, time.time())),
    )


@app.command()
def log(
    run: RunName,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it has ended.")] = False,
) -> None:
    """Prints what a command wrote that was started by `mlops-tui run`.

    Example: mlops-tui runs log brave-otter-12 -f
    """
    opened, found = services(), _runs().find(run)
    name = log_of_run(opened.store.reader, found)
    if name is None or found.job_id is None:
        raise UsageError(
            f"Run {printable(found.name)} has no log: its output went to its own terminal.",
            "Start a command with mlops-tui run -- COMMAND, and it is kept.",
        )
    tail = LogTail(opened.workspace.logs / name)
    tail.copy()
    if follow:
        tail.follow(opened.store, opened.jobs, found.job_id)


@app.command()
def artifacts(
    run: RunName,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of them: print it, or write it.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="Where to: a file, or a folder for all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lists a run's files, prints one, or writes them elsewhere. A terminal is shown a picture, or the first rows of a table.

    Example: mlops-tui runs artifacts brave-otter-12 plots/roc.png --out roc.png
    """
    opened, found = services(), _runs().find(run)
    reader, workspace = opened.store.reader, opened.workspace
    kept = artifacts_of(reader, found.id) if name is None else [find_artifact(reader, found, name)]
    if out is None and name is not None and not as_json:
        if sys.stdout.isatty():
            if note := artifact_text.show(opened, found, kept[0]):
                say(note)
            return
        sys.stdout.buffer.write(verified(workspace, kept[0].hash).read_bytes())
        return
    if out is not None:
        for one in kept:
            into = out / Path(one.name).name if out.is_dir() else out
            _write_out(verified(workspace, one.hash), into if name is not None else out / one.name)
    emit([asdict(one) for one in kept], as_json=as_json, render=lambda: runs_text.files(kept, out))


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(metavar="R R…", help="Two runs or more.")],
    every: Annotated[bool, typer.Option("--all", help="What is alike in all of them too.")] = False,
    metric: Annotated[
        str | None, typer.Option("--metric", help="What they are judged by, in place of their own metric.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sets runs side by side, what differs first, and says which is better and what is noise: of each two, of more than five of
    each beside the first.

    Example: mlops-tui runs compare loans/12 loans/31
    """
    found = list({run.id: run for run in map(_runs().find, runs)}.values())
    if len(found) < 2:
        raise UsageError("There is one run, and nothing beside it.", "Name two or more: mlops-tui runs compare R R")
    ids = [run.id for run in found]
    against = ids[0] if len(ids) > EACH_TWO else None
    told = services().asking.ask("compare", runs=ids, against=against, metric=metric)["verdicts"]
    of_runs = lines(found)
    printed = {
        "runs": [{"id": run.id, "name": run.name, "experiment": run.experiment} for run in found],
        **{table: {line.key: list(line.values) for line in of_runs if line.table == table} for table in TABLES},
        "special": {
            line.key: [value(one) if isinstance(one, float) and not math.isfinite(one) else None for one in line.values]
            for line in of_runs
            if line.table == METRICS and any(isinstance(one, float) and not math.isfinite(one) for one in line.values)
        },
        "verdicts": told,
    }
    emit(printed, as_json=as_json, render=lambda: runs_text.compared(found, of_runs, told, every=every))


@app.command()
def diff(
    run: RunName,
    other: Annotated[str, typer.Argument(metavar="R", help="Another run.")],
    as_json: AsJson = False,
) -> None:
    """Tells how a run differs from another: its values, its code, its packages and its data.

    Example: mlops-tui runs diff baseline brave-otter-12
    """
    opened = services()
    one, two = _runs().find(run), _runs().find(other)
    found = difference(opened.store.reader, opened.workspace, one, two)
    differing, _ = folded(lines([one, two]))
    versions = versions_between(opened.store.reader, one.study_id, two.study_id)
    data = None if versions is None else opened.asking.ask("diff", **versions)
    printed = {
        "a": {"id": one.id, "name": one.name},
        "b": {"id": two.id, "name": two.name},
        **{name: {line.key: list(line.values) for line in differing if line.table == name} for name in TABLES},
        "code": {"a": one.commit_hash, "b": two.commit_hash, "diff": found.code, "changes": list(found.changes)},
        "packages": [dict(zip(("name", "a", "b"), row, strict=True)) for row in found.packages],
        "machine": [dict(zip(("name", "a", "b"), row, strict=True)) for row in found.machine],
        "inputs": {"added": [asdict(given) for given in found.added], "gone": [asdict(given) for given in found.gone]},
        "data": data,
    }
    emit(printed, as_json=as_json, render=lambda: runs_text.difference(parts([one, two], differing, found, data)))


@app.command()
def tag(
    run: RunName,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE…]", help="Tags to set.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="KEY", help="A tag to take away; may be given again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sets tags on a run, or takes some away.

    Example: mlops-tui runs tag brave-otter-12 stage=candidate
    """
    found = _runs().tag(run, tags_given(tags or (), remove or ()), remove or ())
    told = runs_text.pairs(found.tags) or "no tags"
    emit(_whole(found), as_json=as_json, render=lambda: f"{printable(found.name)}: {told}")


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


@app.command()
def export(
    runs: Annotated[list[str], typer.Argument(metavar="R R…", help="Two runs or more.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to: .html (with the pictures), .md or .csv.")
    ],
    metric: Annotated[
        str | None, typer.Option("--metric", help="What they are judged by, in place of their own metric.")
    ] = None,
) -> None:
    """Writes a comparison to a file: one page with its pictures that needs no network, Markdown, or a table.

    Example: mlops-tui runs export baseline brave-otter-12 --out comparison.html
    """
    opened = services()
    found = list({run.id: run for run in map(_runs().find, runs)}.values())
    written = presenters.export(opened.store.reader, opened.asking, [run.id for run in found], out, metric)
    typer.echo(f"Written: {printable(str(written))}")


@app.command()
def delete(
    runs: Annotated[list[str], typer.Argument(metavar="R…", help="Runs that have ended.")], as_json: AsJson = False
) -> None:
    """Takes runs out of every list; `runs restore` brings them back.

    Example: mlops-tui runs delete brave-otter-12
    """
    gone = _runs().delete(runs)
    render = "\n".join(
        f"{printable(run.name)} is deleted: mlops-tui runs restore {run.id} brings it back." for run in gone
    )
    emit([_whole(run) for run in gone], as_json=as_json, render=lambda: render)


@app.command()
def restore(
    runs: Annotated[list[str], typer.Argument(metavar="R…", help="Deleted runs: runs list --deleted shows them.")],
    as_json: AsJson = False,
) -> None:
    """Brings deleted runs back.

    Example: mlops-tui runs restore brave-otter-12
    """
    back = _runs().restore(runs)
    render = "\n".join(f"{printable(run.name)} is back." for run in back)
    emit([_whole(run) for run in back], as_json=as_json, render=lambda: render)


def _runs() -> Runs:
    return Runs(services().store)


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
    names = ("origin", "host", "note", "parent", "command", "script", "branch")
    return {
        **_record(run),
        **{name: getattr(run, name) for name in names},
        "study": run.study_id,
        "job": run.job_id,
        "commit": run.commit_hash,
        "dirty": run.is_dirty,
    }


def _belongings(run: Run, way: Lineage) -> dict[str, Any]:
    reader = services().store.reader
    inputs = [{**asdict(given), "sources": sources_with(reader, given.hash)} for given in inputs_of(reader, run.id)]
    within = [{"id": found, "name": name, "status": status} for found, name, status in runs_within(reader, run.id)]
    return {
        "inputs": inputs,
        "artifacts": [asdict(one) for one in artifacts_of(reader, run.id)],
        "within": within,
        "why": why_ended(reader, run),
        "lineage": {**asdict(way), "models": [asdict(made) for made in way.models]},
    }


def _write_out(kept: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, target)
    except OSError as error:
        raise UsageError(
            f"{printable(str(target))} cannot be written: {error.strerror}.", "Name another place."
        ) from None


def _say_unknown(names: Sequence[Name]) -> None:
    for name in dict.fromkeys(unknown(services().store.reader, names)):
        say(f"No run has {show_name(name)}.")


def _chosen(columns: str | None) -> list[str]:
    names = [name.strip() for name in (columns or "").split(",") if name.strip()]
    for name in names:
        field(name)
    return names


def _default(runs: list[Run]) -> list[str]:
    metrics, _ = frequent_keys(runs, SHOWN_METRICS)
    return ["id", "name", "status", "experiment", "started", *(f"metrics.{key}" for key in metrics)]
