"""A line of text that does its keys in the order in which they are typed."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import Input


class TypedLine(Input):
    """An input whose own keys, as ctrl+u, are done at once: Textual lets them wander up to the app first, and what is typed behind
    them in one go, by a macro or a paste, would come before them.
    """

    async def _on_key(self, event: Key) -> None:
        own = self._bindings.key_to_bindings.get(event.key)
        if own is None or event.is_printable:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await self.run_action(own[0].action)
