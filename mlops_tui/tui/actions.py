"""The one registry of what can be done: keys, footer, `?`, palette and command line all read it.

An action is one record. Its `id` is `scope.verb`; the widget that has the scope among its `SCOPES` carries it out in a
method `do_verb`. The scope `everywhere` belongs to the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from textual.binding import Binding, BindingType

EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    `keys` are Textual's names; the first is the one shown. `enabled` is asked with the widget that would do it and
    answers None, or the reason why it cannot be done now. `rank` orders the footer, 0 keeps an action out of it; `brief`
    are its words there where the terminal is narrow.
    `words_now` answers with the words of the moment where a key does one thing or its opposite.
    """

    id: str
    words: str
    help: str
    keys: tuple[str, ...]
    enabled: Callable[[Any], str | None] = lambda target: None
    undoable: bool = False
    rank: int = 50
    priority: bool = False
    words_now: Callable[[Any], str] | None = None
    brief: str = ""

    def as_now(self, target: Any) -> Action:
        """The action with the words that hold for what would do it."""
        return self if self.words_now is None else replace(self, words=self.words_now(target))

    @property
    def scope(self) -> str:
        """Where it applies: a screen's name, a kind of panel, or everywhere."""
        return self.id.partition(".")[0]

    @property
    def method(self) -> str:
        """The method that does it."""
        return f"do_{self.id.partition('.')[2]}"

    @property
    def key(self) -> str:
        """The first key as a person reads it; empty where there is none."""
        return shown_key(self.keys[0]) if self.keys else ""


KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "number_sign": "#",
    "shift+tab": "⇧tab",
}


def shown_key(key: str) -> str:
    """A key as a person reads it."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+")
    return KEY_NAMES.get(key, key)


class Registry:
    """All actions, in the order in which they were made known."""

    def __init__(self) -> None:
        self._actions: dict[str, Action] = {}

    def add(self, *actions: Action) -> list[BindingType]:
        """Makes actions known and returns the key bindings for the widget that does them."""
        for action in actions:
            if action.id in self._actions:
                raise ValueError(f"two actions are called {action.id}")
            self._actions[action.id] = action
        return [
            Binding(",".join(action.keys), f"app.do('{action.id}')", action.words, show=False, priority=action.priority)
            for action in actions
            if action.keys
        ]

    def __getitem__(self, action_id: str) -> Action:
        return self._actions[action_id]

    def of(self, scopes: Iterable[str]) -> list[Action]:
        """The actions of those scopes, nearest scope first."""
        return [action for scope in scopes for action in self._actions.values() if action.scope == scope]

    def all(self) -> list[Action]:
        """Every action."""
        return list(self._actions.values())


REGISTRY = Registry()
