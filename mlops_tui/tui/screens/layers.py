"""Stepping into layers that lie over a screen, and out of them again."""

from __future__ import annotations

from textual.widget import Widget

from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.screens.opened import OpensFromLists


class LayeredPane(OpensFromLists):
    """A screen over which layers may lie; class `-over` while there is one, of which the topmost has `-top`."""

    def __init__(self) -> None:
        super().__init__()
        self.over: list[Layer] = []
        self._came_from: list[Widget | None] = []

    @property
    def top(self) -> Layer | None:
        """The layer that is seen."""
        return self.over[-1] if self.over else None

    async def step_into(self, layer: Layer) -> None:
        """Puts a layer over what is seen; a layer of the same id gives way to it, with all that lay over that."""
        ids = [one.id for one in self.over]
        if layer.id in ids:
            place = ids.index(layer.id)
            gone, self.over = self.over[place:], self.over[:place]
            came_from, self._came_from = self._came_from[place], self._came_from[:place]
            for one in gone:
                await one.remove()
        else:
            came_from = self.app.focused
        self.over.append(layer)
        self._came_from.append(came_from)
        layer.can_focus = True
        await self.mount(layer)
        self._turn()
        if self.app.screen is self.screen:
            self.screen.set_focus(layer)  # at once: a key that follows is the layer's
        self.call_after_refresh(self._enter, layer)

    def _enter(self, layer: Layer) -> None:
        if layer is not self.top or not layer.is_attached:
            return  # it was stepped out of meanwhile
        layer.reload()
        self.hold_focus()
        self.app.refresh_footer()

    def step_out(self) -> None:
        """Takes the topmost layer away; the focus goes where it was before."""
        if not self.over:
            return
        gone, before = self.over.pop(), self._came_from.pop()
        self._turn()
        gone.remove()
        self.call_after_refresh(self._return, before)

    def _return(self, before: Widget | None) -> None:
        self.read_stale()
        if before is not None and before.is_attached and before.focusable and not isinstance(before, Layer):
            before.focus()
        else:
            self.hold_focus()

    def _turn(self) -> None:
        self.set_class(bool(self.over), "-over")
        for layer in self.over:
            layer.set_class(layer is self.top, "-top")

    @property
    def innermost(self) -> str:
        return f"#{self.top.id} {self.top.core}" if self.top is not None else self.FIRST

    @property
    def holder(self) -> Widget:
        return self.top or self

    @property
    def is_inside(self) -> bool:
        return self.top is not None

    def go_back(self) -> None:
        self.step_out()

    def copied(self) -> str | None:
        return self.top.copied() if self.top is not None else None
