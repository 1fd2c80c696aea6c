"""Commands about the workspace as a whole: making it, its status, its events, a backup, its settings."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_tui.bootstrap import create_workspace
from mlops_tui.cli.context import INVOCATION, services
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, say, table
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.overview.backup import backup as back_up
from mlops_tui.presenters.events import subject_of
from mlops_tui.presenters.words import counted, one_line, size
from mlops_tui.store.event import Event, read_events
from mlops_tui.store.workspace import find

config = typer.Typer(no_args_is_help=True, help="The settings of this workspace.")


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder; the current one where none is named.")
    ] = Path(),
    as_json: AsJson = False,
) -> None:
    """Makes a folder a workspace; one that is one already is left as it is.

    Example: mlops-tui init churn
    """  # fmt: skip
    with_store = (folder / ".mlops" / "store.db").exists()
    INVOCATION.opened = create_workspace(folder)
    root = str(INVOCATION.opened.workspace.root)
    words = f"{printable(root)} is a workspace {'already' if with_store else 'now'}."
    emit({"workspace": root, "created": not with_store}, as_json=as_json, render=lambda: words)
    if not with_store and not as_json:
        say("Next: mlops-tui data add PATH --name NAME")


def status(as_json: AsJson = False) -> None:
    """Shows what is here, the project's level, and the step that would raise it.

    Example: mlops-tui status --json
    """
    shown = services().overview.status()
    emit(shown, as_json=as_json, render=lambda: _render_status(shown))


def _render_status(shown: dict[str, Any]) -> str:
    sources, studies, runs, models, jobs = (shown[room] for room in ("sources", "studies", "runs", "models", "jobs"))
    agent, alerts = shown["agent"], shown["alerts"]
    lines = [
        printable(shown["workspace"]),
        f"  sources  {sources['total']}: {counted(sources['files'], 'file')}, {sources['quarantined']} in quarantine{_late(sources['overdue'])}",
        f"  studies  {studies['total']}: {studies['open']} open, {studies['finished']} finished, {counted(studies['trials'], 'trial')}",
        f"  runs     {runs['total']}: {runs['running']} running, {runs['finished']} finished, {runs['failed']} failed",
        f"  models   {models['total']}: {counted(models['versions'], 'version')}, {counted(models['champions'], 'champion')}",
        f"  jobs     {jobs['total']}: {jobs['open']} open, {jobs['failed']} failed, {jobs['lost']} lost",
        f"  alerts   {alerts['open']} open, {alerts['acknowledged']} of them acknowledged",
        f"  agent    {'running' if agent['running'] else 'not running'}, watching is {'on' if agent['watching'] else 'off'}",
        f"  level    {shown['level']} of 2",
    ]  # fmt: skip
    step = shown["next"]
    return "\n".join(lines + ([f"Next: {step['words']}  {step['command']}"] if step else []))


def _late(overdue: int) -> str:
    return f", {overdue} late: see mlops-tui data list" if overdue else ""


def events(
    of: Annotated[str | None, typer.Option("--of", metavar="ID", help="Only those about this id or name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Jobs too that only look at something.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists what was done, by whom and why, newest first.

    Example: mlops-tui events --of churn
    """
    found = read_events(
        services().store.reader, of=of, with_reading=everything or of is not None, limit=limit, offset=offset
    )
    emit([asdict(event) for event in found], as_json=as_json, render=lambda: _render_events(found))


def _render_events(found: list[Event]) -> str:
    rows = [
        (
            event.at[:19].replace("T", " "),
            event.actor,
            event.verb.replace("_", " "),
            subject_of(event),
            "" if event.subject_id == event.subject_name else short(event.subject_id),
            one_line(event.why or ""),
        )
        for event in found
    ]
    return table(("at", "by", "did", "what", "id", "why"), rows, empty="Nothing was done yet.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tar file to write; gzipped as .tar.gz or .tgz.")],
    as_json: AsJson = False,
) -> None:
    """Copies the store, the artifacts and the settings into one file, while the workspace is at work.

    Example: mlops-tui backup churn.tar.gz
    """
    written = back_up(services().workspace, file)
    shown = {"file": str(file.absolute()), "bytes": written}
    emit(shown, as_json=as_json, render=lambda: f"{printable(str(file.absolute()))}, {size(written)}.")


@config.command()
def path() -> None:
    """Prints where the settings file is.

    Example: mlops-tui config path
    """
    print(find(given=INVOCATION.workspace).config)


@config.command()
def show(as_json: AsJson = False) -> None:
    """Prints every setting as it holds here: the file's, or the environment's where that names it.

    Example: mlops-tui config show
    """
    values = asdict(Settings.load(find(given=INVOCATION.workspace).config))
    rows = [(name, str(value)) for name, value in values.items()]
    emit(values, as_json=as_json, render=lambda: table(("setting", "value"), rows))


@config.command()
def check(as_json: AsJson = False) -> None:
    """Says whether the settings can be read; exits 2 where they cannot, and says what is wrong.

    Example: mlops-tui config check
    """
    file = find(given=INVOCATION.workspace).config
    Settings.load(file)
    emit({"file": str(file), "ok": True}, as_json=as_json, render=lambda: f"{printable(str(file))} is in order.")


@config.command()
def edit() -> None:
    """Opens the settings file in an editor, VISUAL or EDITOR or else vi, and says once that is left whether the settings can be read.

    Example: mlops-tui config edit
    """
    file = find(given=INVOCATION.workspace).config
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor and not sys.stdin.isatty():
        raise UsageError("There is no terminal here to edit in.", f"Open the file: {printable(str(file))}")
    named = editor or "vi"
    try:
        code = subprocess.call([*shlex.split(named), str(file)])
    except (OSError, ValueError):
        raise UsageError(f"The editor '{printable(named)}' cannot be started.", "Name one by EDITOR.") from None
    if code:
        raise UsageError(f"The editor '{printable(named)}' ended with exit code {code}.", "Try again.")
    Settings.load(file)
    print(f"{printable(str(file))} is in order.")
