"""`mlops-tui alerts …`: what needs a person, and saying that one knows of it."""

from __future__ import annotations

from typing import Annotated

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, table
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.monitoring import query
from mlops_tui.monitoring.alert import Alert
from mlops_tui.presenters.alerts import alert_state
from mlops_tui.presenters.words import minute

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
    found = query.list_alerts(services().store.reader, with_ended=everything, limit=limit, offset=offset)
    emit([alert.shown() for alert in found], as_json=as_json, render=lambda: _render(found))


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
    emit(found.shown(), as_json=as_json, render=lambda: words)


def _render(found: list[Alert]) -> str:
    rows = [
        (
            short(alert.id),
            minute(alert.since),
            alert.severity,
            alert.subject.name,
            alert_state(alert),
            f"{alert.sentence} {alert.remedy if alert.is_open else ''}".strip(),
        )
        for alert in found
    ]
    return table(("id", "since", "severity", "about", "state", "what, and what to do"), rows, empty="Nothing is wrong.")
