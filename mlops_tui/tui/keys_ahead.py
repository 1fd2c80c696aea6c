"""Keys that are typed while a dialog is on its way: they are kept, and handed to the dialog once it is there."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import App
from textual.events import Event, Key
from textual.message import Message

AT_ONCE = frozenset({"ctrl+q"})
"""Keys that wait for no dialog."""


class KeysAhead(App[None]):
    """The part of the app that has a dialog get what was typed for it, and nothing that lies under it.

    Keys are handed on one by one, each once the one before has had its effect: a tab has moved the focus by then.
    """

    class KeyPassed(Message):
        """A key has been to the widget that it was handed to."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    _kept: list[Key] | None = None
    _handed: Key | None = None
    _is_waiting = False
    _is_there = False

    def push_screen(self, *given: Any, **named: Any) -> Any:
        """As Textual's: the dialog is the screen at once, and has its focus a little later. Keys wait until then."""
        self.keep_keys()
        pushed = super().push_screen(*given, **named)
        self.end_of_waiting()
        return pushed

    def keep_keys(self) -> None:
        """A dialog is on its way: from now on keys wait for it."""
        self._is_waiting = True
        if self._kept is None:
            self._kept = []

    def end_of_waiting(self) -> None:
        """The dialog is being opened, and gets the keys; where none is after all, they are for nobody."""
        if not self._is_waiting or self._is_there:
            return
        if len(self.screen_stack) > 1:
            self._is_there = True
            self.screen.call_after_refresh(self.call_later, self._begin_to_hand_on)  # its focus is asked for by then
        else:
            self._kept = self._handed = None
            self._is_waiting = False

    async def on_event(self, event: Event) -> None:
        """Keeps the keys that come while a dialog is awaited."""
        if self._kept is None or not isinstance(event, Key) or event.key in AT_ONCE:
            await super().on_event(event)
        elif event is not self._handed:
            self._kept.append(event)
            if self._handed is not None and len(self.screen_stack) == 1:  # the dialog is gone already
                await self._hand_on()
        else:
            is_back = event.is_forwarded
            await super().on_event(event)
            if is_back:
                await self._hand_on()

    async def _begin_to_hand_on(self) -> None:
        self._is_waiting = self._is_there = False
        await self._hand_on()

    async def _hand_on(self) -> None:
        """Hands on the next key that was kept, unless the one before has asked for another dialog; without one all goes on as
        ever."""
        if self._is_waiting:
            return
        if not self._kept:
            self._kept = self._handed = None
            return
        self._kept.sort(key=lambda key: key.time)  # those that bubble come later than those that do not yet
        first = self._kept.pop(0)
        self._handed = key = Key(first.key, first.character)
        target = self.focused or self.screen
        await self.on_event(key)
        if not target.post_message(self.KeyPassed(key)):  # it is gone by that key
            await self._hand_on()

    @on(KeyPassed)
    async def _key_passed(self, event: KeyPassed) -> None:
        """It follows its key from widget to widget: that one was stopped on the way, where it is not back yet."""
        if event.key is self._handed:
            await self._hand_on()
