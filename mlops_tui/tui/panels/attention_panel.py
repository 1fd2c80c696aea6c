"""What needs attention: open alerts, what each is, since when, and what to do."""

from __future__ import annotations

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.alert import Alert
from mlops_tui.presenters.alerts import PERIODS, WHOLE, mute_command, muted_words
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.form import Field, Form, Values
from mlops_tui.tui.lists.alerts import AlertsSource
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table_panel import TablePanel


def _can_acknowledge(panel: AttentionPanel) -> str | None:
    if panel.alert is None:
        return "No alert is chosen."
    return panel.app.pane.why_no_writing() if panel.app.pane is not None else None


class AttentionPanel(TablePanel):
    """The open alerts that nobody has acknowledged."""

    TITLE = "Needs attention"
    TOPICS = frozenset({"alerts", "models"})
    AGES = True
    SCOPES = ("attention",)
    BINDINGS = REGISTRY.add(
        Action(
            "attention.mute",
            "Mute",
            "Hear no more of it for a while: of all of it, or of one column.",
            ("m",),
            _can_acknowledge,
            rank=12,
        ),
        Action(
            "attention.acknowledge",
            "Acknowledge",
            "Say that you know of the alert; it is pointed out no more.",
            ("a",),
            _can_acknowledge,
            rank=11,
        ),
    )

    def source(self) -> TableSource:
        self.alerts = AlertsSource()
        return self.alerts

    @property
    def alert(self) -> Alert | None:
        """The alert under the cursor."""
        row = self.table.row
        return self.alerts.known.get(row.id) if row is not None else None

    def empty_words(self) -> str:
        return "Nothing needs attention."

    def do_acknowledge(self) -> None:
        alert, services = self.alert, self.app.services
        if alert is None:
            return

        def answered(values: Values | None) -> None:
            if values is not None:
                self.app.in_background(lambda: services.alerts.acknowledge(alert.id, values["why"]))

        form = Form(
            f"Acknowledge the alert about {printable(alert.subject.name)}?",
            [Field("why", "Why", placeholder="may be left empty", help="Kept with the alert.")],
            "Acknowledge",
            words=f"{printable(alert.sentence)} It stays open until its cause is gone: {printable(alert.remedy)}",
            command=lambda values: f"mlops-tui alerts ack {alert.id[-6:]}",
        )
        self.app.push_screen(form, answered)

    def do_mute(self) -> None:
        alert, services = self.alert, self.app.services
        if alert is None:
            return

        def answered(values: Values | None) -> None:
            if values is not None:
                column = None if values.get("column", WHOLE) == WHOLE else values["column"]
                self.app.in_background(
                    lambda: services.alerts.mute(
                        alert.subject.id, column=column, until=PERIODS[values["until"]] or None, why=values["why"]
                    ),
                    lambda mute: self.app.notify(muted_words(mute), timeout=5, markup=False),
                )

        choices = (WHOLE, *alert.columns)
        form = Form(
            f"Mute alerts about {printable(alert.subject.name)}?",
            [
                *([Field("column", "What", WHOLE, choices=choices)] if alert.columns else []),
                Field("until", "For", next(iter(PERIODS)), choices=tuple(PERIODS)),
                Field("why", "Why", placeholder="may be left empty", help="Kept with it."),
            ],
            "Mute",
            words="What is found is still written down; it is pointed out nowhere until then.",
            command=lambda values: mute_command(alert, values),
        )
        self.app.push_screen(form, answered)
