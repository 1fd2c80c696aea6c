"""`mlops-tui runs …`: what was tried, with which parameters, and what came of it."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_tui.cli import checks_text
from mlops_tui.cli.commands.planned import plan
from mlops_tui.cli.context import services
from mlops_tui.cli.log_tail import LogTail
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, table
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import shorten
from mlops_tui.core.printable import printable
from mlops_tui.presenters.beside import TITLES, cells, folded, sentence
from mlops_tui.presenters.runs import code_words
from mlops_tui.presenters.words import MISSING, between, duration, one_line, size, state, value
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.beside import Line, lines
from mlops_tui.runs.difference import Difference, difference
from mlops_tui.runs.expression import COLUMNS, SPANS, TABLES
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import artifacts_of, find_artifact, inputs_of, log_of_run, runs_within, sources_with
from mlops_tui.runs.service import Runs
from mlops_tui.runs.where import field
from mlops_tui.store.artifact import verified
from mlops_tui.tuning.query import get_study

app = typer.Typer(no_args_is_help=True, help="Runs: list, show, tag and note what was tried; its log and its files.")

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
    emit({**_whole(found), **_belongings(found)}, as_json=as_json, render=lambda: _render_run(found))


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
    """Lists a run's files, prints one, or writes them elsewhere.

    Example: mlops-tui runs artifacts brave-otter-12 plots/roc.png --out roc.png
    """
    opened, found = services(), _runs().find(run)
    reader, workspace = opened.store.reader, opened.workspace
    kept = artifacts_of(reader, found.id) if name is None else [find_artifact(reader, found, name)]
    if out is None and name is not None and not as_json:
        sys.stdout.buffer.write(verified(workspace, kept[0].hash).read_bytes())
        return
    if out is not None:
        for one in kept:
            _write_out(verified(workspace, one.hash), out if name is not None else out / one.name)
    emit([asdict(one) for one in kept], as_json=as_json, render=lambda: _render_artifacts(kept, out))


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(metavar="R R…", help="Two runs or more.")],
    every: Annotated[bool, typer.Option("--all", help="What is alike in all of them too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sets runs side by side, what differs first, and says which is better and what is noise.

    Example: mlops-tui runs compare loans/12 loans/31
    """
    found = list({run.id: run for run in map(_runs().find, runs)}.values())
    if len(found) < 2:
        raise UsageError("There is one run, and nothing beside it.", "Name two or more: mlops-tui runs compare R R")
    told = services().asking.ask("compare", runs=[run.id for run in found])["verdicts"]
    of_runs = lines(found)
    printed = {
        "runs": [{"id": run.id, "name": run.name, "experiment": run.experiment} for run in found],
        **{table: {line.key: list(line.values) for line in of_runs if line.table == table} for table in TABLES},
        "verdicts": told,
    }
    emit(printed, as_json=as_json, render=lambda: _render_compared(found, of_runs, told, every=every))


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
    data = _data_between(one, two)
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
    emit(printed, as_json=as_json, render=lambda: _render_difference([one, two], differing, found, data))


def _data_between(one: Run, two: Run) -> dict[str, Any] | None:
    """How the versions differ that two runs' studies learnt from; None where they are of one version, or of no source."""
    reader = services().store.reader
    if one.study_id is None or two.study_id is None:
        return None
    first, second = get_study(reader, one.study_id), get_study(reader, two.study_id)
    if first.source_id != second.source_id or first.version == second.version or not first.source_id:
        return None
    return services().asking.ask("diff", source=first.source_id, before=first.version, after=second.version)


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


for _verb in ("export", "delete", "restore"):
    plan(app, _verb, f"runs {_verb}", "What is there: mlops-tui runs list|show|log|artifacts|tag|note")


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
    names = ("origin", "host", "note", "parent", "command", "script", "branch")
    return {
        **_record(run),
        **{name: getattr(run, name) for name in names},
        "study": run.study_id,
        "job": run.job_id,
        "commit": run.commit_hash,
        "dirty": run.is_dirty,
    }


def _belongings(run: Run) -> dict[str, Any]:
    reader = services().store.reader
    inputs = [{**asdict(given), "sources": sources_with(reader, given.hash)} for given in inputs_of(reader, run.id)]
    within = [{"id": found, "name": name, "status": status} for found, name, status in runs_within(reader, run.id)]
    return {"inputs": inputs, "artifacts": [asdict(one) for one in artifacts_of(reader, run.id)], "within": within}


def _write_out(kept: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, target)
    except OSError as error:
        raise UsageError(
            f"{printable(str(target))} cannot be written: {error.strerror}.", "Name another place."
        ) from None


def _render_compared(runs: list[Run], of_runs: list[Line], told: list[dict[str, Any]], *, every: bool) -> str:
    differing, alike = folded(of_runs)
    names = _told_apart(runs)
    parts = []
    for name, title in TITLES.items():
        rows = [
            [printable(line.key), *(f"{cell.text} *" if cell.tone == "good" else cell.text for cell in cells(line))]
            for line in (of_runs if every else differing)
            if line.table == name
        ]
        if rows:
            columns = [title, *(printable(names[run.id]) for run in runs)]
            parts.append(table(columns, rows, right=columns[1:] if name == "metrics" else ()))
    if alike and not every:
        parts.append(f"{alike} more are alike in all of them: --all shows them.")
    parts.append("\n".join(sentence(verdict, {key: printable(one) for key, one in names.items()}) for verdict in told))
    return "\n\n".join(parts)


def _render_difference(runs: list[Run], differing: list[Line], found: Difference, data: dict[str, Any] | None) -> str:
    told_apart = _told_apart(runs)
    names = [printable(told_apart[run.id]) for run in runs]
    parts = [
        table(
            (title, *names),
            [[printable(line.key), *(cell.text for cell in cells(line))] for line in differing if line.table == name],
            right=names if name == "metrics" else (),
        )
        for name, title in TITLES.items()
        if any(line.table == name for line in differing)
    ]
    for title, rows in (("Packages", found.packages), ("Machine", found.machine)):
        if rows:
            told = [
                [printable(name), *(MISSING if one is None else printable(one) for one in pair)] for name, *pair in rows
            ]
            parts.append(table((title, *names), told))
    if found.gone or found.added:
        given = [(found.gone, names[0]), (found.added, names[1])]
        alone = [(printable(one.name), one.hash[:12], f"{name} alone") for some, name in given for one in some]
        parts.append(table(("Data", "sha256", "given to"), alone))
    if data is not None:
        parts.append(checks_text.diff(data))
    if found.code is None and runs[0].commit_hash != runs[1].commit_hash:
        parts.append("Code: of other commits, and their repository is not at hand.")
    elif found.code:
        parts.append(_indented("Code", found.code))
    for name, changes in zip(names, found.changes, strict=True):
        if changes and found.changes[0] != found.changes[1]:
            parts.append(_indented(f"{name} had changed since its commit", changes))
    return "\n\n".join(parts) or "They do not differ in anything that is known of both."


def _indented(title: str, text: str) -> str:
    return "\n".join((f"{title}:", *(f"  {printable(line)}" for line in text.splitlines())))


def _told_apart(runs: list[Run]) -> dict[str, str]:
    """The names of runs by their ids, with a part of the id where two have the same."""
    shown_ids, counts = shorten(run.id for run in runs), Counter(run.name for run in runs)
    return {run.id: run.name if counts[run.name] == 1 else f"{run.name} {shown_ids[run.id]}" for run in runs}


def _render_artifacts(kept: list[Artifact], out: Path | None) -> str:
    if out is not None:
        return f"{len(kept)} written to {printable(str(out))}"
    rows = [(printable(one.name), one.kind, size(one.size), one.hash[:12]) for one in kept]
    return table(("name", "kind", "size", "sha256"), rows, right=("size",), empty="It has none.")


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
    if column in SPANS:
        until = None if column == "age" else run.ended
        return MISSING if column == "took" and until is None else duration(between(run.started, until, time.time()))
    text = getattr(run, COLUMNS[name.key])
    if text is None:
        return MISSING
    return _when(text) if column in ("started", "ended") else one_line(str(text))


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
        *_origin(run),
        *((f"params.{key}", str(given)) for key, given in run.params.items()),
        *((f"metrics.{key}", value(number)) for key, number in run.metrics.items()),
    ]
    found = _belongings(run)
    lines += [(f"input {given['role']}", _input_words(given)) for given in found["inputs"]]
    lines += [("artifact", f"{one['name']}  {size(one['size'])}") for one in found["artifacts"]]
    lines += [("within it", f"{one['name']}  {state(one['status']).text}") for one in found["within"]]
    width = max(len(printable(name)) for name, _ in lines)
    return "\n".join(f"{printable(name).ljust(width)}  {one_line(text)}" for name, text in lines)


def _origin(run: Run) -> list[tuple[str, str]]:
    """Where its code is from; what is not known is left out."""
    lines = [("command", run.command), ("script", run.script), ("code", code_words(run))]
    return [(name, text) for name, text in lines if text]


def _input_words(given: dict[str, Any]) -> str:
    rows = "" if given["rows"] is None else f"  {given['rows']:,} rows"
    known = f"  source {', '.join(given['sources'])}" if given["sources"] else ""
    return f"{given['name']}{rows}  {given['hash'][:12]}{known}"


def _pairs(tags: Any) -> str:
    return ", ".join(f"{printable(key)}={one_line(text)}" for key, text in tags.items())
