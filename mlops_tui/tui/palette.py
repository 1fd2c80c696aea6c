"""The command palette: actions with their keys, themes, and every object by a part of its name or id."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from mlops_tui.core.ids import short
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.actions import REGISTRY, Action

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

LIMIT = 20


class Kind(NamedTuple):
    """A kind of object: its table, the column that names it, the screen that shows it, and which rows count."""

    word: str
    table: str
    name: str
    screen: str
    where: str = "1"


KINDS = (
    Kind("source", "source", "name", "data", "archived IS NULL"),
    Kind("study", "study", "name", "tune"),
    Kind("run", "run", "name", "runs", "archived IS NULL"),
    Kind("model", "model", "name", "models", "archived IS NULL"),
    Kind("job", "job", "title", "jobs"),
)


class Found(NamedTuple):
    """An object that fits what was typed."""

    kind: Kind
    id: str
    name: str


def find_objects(connection: sqlite3.Connection, text: str) -> list[Found]:
    """Objects whose name has the text in it, or whose id ends in it; at most 20 a kind, the newest first."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = []
    for kind in KINDS:
        rows = connection.execute(
            f'SELECT id, {kind.name} FROM "{kind.table}" WHERE {kind.where}'
            f" AND ({kind.name} LIKE ? ESCAPE '\\' OR id LIKE ? ESCAPE '\\') ORDER BY id DESC LIMIT {LIMIT}",
            (f"%{escaped}%", f"%{escaped}"),
        )
        found += [Found(kind, *row) for row in rows]
    return found


class ActionProvider(Provider):
    """Actions, those of this screen first."""

    @property
    def _app(self) -> MlopsApp:
        return self.app  # type: ignore[return-value]

    def _here(self) -> list[Action]:
        here = self._app.actions_here()
        known = {action.id for action in here}
        return here + [action for action in REGISTRY.all() if action.id not in known]

    def _line(self, action: Action) -> str:
        return f"{action.words}  [{action.scope}]" if action.scope != "everywhere" else action.words

    def _help(self, action: Action) -> str:
        reason = self._app.why_not(action)
        words = action.help if reason is None else f"{action.help} Not now: {reason}"
        return f"{action.key:<5} {words}" if action.key else words

    async def discover(self) -> Hits:
        for action in self._here():
            if self._app.why_not(action) is None and not action.id.startswith("move."):
                yield DiscoveryHit(self._line(action), self._doing(action), help=self._help(action))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._here():
            score = matcher.match(f"{self._line(action)} {action.id}")
            if score > 0:
                yield Hit(score, self._line(action), self._doing(action), help=self._help(action))

    def _doing(self, action: Action) -> Callable[[], Coroutine[Any, Any, None]]:
        async def do() -> None:
            await self._app.action_do(action.id)

        return do


class ObjectProvider(Provider):
    """Sources, studies, runs, models and jobs, found in the store."""

    async def search(self, query: str) -> Hits:
        app: MlopsApp = self.app  # type: ignore[assignment]
        store = app.services.store
        found = await asyncio.to_thread(lambda: find_objects(store.reader, query.strip()))
        matcher = self.matcher(query)
        for one in found:
            line = f"{one.kind.word}  {one_line(one.name)}  {short(one.id)}"
            yield Hit(0.5 + matcher.match(line) / 2, line, self._opening(one), help=f"Shows it on {one.kind.screen}.")

    def _opening(self, one: Found) -> Callable[[], Coroutine[Any, Any, None]]:
        async def open_it() -> None:
            app: MlopsApp = self.app  # type: ignore[assignment]
            pane = await app.go(one.kind.screen)
            pane.open_named(one.id)

        return open_it


class ThemeProvider(Provider):
    """Themes by name."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name in self.app.available_themes:
            score = matcher.match(f"Theme {name}")
            if score > 0:
                yield Hit(score * 0.9, f"Theme {name}", lambda name=name: setattr(self.app, "theme", name))


PROVIDERS: set[type[Provider] | Callable[[], type[Provider]]] = {ActionProvider, ObjectProvider, ThemeProvider}
