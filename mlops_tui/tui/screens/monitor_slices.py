"""A window of the monitor screen told apart by a column: asked for, made where it was not yet, and shown in layers."""

from __future__ import annotations

from textual import on

from mlops_tui.jobs.model import Job
from mlops_tui.monitoring.slice_query import slices_of
from mlops_tui.monitoring.slices import Asked
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import when_ended
from mlops_tui.tui.dialogs.slicing import SliceByScreen, columns_to_slice_by
from mlops_tui.tui.panels.monitor_panels import TimelinePanel
from mlops_tui.tui.panels.slices_panel import SliceColumnsPanel, SlicesPanel
from mlops_tui.tui.screens.layers import LayeredPane

BACK_FIRST = "esc leads back to the heat map first."


def _can_slice(pane: SlicedPane) -> str | None:
    if pane.over and not pane.is_sliced:
        return BACK_FIRST
    return None if pane.timeline.chunk is not None else "There is no window to be told apart: n compares one."


class SlicedPane(LayeredPane):
    """A screen whose window under the cursor is also told by slice."""

    BINDINGS = REGISTRY.add(
        Action(
            "monitor.slices",
            "Slices",
            "The window by the values of a column: which slices moved, and which columns moved in one of them alone.",
            ("s",),
            _can_slice,
            rank=25,
        ),
    )

    @property
    def is_sliced(self) -> bool:
        """Whether slices lie over the window that they are of."""
        return isinstance(self.top, SlicesPanel | SliceColumnsPanel)

    @property
    def timeline(self) -> TimelinePanel:
        """The panel with the matrix."""
        return self.query_one(TimelinePanel)

    def do_slices(self) -> None:
        """Asks for a column; what was told by it before is shown at once, else the job is started that tells it."""
        line, chunk, app = self.timeline.line, self.timeline.chunk, self.app
        if line is None or line.source is None or chunk is None:
            return
        source_id = line.source.id

        def answered(column: str | None) -> None:
            if column is None:
                return

            def show(told: tuple[str | None, str | None]) -> None:
                self.call_later(self._show_slices, chunk.current, column, *told)

            app.in_background(lambda: self._told_or_started(chunk.report_id, column), show)

        def ask(columns: dict[str, str]) -> None:
            if columns:
                app.push_screen(SliceByScreen(columns), answered)
            else:
                app.notify("No column has few enough values to slice by.", severity="warning", markup=False)

        app.ask_after(lambda: columns_to_slice_by(app.services.store.reader, source_id), ask)

    def _told_or_started(self, report_id: str, column: str) -> tuple[str | None, str | None]:
        """The id of what was told by slice, or of the job that will."""
        services = self.app.services
        found = slices_of(services.store.reader, report_id, Asked(column))
        return (found.id, None) if found is not None else (None, services.monitoring.start_slices(report_id, column))

    async def _show_slices(self, window: str, column: str, slices_id: str | None, job_id: str | None) -> None:
        panel = SlicesPanel(window, column)
        panel.job_id = job_id
        await self.step_into(panel)
        if slices_id is not None:
            panel.tell(slices_id)
        elif job_id is not None:
            when_ended(self.app, job_id, lambda job: self._tell_slices(panel, job))

    def _tell_slices(self, panel: SlicesPanel, job: Job) -> None:
        reports = (job.result or {}).get("reports", [])
        if panel.is_attached and reports:
            panel.tell(reports[0]["sliced"])

    @on(SlicesPanel.Chosen)
    async def _opened_slice(self, event: SlicesPanel.Chosen) -> None:
        await self.step_into(SliceColumnsPanel(event.report, event.one, event.whole))
