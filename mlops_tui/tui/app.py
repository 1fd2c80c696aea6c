"""The app: one frame, a pane for each screen, and the registry that says what can be done. Thin by intent."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.notifications import Notify
from textual.screen import ModalScreen, Screen
from textual.widgets import ContentSwitcher

from mlops_tui.core.errors import MlopsError
from mlops_tui.plot.symbols import detect
from mlops_tui.tui.actions import EVERYWHERE, REGISTRY, Action, shown_key
from mlops_tui.tui.command import run_command
from mlops_tui.tui.everywhere import EVERYWHERE_BINDINGS, Everywhere
from mlops_tui.tui.palette import PROVIDERS
from mlops_tui.tui.panels.command_line import CommandLine
from mlops_tui.tui.panels.footer import KeyLine
from mlops_tui.tui.panels.header import HeaderFacts, StatusLine, Tabs
from mlops_tui.tui.screens import SCREENS, load, load_all
from mlops_tui.tui.screens.pane import Pane
from mlops_tui.tui.themes import MONO, THEMES

if TYPE_CHECKING:
    from mlops_tui.bootstrap import Services

FACTS_SECONDS, PRELOAD_SECONDS = 0.2, 0.5
"""How long what can wait leaves the processor to the first screen."""
SECONDS_A_SIGN = 0.05
"""How long a message is seen for each of its signs."""
STYLES_OF_PANES = ("styles/panels.tcss", "styles/screens.tcss")
"""What the empty frame needs not wait for."""


def run(services: Services) -> int:
    """Opens the screen on a workspace; returns the exit code."""
    gc.disable()  # until the frame stands: nearly all that is made before then stays
    app = MlopsApp(services)
    app.run(mouse=services.settings.mouse)
    return app.return_code or 0


class MlopsApp(Everywhere, inherit_bindings=False):
    """The whole life of a model in one terminal."""

    TITLE = "mlops-tui"
    CSS_PATH = "styles/frame.tcss"
    BINDINGS = EVERYWHERE_BINDINGS
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (32, "-high")]
    COMMANDS = PROVIDERS
    COMMAND_PALETTE_BINDING = "ctrl+backslash"  # a second way in; ctrl+p is an action of ours
    AUTO_FOCUS = ".dialog *"  # the frame has no focus until a pane takes it: a key pressed at once is no text
    ESCAPE_TO_MINIMIZE = False
    ALLOW_IN_MAXIMIZED_VIEW = "#keys, #command"
    NOTIFICATION_TIMEOUT = 5

    def __init__(self, services: Services) -> None:
        colourless = "NO_COLOR" in os.environ
        # Textual turns NO_COLOR into greys unless the app is one of the terminal's own colours from the start.
        super().__init__(ansi_color=True if colourless else None)
        self.services = services
        wish = services.settings.symbols
        self.symbols = detect(os.environ, sys.stdout.encoding) if wish == "auto" else wish
        self.plain = self.symbols == "ascii"
        for theme in THEMES:
            self.register_theme(theme)
        wanted = MONO.name if colourless else services.settings.theme
        self.theme = wanted if wanted in self.available_themes else THEMES[0].name
        self.stylesheet.set_variables(self.get_css_variables())
        self.pane: Pane | None = None
        self._asked_for: str | None = None
        self._going = asyncio.Lock()

    def compose(self) -> ComposeResult:
        store = self.services.store
        yield StatusLine(HeaderFacts(str(self.services.workspace.root), read_only=store.read_only), id="status")
        yield Tabs(SCREENS[0].name, id="tabs")
        yield ContentSwitcher(id="panes")
        yield KeyLine(id="keys")
        yield CommandLine(id="command")

    def on_mount(self) -> None:
        self.set_class(self.plain, "-plain")
        self.watch(self.screen, "focused", lambda _: self._focus_moved(), init=False)
        self.screen_change_signal.subscribe(self, self._screen_turned)
        self.start_upkeep()
        self.call_after_refresh(self._begin)

    def _screen_turned(self, screen: Screen[Any]) -> None:
        """A dialog is not covered by what was said before it."""
        if isinstance(screen, ModalScreen):
            self.clear_notifications()

    def _focus_moved(self) -> None:
        self.hold_maximised()
        self.refresh_footer()

    async def _begin(self) -> None:
        """What waits until the empty frame stands; a key may have been faster."""
        if self._asked_for is None:
            await self.go(SCREENS[0].name)
        self.read_facts(after=FACTS_SECONDS)
        self.set_timer(PRELOAD_SECONDS, self._preload)

    def refresh_css(self, animate: bool = True) -> None:
        """The theme is set before the styles are read: there is nothing to read again before the frame stands."""
        if self.screen_stack:
            super().refresh_css(animate)

    def _preload(self) -> None:
        load_all()
        gc.collect()
        gc.freeze()  # the frame stays for good: later collections need not walk it
        gc.enable()

    # ── screens ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def go(self, name: str) -> Pane:
        """Goes to a screen; it is mounted the first time, and kept. Where several are asked for, in that order."""
        self._asked_for = name
        async with self._going:
            panes = self.frame.query_one("#panes", ContentSwitcher)
            if self.pane is not None:
                self.pane.leave()
                self.frame.minimize()
            else:
                self._read_styles_of_panes()
            found = next((pane for pane in panes.query_children(Pane) if pane.id == name), None)
            pane = found or load(name)()
            if found is None:
                await panes.add_content(pane)
            panes.current = name
            self.pane = pane
            self.frame.query_one("#tabs", Tabs).turn(name)
            pane.arrive()
            self.refresh_footer()
        return pane

    @property
    def is_asking(self) -> bool:
        """Whether the command line is being typed into."""
        return self.frame.query_one("#command", CommandLine).display

    def _read_styles_of_panes(self) -> None:
        for path in STYLES_OF_PANES:
            self.stylesheet.read(Path(__file__).parent / path)
        self.stylesheet.parse()  # else the pane itself is still styled by the rules of before

    @on(Tabs.Chosen)
    async def _tab_chosen(self, event: Tabs.Chosen) -> None:
        await self.go(event.name)

    # ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def targets(self) -> dict[str, Any]:
        """What would carry out the actions of each scope now, nearest scope first."""
        found: dict[str, Any] = {}
        focused = self.frame.focused
        chain: Iterable[Any] = focused.ancestors_with_self if focused is not None else ()
        for widget in (*chain, *([self.pane] if self.pane is not None else [])):
            for scope in getattr(widget, "SCOPES", ()):
                found.setdefault(scope, widget)
        found[EVERYWHERE] = self
        return found

    def actions_here(self) -> list[Action]:
        """Every action of the scopes that have a say now, enabled or not."""
        targets = self.targets()
        return [action.as_now(targets[action.scope]) for action in REGISTRY.of(targets)]

    def why_not(self, action: Action) -> str | None:
        """None where the action can be done now, else the reason."""
        target = self.targets().get(action.scope)
        return action.enabled(target) if target is not None else f"That works on the {action.scope} screen."

    async def action_do(self, action_id: str) -> None:
        """Does an action, or says why it cannot be done."""
        action = REGISTRY[action_id]
        reason = self.why_not(action)
        if reason is not None:
            self._say_why_not(reason)
            return
        target = self.targets()[action.scope]
        if action_id.startswith("everywhere.go_"):
            await self.go(action_id.removeprefix("everywhere.go_"))
            return
        try:
            done = getattr(target, action.method)()
            if done is not None:
                await done
        except MlopsError as error:
            self.complain(error)
        self.refresh_footer()

    def _say_why_not(self, reason: str) -> None:
        """For as long as it takes to read."""
        self.notify(reason, severity="warning", timeout=max(2.0, len(reason) * SECONDS_A_SIGN), markup=False)

    def on_notify(self, event: Notify) -> None:
        """What is in sight is not said again; Textual's own handler shows the rest."""
        new = event.notification
        if new.severity == "warning" and any(told.message == new.message for told in self._notifications):
            event.prevent_default()

    def refresh_footer(self) -> None:
        """Shows the keys of the moment."""
        keys = next(iter(self.frame.query("#keys").results(KeyLine)), None)
        if keys is not None:
            rank = self.pane.rank_of if self.pane is not None else lambda action: action.rank
            here = [replace(one, rank=rank(one), keys=self._untyped(one)) for one in self.actions_here()]
            keys.tell([action for action in here if action.rank and action.keys and self.why_not(action) is None])

    def _untyped(self, action: Action) -> tuple[str, ...]:
        """The action's keys without those that what has the focus takes as text."""
        focused = self.frame.focused
        if focused is None:
            return action.keys
        shown = ((key, shown_key(key)) for key in action.keys)
        return tuple(key for key, sign in shown if len(sign) > 1 or not focused.check_consume_key(key, sign))

    # ── the lines that are typed into ────────────────────────────────────────────────────────────────────────────────

    @on(CommandLine.Given)
    async def _command_given(self, event: CommandLine.Given) -> None:
        await run_command(self, event.command)

    @on(CommandLine.Left)
    def _command_left(self) -> None:
        if self.pane is not None:
            self.pane.arrive()
