"""A screen: a pane of the frame that is mounted when it is first gone to, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.widget import Widget

from mlops_tui.tui.actions import Action
from mlops_tui.tui.panels.panel import LOADING, Panel

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp


class Pane(Container, can_focus=True):
    """What stands under the tabs. A pane holds the focus itself where nothing in it can."""

    came_from: str | None = None
    """The screen that what is shown was opened from; leaving it leads back there."""
    NAME: ClassVar[str] = ""
    SCOPES: ClassVar[tuple[str, ...]] = ()
    FIRST: ClassVar[str] = ""
    """CSS selector of what gets the focus when the screen is gone to."""

    app: MlopsApp

    def __init__(self) -> None:
        super().__init__(id=self.NAME, classes="pane")
        self._last_focus: Widget | None = None

    def on_resize(self) -> None:
        """What there was no room for may be in sight now."""
        self.call_after_refresh(self.read_stale)

    def read_stale(self) -> None:
        """What was hidden until now reads what it has missed."""
        for panel in self.query(Panel):
            if panel.is_stale and panel.is_attached:
                panel.reload()

    def arrive(self) -> None:
        """The screen was gone to: stale panels read, and the focus goes where it was."""
        self.read_stale()
        if self.app.is_asking:
            return  # the first screen comes when somebody may have begun to type
        target = self._last_focus
        if (target is None or not target.is_attached or not target.display) and self.FIRST:
            target = next((widget for widget in self.query(self.FIRST) if widget.focusable), None)
        (target or next((widget for widget in self.query("*") if widget.focusable), self)).focus()

    @property
    def innermost(self) -> str:
        """CSS selector of what has the focus in the layer that was stepped into last."""
        return self.FIRST

    @property
    def holder(self) -> Widget:
        """What has the focus as long as nothing in it can have it: its keys work, or say why they do not."""
        return self

    def hold_focus(self) -> None:
        """Takes the focus back where it was lost, since what had it was hidden while it was empty or loading."""
        if self.app.pane is not self or self.app.screen is not self.screen:
            return
        focused = self.app.focused
        if focused is None or focused in (self, self.holder) or not (_is_seen(focused) or _is_coming(focused)):
            parts = self.query(self.innermost) if self.innermost else ()
            next((widget for widget in parts if _is_seen(widget)), self.holder).focus()

    def leave(self) -> None:
        """Another screen was gone to."""
        focused = self.app.focused
        if focused is not None and self in focused.ancestors:
            self._last_focus = focused

    @property
    def is_inside(self) -> bool:
        """Whether there is a layer to step out of."""
        return False

    def go_back(self) -> None:
        """Steps one layer out."""

    def open_named(self, text: str) -> None:
        """Shows what `:screen text` asks for: a name, an id or a filter."""

    def rank_of(self, action: Action) -> int:
        """Where in the footer an action stands as things are; 0 keeps it out."""
        return action.rank

    def copied(self) -> str | None:
        """What `y` copies."""
        return None

    def why_no_writing(self) -> str | None:
        """Why nothing can be changed or started here; None where it can."""
        return "The workspace is open for looking only." if self.app.services.store.read_only else None


def _is_coming(widget: Widget) -> bool:
    """Whether the widget is hidden only until its panel has read for the first time: it keeps the focus, which is dear to move."""
    panel = next((node for node in widget.ancestors if isinstance(node, Panel)), None)
    return panel is not None and panel.has_class(LOADING) and _is_seen(panel)


def _is_seen(widget: Widget) -> bool:
    """Whether neither the widget nor anything that it lies in is hidden."""
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))
