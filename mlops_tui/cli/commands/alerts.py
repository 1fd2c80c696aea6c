"""`mlops-tui alerts …`: what needs a person, saying that one knows of it, muting, and trying where alerts are told."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FAILED
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, say, table
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.monitoring import alert_query, sending
from mlops_tui.monitoring.alert import CHANNELS, Alert, Delivery, Mute
from mlops_tui.presenters.alerts import alert_state, muted_words, told_words
from mlops_tui.presenters.words import MISSING, minute

TERMINAL = "terminal"
ALL = (TERMINAL, *CHANNELS)

app = typer.Typer(no_args_is_help=True, help="Alerts: what needs a person, since when, and what to do.")


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Those too that have ended.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists the open alerts, the newest first.

    Example: mlops-tui alerts list --all
    """
    reader = services().store.reader
    found = alert_query.list_alerts(reader, with_ended=everything, limit=limit, offset=offset)
    told = {alert.id: alert_query.deliveries_of(reader, alert.id) for alert in found}
    emit([_shown(alert, told[alert.id]) for alert in found], as_json=as_json, render=lambda: _render(found, told))


@app.command()
def ack(
    alert: Annotated[str, typer.Argument(metavar="A", help="An alert: a part of its id, or what it is about.")],
    why: Annotated[str | None, typer.Option("--why", metavar="TEXT", help="What is done about it; kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Says that one knows of an alert: it stays open until its cause is gone, and is pointed out no more.

    Example: mlops-tui alerts ack churn --why "the labels of May are late"
    """
    found = services().alerts.acknowledge(alert, why)
    words = f"The alert about {printable(found.subject.name)} is acknowledged. What would end it: {found.remedy}"
    emit(
        _shown(found, alert_query.deliveries_of(services().store.reader, found.id)),
        as_json=as_json,
        render=lambda: words,
    )


What = Annotated[str, typer.Argument(metavar="A", help="What it is about: a source, a model, or an alert.")]
OneColumn = Annotated[
    str | None, typer.Option("--column", metavar="C", help="One column of the source; all of it where not said.")
]


@app.command()
def mute(
    what: What,
    column: OneColumn = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="7d, 12h or a day; until it is unmuted where not said.")
    ] = None,
    why: Annotated[str | None, typer.Option("--why", metavar="TEXT", help="Why; kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Has alerts about a source, a model or a column be pointed out nowhere for a while; what is found is still kept.

    Example: mlops-tui alerts mute applications --column income --until 7d --why "new form since May"
    """
    found = services().alerts.mute(what, column=column, until=until, why=why)
    emit(asdict(found), as_json=as_json, render=lambda: muted_words(found))


@app.command()
def unmute(what: What, column: OneColumn = None, as_json: AsJson = False) -> None:
    """Has alerts be pointed out again.

    Example: mlops-tui alerts unmute applications --column income
    """
    subject = services().alerts.unmute(what, column=column)
    shown = {"subject": asdict(subject), "column": column}
    name = printable(subject.name) if column is None else f"{printable(column)} of {subject.name}"
    emit(shown, as_json=as_json, render=lambda: f"{name} is not muted any more.")


@app.command()
def mutes(limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Lists what is muted now, the newest first.

    Example: mlops-tui alerts mutes
    """
    found = alert_query.list_mutes(services().store.reader, limit=limit, offset=offset)
    emit([asdict(one) for one in found], as_json=as_json, render=lambda: _render_mutes(found))


@app.command("test")
def try_(
    channel: Annotated[
        str | None, typer.Argument(metavar="[CHANNEL]", help=f"{', '.join(ALL)}; those that are set up.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sends a message to try by on each channel that is set up, and says what came of it; exits 1 where one failed.

    The terminal is told by its bell.

    Example: mlops-tui alerts test webhook
    """
    opened = services()
    if channel is not None and channel not in ALL:
        raise UsageError(f"There is no channel '{printable(channel)}'.", f"Channels: {', '.join(ALL)}.")
    set_up = sending.configured(opened.settings)
    channels = (channel,) if channel is not None else (*((TERMINAL,) if sys.stderr.isatty() else ()), *set_up)
    if not set_up and channel is None:
        names = ", ".join(f"alert_{name}" for name in CHANNELS)
        remedy = f"Set one of {names}: mlops-tui config edit"
        if not channels:
            raise UsageError("No channel is set up.", remedy)
        say(f"mlops-tui: no channel beside the terminal is set up. {remedy}")
    results = []
    for name in channels:
        try:
            if name == TERMINAL:
                _ring()
            else:
                sending.send(name, opened.settings, sending.trial(str(opened.workspace.root)))
        except sending.NotSent as error:
            results.append({"channel": name, "sent": False, "why": str(error)})
        else:
            results.append({"channel": name, "sent": True, "why": None})
    rows = [(one["channel"], "sent" if one["sent"] else "failed", one["why"] or "") for one in results]
    emit(results, as_json=as_json, render=lambda: table(("channel", "result", "why"), rows, empty=""))
    if not all(one["sent"] for one in results):
        raise typer.Exit(EXIT_FAILED)


def _ring() -> None:
    if not sys.stderr.isatty():
        raise sending.NotSent("There is no terminal here.", "Ask in one.")
    sys.stderr.write("\a")
    sys.stderr.flush()


def _shown(alert: Alert, told: list[Delivery]) -> dict[str, Any]:
    """As JSON has it: with where it was told."""
    return {**alert.shown(), "told": [asdict(one) for one in told]}


def _render_mutes(found: list[Mute]) -> str:
    rows = [
        (
            f"{one.subject.kind} {printable(one.subject.name)}",
            MISSING if one.column is None else one.column,
            MISSING if one.until is None else minute(one.until),
            one.muted_by,
            one.why or "",
        )
        for one in found
    ]
    return table(("what", "column", "until", "by", "why"), rows, empty="Nothing is muted.")


def _render(found: list[Alert], told: dict[str, list[Delivery]]) -> str:
    rows = [
        (
            short(alert.id),
            minute(alert.since),
            alert.severity,
            alert.subject.name,
            alert_state(alert),
            " ".join(filter(None, (alert.sentence, alert.remedy if alert.is_open else "", _told(told[alert.id])))),
        )
        for alert in found
    ]
    return table(("id", "since", "severity", "about", "state", "what, and what to do"), rows, empty="Nothing is wrong.")


def _told(deliveries: list[Delivery]) -> str:
    words = told_words(deliveries)
    return f"({words})" if words else ""
